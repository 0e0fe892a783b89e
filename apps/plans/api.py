"""/v1/plans"""

from typing import Any

from django.conf import settings
from django_filters import rest_framework as filters
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.kernel import clock
from apps.kernel.currencies import CURRENCIES
from apps.kernel.periods import Unit
from apps.plans import actions, queries
from apps.plans.models import Plan
from apps.plans.objects import PlanObject, plan_objects
from apps.plans.rules import MAX_INTERVAL_COUNT, MAX_TRIAL_DAYS, TaxBehavior, TrialUsage
from apps.rest import inputs
from apps.rest.filters import MetadataFilterMixin, ResourceFilterSet
from apps.rest.viewsets import ResourceViewSet, operation


class PricesField(serializers.Field[dict[str, int], Any, Any, Any]):
    """An object: currency -> minor units."""

    def to_internal_value(self, data: Any) -> dict[str, int]:
        """The price list; every bad entry is a fault of its own."""
        if not isinstance(data, dict) or not data:
            raise serializers.ValidationError('Expected an object such as {"USD": 4900}.', code="wrong_type")
        faults: dict[str, Any] = {}
        for currency, amount in data.items():
            try:
                if currency not in CURRENCIES:
                    raise serializers.ValidationError(
                        "Not a currency of ISO 4217; use a code such as USD, EUR or JPY.", code="currency_unknown"
                    )
                inputs.AmountField(min_value=0).run_validation(amount)
            except serializers.ValidationError as error:
                faults[currency] = error.detail
        if faults:
            raise serializers.ValidationError(faults)
        return dict(data)


class PlanChange(inputs.Input):
    """What PATCH takes: terms, prices and the rest."""

    name = inputs.CharField(max_length=255)
    interval = inputs.ChoiceField(choices=[unit.value for unit in Unit])
    interval_count = inputs.IntegerField(min_value=1, required=False)
    trial_days = inputs.IntegerField(min_value=0, max_value=MAX_TRIAL_DAYS, required=False)
    trial_usage = inputs.ChoiceField(choices=[usage.value for usage in TrialUsage], required=False)
    prices = PricesField(required=False)
    amount = inputs.AmountField(min_value=0, required=False)
    currency = inputs.CurrencyField(required=False)
    tax_behavior = inputs.ChoiceField(choices=[behavior.value for behavior in TaxBehavior], required=False)
    tax_code = inputs.CharField(max_length=64, required=False)
    features = inputs.MetadataField()
    active = inputs.BooleanField(required=False)
    metadata = inputs.MetadataField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """`amount` and `currency` stand for a price list of one; the longest interval is ten years."""
        faults: dict[str, Any] = {}
        amount, currency = attrs.pop("amount", None), attrs.pop("currency", None)
        if amount is not None and "prices" in attrs:
            faults["amount"] = [serializers.ErrorDetail("Give either prices or amount and currency.", "ambiguous")]
        elif amount is not None:
            attrs["prices"] = {currency or settings.BILLING_CURRENCY: amount}
        elif currency is not None:
            faults["currency"] = [serializers.ErrorDetail("A currency needs an amount.", "required")]
        if not self.partial and "prices" not in attrs:
            faults["prices"] = [serializers.ErrorDetail("Give prices, or amount and currency.", "required")]
        longest = MAX_INTERVAL_COUNT.get(attrs.get("interval", ""), max(MAX_INTERVAL_COUNT.values()))
        if attrs.get("interval_count", 1) > longest:
            faults["interval_count"] = [serializers.ErrorDetail(f"At most {longest}.", "max_value")]
        if faults:
            raise serializers.ValidationError(faults)
        return attrs


class PlanInput(PlanChange):
    """What POST takes."""

    key = inputs.ExternalKeyField()


class PlanFilter(MetadataFilterMixin, ResourceFilterSet):
    key = filters.CharFilter()
    active = filters.BooleanFilter()

    class Meta:
        model = Plan
        fields: list[str] = []


class PlanViewSet(ResourceViewSet):
    """Plans: a recurring price per currency. A price change makes a new version; subscriptions stay on theirs."""

    resource = "plans"
    queryset = queries.plans()
    object_class = PlanObject
    filterset_class = PlanFilter

    def render(self, rows: Any) -> list[PlanObject]:
        return plan_objects(rows)

    @operation(input=PlanInput, output=PlanObject, status=201)
    def create(self, request: Request) -> Response:
        """Create a plan from one document; every problem in it is reported at once."""
        return self.created(actions.create(fields=self.parse(PlanInput), at=clock.wall(), actor=self.actor))

    @operation(input=PlanChange, output=PlanObject)
    def partial_update(self, request: Request, **kwargs: Any) -> Response:
        """Change a plan; new terms or prices make a new version."""
        plan = actions.update(
            plan_id=self.path_id(),
            changes=self.parse(PlanChange),
            expected_version=self.expected_version(),
            at=clock.wall(),
            actor=self.actor,
        )
        return self.ok(plan)
