"""Coupons, what they are attached to, and their uses. What is left of one is never stored: it is summed from uses."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from apps.accounts.models import Account
from apps.coupons.rules import HUNDRED, Duration
from apps.kernel.currencies import CURRENCIES
from apps.kernel.fields import AmountField, MetadataField
from apps.kernel.models import MutableRecord, Record
from apps.kernel.money import MAX_AMOUNT

CODE_UNIQUE = "coupons_coupon_code"


class Coupon(MutableRecord):
    """So many percent, or an amount of one currency, off the charges of some plans (none named: of all)."""

    code = models.CharField(max_length=255)
    name = models.CharField(max_length=255)
    percent_off = models.DecimalField(max_digits=7, decimal_places=4, null=True, blank=True)
    amount_off = AmountField(null=True, blank=True)
    currency = models.CharField(max_length=3, null=True, blank=True)  # noqa: DJ001 - null with a percentage
    duration = models.CharField(max_length=9, choices=[(each.value, each.value) for each in Duration])
    duration_periods = models.PositiveIntegerField(null=True, blank=True)
    plan_ids = ArrayField(models.UUIDField(), default=list, blank=True)
    max_redemptions = models.PositiveIntegerField(null=True, blank=True)
    redeemed = models.PositiveIntegerField(default=0, editable=False)
    redeem_by = models.DateTimeField(null=True, blank=True)
    active = models.BooleanField(default=True)
    metadata = MetadataField()

    class Meta(MutableRecord.Meta):
        constraints = [
            models.UniqueConstraint(Upper("code"), name=CODE_UNIQUE),
            models.CheckConstraint(
                # Each said not to be NULL: what is compared with NULL is neither true nor false, and would pass.
                condition=Q(percent_off__isnull=False, percent_off__gt=0, percent_off__lte=HUNDRED)
                & Q(amount_off__isnull=True, currency__isnull=True)
                | Q(amount_off__isnull=False, amount_off__gt=0, amount_off__lte=MAX_AMOUNT)
                & Q(currency__isnull=False, currency__in=sorted(CURRENCIES), percent_off__isnull=True),
                name="coupons_coupon_off",
            ),
            models.CheckConstraint(
                condition=Q(duration=Duration.REPEATING, duration_periods__gte=1)
                | Q(duration__in=[Duration.ONCE, Duration.FOREVER], duration_periods=None),
                name="coupons_coupon_duration",
            ),
            models.CheckConstraint(
                condition=Q(max_redemptions=None) | Q(redeemed__lte=F("max_redemptions")),
                name="coupons_coupon_redeemed",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Attachment(Record):
    """A coupon on a subscription, in the order of their ids; without one, on a sale of its own, ended as it is made.

    Append only, but for its end.
    """

    coupon = models.ForeignKey(Coupon, on_delete=models.PROTECT, related_name="attachments")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="coupons")
    subscription_id = models.UUIDField(null=True)
    at = models.DateTimeField()
    detached_at = models.DateTimeField(null=True)

    class Meta(Record.Meta):
        indexes = [
            models.Index(fields=["subscription_id", "id"], condition=Q(detached_at=None), name="coupons_attachment_to")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["coupon", "subscription_id"], condition=Q(detached_at=None), name="coupons_attachment_once"
            ),
            models.CheckConstraint(
                condition=Q(subscription_id__isnull=False) | Q(detached_at__isnull=False),
                name="coupons_attachment_of_a_sale",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.coupon_id} on {self.subscription_id or 'a sale'}"


class CouponUse(Record):
    """What a coupon took off an invoice: one period of it. It comes back when the invoice is void."""

    attachment = models.ForeignKey(Attachment, on_delete=models.PROTECT, related_name="uses", db_index=False)
    invoice_id = models.UUIDField()
    amount = AmountField()
    at = models.DateTimeField()
    returned_at = models.DateTimeField(null=True)

    class Meta(Record.Meta):
        indexes = [models.Index(fields=["invoice_id"], name="coupons_use_invoice")]
        constraints = [
            models.UniqueConstraint(fields=["attachment", "invoice_id"], name="coupons_use_once"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="coupons_use_amount"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} on {self.invoice_id}"
