"""Credits given and what became of them. What remains is never stored: it is the amount less the uses.

PostgreSQL refuses uses beyond a grant's amount, whoever writes them, and two at once take turns.
"""

from django.db import models
from django.db.models import Q

from apps.accounts.models import Account
from apps.credits.rules import Source, UseKind
from apps.kernel.currencies import CURRENCIES
from apps.kernel.fields import AmountField, CurrencyField, MetadataField
from apps.kernel.models import Record
from apps.kernel.money import MAX_AMOUNT


class Grant(Record):
    """Money in an account's favour; the API calls it a credit. `at` and `expires_at` are the account's time.

    `sweep_at` is the one column that changes: when it is to expire, and null once there is nothing more to do.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="grants", db_index=False)
    amount = AmountField()
    currency = CurrencyField()
    reason = models.CharField(max_length=500)
    source = models.CharField(max_length=12, choices=[(source.value, source.value) for source in Source])
    source_id = models.UUIDField(null=True)
    expires_at = models.DateTimeField(null=True)
    sweep_at = models.DateTimeField(null=True, editable=False)
    at = models.DateTimeField()
    actor = models.CharField(max_length=255)
    metadata = MetadataField()

    class Meta(Record.Meta):
        verbose_name = "credit"
        indexes = [
            models.Index(fields=["account", "id"], name="credits_grant_account"),
            models.Index(fields=["sweep_at"], condition=Q(sweep_at__isnull=False), name="credits_grant_sweep"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "source_id"], condition=Q(source_id__isnull=False), name="credits_grant_once"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0, amount__lte=MAX_AMOUNT), name="credits_grant_amount"),
            models.CheckConstraint(
                condition=Q(source__in=[source.value for source in Source]), name="credits_grant_source_known"
            ),
            models.CheckConstraint(
                condition=Q(source=Source.GOODWILL, source_id__isnull=True)
                | (~Q(source=Source.GOODWILL) & Q(source_id__isnull=False)),
                name="credits_grant_source_named",
            ),
            models.CheckConstraint(condition=Q(currency__in=sorted(CURRENCIES)), name="credits_grant_currency_known"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} ({self.source})"


class Use(Record):
    """A part of a credit that went to an invoice, came back from one (below zero), expired or was taken back."""

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="uses", db_index=False)
    kind = models.CharField(max_length=7, choices=[(kind.value, kind.value) for kind in UseKind])
    invoice_id = models.UUIDField(null=True)
    amount = AmountField()
    at = models.DateTimeField()

    class Meta(Record.Meta):
        indexes = [
            models.Index(fields=["grant"], include=["amount"], name="credits_use_grant"),
            models.Index(fields=["invoice_id"], condition=Q(invoice_id__isnull=False), name="credits_use_invoice"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["grant", "invoice_id"], condition=Q(kind=UseKind.INVOICE), name="credits_use_once"
            ),
            models.CheckConstraint(
                condition=Q(kind=UseKind.RETURN, amount__lt=0) | (~Q(kind=UseKind.RETURN) & Q(amount__gt=0)),
                name="credits_use_amount",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[UseKind.INVOICE, UseKind.RETURN], invoice_id__isnull=False)
                | Q(kind__in=[UseKind.EXPIRY, UseKind.VOID], invoice_id__isnull=True),
                name="credits_use_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"
