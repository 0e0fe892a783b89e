"""Plan, its versions, prices and charges. A version and what is in it never change: a new price is a new version."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from apps.kernel.currencies import CURRENCIES
from apps.kernel.fields import AmountField, CurrencyField, MetadataField
from apps.kernel.models import MutableRecord, Record
from apps.kernel.money import MAX_AMOUNT
from apps.kernel.periods import Interval, Unit
from apps.plans.rules import MAX_TRIAL_DAYS, Aggregation, CapBehavior, ChargeModel, TaxBehavior, TrialUsage
from apps.plans.rules.charges import KEY_LENGTH
from apps.plans.rules.filters import METRIC_LENGTH

KEY_UNIQUE = "plans_plan_key"


class Plan(MutableRecord):
    """What customers subscribe to. Subscriptions stay on the version they were made with."""

    key = models.CharField(max_length=255)
    name = models.CharField(max_length=255)
    active = models.BooleanField(default=True)
    current_version = models.PositiveIntegerField(default=1)
    metadata = MetadataField()

    class Meta(MutableRecord.Meta):
        indexes = [GinIndex(fields=["metadata"], name="plans_plan_metadata", opclasses=["jsonb_path_ops"])]
        constraints = [models.UniqueConstraint(fields=["key"], name=KEY_UNIQUE)]

    def __str__(self) -> str:
        return self.name


class PlanVersion(Record):
    """The terms of a plan from one change to the next. Append only."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField()
    interval = models.CharField(max_length=5, choices=[(unit.value, unit.value) for unit in Unit])
    interval_count = models.PositiveSmallIntegerField(default=1)
    trial_days = models.PositiveSmallIntegerField(default=0)
    trial_usage = models.CharField(
        max_length=4, choices=[(usage.value, usage.value) for usage in TrialUsage], default=TrialUsage.FREE
    )
    tax_behavior = models.CharField(
        max_length=9,
        choices=[(behavior.value, behavior.value) for behavior in TaxBehavior],
        default=TaxBehavior.EXCLUSIVE,
    )
    tax_code = models.CharField(max_length=64, default="standard")
    features = models.JSONField(default=dict, blank=True)
    commitment = models.JSONField(default=dict, db_default={}, blank=True)

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(fields=["plan", "version"], name="plans_version_unique"),
            models.CheckConstraint(condition=Q(interval_count__gte=1), name="plans_version_interval_count"),
            models.CheckConstraint(
                condition=Q(interval__in=[unit.value for unit in Unit]), name="plans_version_interval"
            ),
            models.CheckConstraint(condition=Q(trial_days__lte=MAX_TRIAL_DAYS), name="plans_version_trial_days"),
            models.CheckConstraint(
                condition=Q(trial_usage__in=[usage.value for usage in TrialUsage]), name="plans_version_trial_usage"
            ),
            models.CheckConstraint(
                condition=Q(tax_behavior__in=[behavior.value for behavior in TaxBehavior]),
                name="plans_version_tax_behavior",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} v{self.version}"

    @property
    def recurrence(self) -> Interval:
        """The billing interval as the calendar arithmetic takes it."""
        return Interval(Unit(self.interval), self.interval_count)


class Price(Record):
    """The recurring price of a version in one currency, in minor units per interval and unit of quantity. Append only.

    Prices are written before their version: PostgreSQL refuses one that comes after it.
    """

    plan_version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="prices")
    currency = CurrencyField()
    amount = AmountField()

    class Meta(Record.Meta):
        ordering = ("currency",)
        constraints = [
            models.UniqueConstraint(fields=["plan_version", "currency"], name="plans_price_unique"),
            models.CheckConstraint(condition=Q(amount__gte=0, amount__lte=MAX_AMOUNT), name="plans_price_bounds"),
            models.CheckConstraint(condition=Q(currency__in=sorted(CURRENCIES)), name="plans_price_currency_known"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


class Charge(Record):
    """A metered charge of a version. Append only, and written before its version, as prices are.

    `prices`: currency -> tiers, fees and bounds in the form that `rules.checked` gives; decimals are strings.
    """

    plan_version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="charges")
    position = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=KEY_LENGTH)
    metric = models.CharField(max_length=METRIC_LENGTH)
    aggregation = models.CharField(max_length=12, choices=[(each.value, each.value) for each in Aggregation])
    unique_by = models.CharField(max_length=METRIC_LENGTH, null=True)  # noqa: DJ001 - null is "none given"
    filter = models.JSONField(default=dict, blank=True)
    group_by = models.JSONField(default=list, blank=True)
    model = models.CharField(max_length=20, choices=[(each.value, each.value) for each in ChargeModel])
    package_size = models.DecimalField(max_digits=28, decimal_places=12, null=True)
    cap = models.DecimalField(max_digits=28, decimal_places=12, null=True)
    cap_behavior = models.CharField(
        max_length=6, choices=[(each.value, each.value) for each in CapBehavior], default=CapBehavior.BILL
    )
    thresholds = models.JSONField(default=list, db_default=[], blank=True)
    prices = models.JSONField()

    class Meta(Record.Meta):
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(fields=["plan_version", "key"], name="plans_charge_key"),
            models.UniqueConstraint(fields=["plan_version", "position"], name="plans_charge_position"),
            models.CheckConstraint(
                condition=Q(aggregation__in=[each.value for each in Aggregation]), name="plans_charge_aggregation"
            ),
            models.CheckConstraint(
                condition=Q(model__in=[each.value for each in ChargeModel]), name="plans_charge_model"
            ),
            models.CheckConstraint(
                condition=Q(cap_behavior="bill") | Q(cap_behavior="reject", cap__isnull=False), name="plans_charge_cap"
            ),
            models.CheckConstraint(
                condition=(Q(package_size=None) | Q(package_size__gt=0)) & (Q(cap=None) | Q(cap__gt=0)),
                name="plans_charge_positive",
            ),
            models.CheckConstraint(condition=~Q(key="recurring"), name="plans_charge_not_recurring"),
            models.CheckConstraint(
                condition=Q(unique_by=None) | Q(aggregation=Aggregation.UNIQUE_COUNT.value),
                name="plans_charge_unique_by",
            ),
        ]
        indexes = [
            models.Index(fields=["plan_version"], condition=~Q(thresholds=[]), name="plans_charge_with_thresholds"),
        ]

    def __str__(self) -> str:
        return self.key
