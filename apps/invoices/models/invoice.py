"""The invoice, its lines and taxes, the series its number comes from, and what settled it.

Everything final is kept final by triggers in the migration, whoever asks: an invoice that is not DRAFT, its lines and
tax lines, and every settlement.
"""

from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import Q

from apps.accounts.models import Account
from apps.invoices.rules import GIVEN_BACK, Kind, LineKind, SettlementKind, Status
from apps.kernel import clock
from apps.kernel.currencies import CURRENCIES
from apps.kernel.fields import AmountField, CurrencyField, MetadataField
from apps.kernel.ids import uuid7
from apps.kernel.models import MutableRecord
from apps.kernel.money import MAX_AMOUNT


class Invoice(MutableRecord):
    """What an account owes. Balance is never stored: it is total less the settlements."""

    number = models.CharField(max_length=40, null=True, editable=False)  # noqa: DJ001 - null is "a draft", and unique
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="invoices", db_index=False)
    subscription_id = models.UUIDField(null=True)
    kind = models.CharField(max_length=12, choices=[(kind.value, kind.value) for kind in Kind])
    status = models.CharField(
        max_length=5, choices=[(status.value, status.value) for status in Status], default=Status.DRAFT
    )
    currency = CurrencyField()
    subtotal = AmountField()
    discount = AmountField(default=0)
    tax = AmountField(default=0)
    total = AmountField()
    issue_date = models.DateField(null=True)
    due_date = models.DateField(null=True)
    paid_at = models.DateTimeField(null=True)
    voided_at = models.DateTimeField(null=True)
    void_reason = models.CharField(max_length=255, blank=True, default="")
    replaces = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="replacements", db_index=False
    )
    requires_review = models.BooleanField(default=False)
    # Set by trigger: which transaction made it final, so that none but that one's own lines are on it.
    sealed_by = models.BigIntegerField(null=True, editable=False)
    bill_to = models.JSONField(default=dict)
    metadata = MetadataField()

    class Meta(MutableRecord.Meta):
        indexes = [
            models.Index(fields=["account", "-id"], name="invoices_invoice_account"),
            models.Index(fields=["status", "-id"], name="invoices_invoice_status"),
            models.Index(fields=["due_date"], name="invoices_invoice_due"),
            models.Index(fields=["currency", "-id"], name="invoices_invoice_currency"),
            # What an account owes, without reading what it has paid.
            models.Index(
                fields=["account", "id"],
                include=["total", "currency"],
                condition=Q(status=Status.OPEN),
                name="invoices_invoice_owed",
            ),
            # What is owed is listed newest first and summed, without reading the invoices that are not looked for.
            models.Index(
                fields=["-id", "currency", "due_date"],
                include=["total", "account"],
                condition=Q(status=Status.OPEN),
                name="invoices_invoice_open",
            ),
            models.Index(fields=["replaces"], condition=Q(replaces__isnull=False), name="invoices_invoice_replaces"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["number"], name="invoices_invoice_number"),
            models.CheckConstraint(
                condition=Q(total=models.F("subtotal") - models.F("discount") + models.F("tax")),
                name="invoices_invoice_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(total__gte=0, total__lte=MAX_AMOUNT, subtotal__gte=-MAX_AMOUNT, subtotal__lte=MAX_AMOUNT),
                name="invoices_invoice_bounded",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.DRAFT, number__isnull=True)
                | Q(status=Status.VOID)
                | Q(
                    status__in=[Status.OPEN, Status.PAID],
                    number__isnull=False,
                    issue_date__isnull=False,
                    due_date__isnull=False,
                ),
                name="invoices_invoice_numbered",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.PAID, paid_at__isnull=False) | ~Q(status=Status.PAID),
                name="invoices_invoice_paid_at",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.VOID, voided_at__isnull=False) | ~Q(status=Status.VOID),
                name="invoices_invoice_voided_at",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in Kind]), name="invoices_invoice_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(currency__in=sorted(CURRENCIES)), name="invoices_invoice_currency_known"
            ),
        ]

    def __str__(self) -> str:
        return self.number or f"draft {self.pk}"


