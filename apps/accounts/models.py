"""The Account: one payer, one currency for ever, one time zone to count days in."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper

from apps.accounts.rules import InvoiceGrouping, OverdueStatus
from apps.clocks.models import TestClock
from apps.kernel.currencies import CURRENCIES
from apps.kernel.fields import CurrencyField, MetadataField
from apps.kernel.models import MutableRecord

EXTERNAL_KEY_UNIQUE = "accounts_account_external_key"


class Account(MutableRecord):
    """One who is billed. E-mail is not unique; `external_key`, the caller's own id, is."""

    external_key = models.CharField(max_length=255, null=True, blank=True)  # noqa: DJ001 - null is "none given"
    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=255)
    currency = CurrencyField()
    timezone = models.CharField(max_length=64)
    locale = models.CharField(max_length=35)
    country = models.CharField(max_length=2)
    address = models.JSONField(default=dict, blank=True)
    tax_exempt = models.BooleanField(default=False)
    tax_id = models.CharField(max_length=64, blank=True)
    net_terms_days = models.PositiveSmallIntegerField(null=True, blank=True)
    invoice_grouping = models.CharField(
        max_length=12,
        choices=[(grouping.value, grouping.value) for grouping in InvoiceGrouping],
        default=InvoiceGrouping.SUBSCRIPTION,
    )
    purchase_order = models.CharField(max_length=255, blank=True)
    buyer_reference = models.CharField(max_length=255, blank=True)
    overdue_status = models.CharField(
        max_length=8, choices=[(status.value, status.value) for status in OverdueStatus], default=OverdueStatus.CURRENT
    )
    dispute_hold = models.BooleanField(default=False)
    test_clock = models.ForeignKey(TestClock, null=True, blank=True, on_delete=models.PROTECT, related_name="accounts")
    metadata = MetadataField()
    deleted_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Since when nothing is sold to it; its documents stay."
    )

    class Meta(MutableRecord.Meta):
        indexes = [
            # As `iexact` asks: an address is the same however it is capitalised.
            models.Index(Upper("email"), name="accounts_account_email"),
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="accounts_account_name"),
            models.Index(fields=["currency", "id"], name="accounts_account_currency"),
            # Few are behind with paying, and they are what is looked for.
            models.Index(
                fields=["overdue_status", "id"],
                condition=Q(overdue_status__in=[OverdueStatus.WARNING.value, OverdueStatus.BLOCKED.value]),
                name="accounts_account_behind",
            ),
            GinIndex(fields=["metadata"], name="accounts_account_metadata", opclasses=["jsonb_path_ops"]),
            models.Index(fields=["external_key"], name="accounts_account_of_key"),
            models.Index(fields=["-id"], condition=Q(deleted_at__isnull=False), name="accounts_account_deleted"),
        ]
        constraints = [
            # Who comes anew may have the key of one who left.
            models.UniqueConstraint(
                fields=["external_key"], condition=Q(deleted_at__isnull=True), name=EXTERNAL_KEY_UNIQUE
            ),
            models.CheckConstraint(
                condition=Q(currency__in=sorted(CURRENCIES)), name="accounts_account_currency_known"
            ),
            models.CheckConstraint(
                condition=Q(overdue_status__in=[status.value for status in OverdueStatus]),
                name="accounts_account_overdue_status",
            ),
            models.CheckConstraint(
                condition=Q(invoice_grouping__in=[grouping.value for grouping in InvoiceGrouping]),
                name="accounts_account_invoice_grouping",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>"