class Line(models.Model):
    """One charge or credit, net. `service_days` are local dates, `period_start` and `period_end` their instants."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="lines", db_index=False)
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=18, choices=[(kind.value, kind.value) for kind in LineKind])
    subscription_id = models.UUIDField(null=True)
    plan_version = models.PositiveIntegerField(null=True)
    description = models.CharField(max_length=500)
    service_days = DateRangeField(null=True)
    period_start = models.DateTimeField(null=True)
    period_end = models.DateTimeField(null=True)
    quantity = models.DecimalField(max_digits=30, decimal_places=12)
    unit_amount = models.DecimalField(max_digits=30, decimal_places=12, null=True)
    amount = AmountField()
    discount_amount = AmountField(default=0)
    tax_behavior = models.CharField(max_length=9)
    tax_jurisdiction = models.CharField(max_length=12, blank=True)
    tax_name = models.CharField(max_length=64, blank=True)
    tax_category = models.CharField(max_length=64)
    tax_rate = models.DecimalField(max_digits=7, decimal_places=4)
    tax_reason = models.CharField(max_length=32, blank=True)
    tax_amount = AmountField(default=0)
    breakdown = models.JSONField(null=True)
    source = models.JSONField(default=dict)

    class Meta:
        ordering = ("position",)
        indexes = [
            models.Index(
                fields=["subscription_id"],
                condition=Q(subscription_id__isnull=False),
                name="invoices_line_subscription",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["invoice", "position"], name="invoices_line_position"),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in LineKind]), name="invoices_line_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=-MAX_AMOUNT, amount__lte=MAX_AMOUNT), name="invoices_line_bounded"
            ),
        ]

    def __str__(self) -> str:
        return self.description


class TaxLine(models.Model):
    """One row of an invoice's tax breakdown."""

    id = models.BigAutoField(primary_key=True)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="tax_lines", db_index=False)
    position = models.PositiveSmallIntegerField()
    jurisdiction = models.CharField(max_length=12, blank=True)
    name = models.CharField(max_length=64, blank=True)
    category = models.CharField(max_length=64)
    rate = models.DecimalField(max_digits=7, decimal_places=4)
    taxable_amount = AmountField()
    amount = AmountField()
    reason = models.CharField(max_length=32, blank=True)

    class Meta:
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(fields=["invoice", "position"], name="invoices_taxline_position"),
        ]

    def __str__(self) -> str:
        return f"{self.jurisdiction} {self.rate} %"


class NumberSeries(models.Model):
    """The last number given out in a series (prefix and year). Taken last in a transaction, so no gap can stay."""

    series = models.CharField(max_length=32, primary_key=True)
    last = models.PositiveBigIntegerField()

    class Meta:
        verbose_name_plural = "number series"

    def __str__(self) -> str:
        return f"{self.series}: {self.last}"


class Settlement(models.Model):
    """What moved a balance: balance = total - sum of amounts. `excess` is what the invoice could not take."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="settlements", db_index=False)
    kind = models.CharField(max_length=24, choices=[(kind.value, kind.value) for kind in SettlementKind])
    source_id = models.UUIDField()
    amount = AmountField()
    excess = AmountField(default=0)
    at = models.DateTimeField()
    created_at = models.DateTimeField(default=clock.wall, editable=False)

    class Meta:
        ordering = ("id",)
        indexes = [models.Index(fields=["invoice"], include=["kind", "amount"], name="invoices_settlement_invoice")]
        constraints = [
            models.UniqueConstraint(fields=["kind", "source_id"], name="invoices_settlement_once"),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in SettlementKind]), name="invoices_settlement_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in GIVEN_BACK], amount__lte=0)
                | (~Q(kind__in=[kind.value for kind in GIVEN_BACK]) & Q(amount__gte=0)),
                name="invoices_settlement_sign",
            ),
            models.CheckConstraint(condition=Q(excess__gte=0), name="invoices_settlement_excess"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"
