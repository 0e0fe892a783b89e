"""Whether the gateway says what we say: looks at its balance, what moved it, and differences as tasks for finance."""

from django.db import models
from django.db.models import Q

from apps.accounts.models import Account
from apps.kernel.fields import AmountField, CurrencyField
from apps.kernel.models import MutableRecord, Record
from apps.payments.models.collecting import OutsideWork, Payment
from apps.payments.reconcile_rules import KINDS, DifferenceKind, DifferenceStatus, Fix, Side


class Reconciliation(OutsideWork):
    """One look at what moved the gateway's balance from `since` until `until`, both in wall time.

    Listed page by page down to `cursor`, so that whoever dies in the middle is taken over there; then compared: `whole`
    with all that was ever listed, otherwise with what moved lately.
    """

    slot = models.DateTimeField(unique=True, null=True, blank=True, help_text="The hour it stands for, if for any.")
    whole = models.BooleanField()
    since = models.DateTimeField()
    until = models.DateTimeField()
    cursor = models.CharField(max_length=255, blank=True, help_text="The gateway's id of what was listed last.")
    listed = models.PositiveIntegerField(default=0, help_text="Movements read from the gateway.")
    asked = models.PositiveIntegerField(default=0, help_text="Things looked into again, as a webhook would have said.")
    found = models.PositiveIntegerField(default=0, help_text="Differences that are tasks.")
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta(OutsideWork.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=models.F("since")), name="payments_look_has_a_span"),
            models.CheckConstraint(condition=Q(finished_at=None) | Q(next_call_at=None), name="payments_look_ends"),
        ]
        indexes = [
            models.Index(fields=["next_call_at"], condition=Q(next_call_at__isnull=False), name="payments_to_reconcile")
        ]


class GatewayMovement(Record):
    """What moved the gateway's balance, as it listed it: a charge, a refund, a dispute. Append only, once each."""

    gateway_id = models.CharField(max_length=255, unique=True)
    side = models.CharField(max_length=7, choices=[(side.value, side.value) for side in Side])
    amount = AmountField(help_text="Above zero for what came in.")
    currency = CurrencyField()
    charge_id = models.CharField(max_length=255)
    source_id = models.CharField(max_length=255)
    customer_id = models.CharField(max_length=255, blank=True)
    payment_id = models.UUIDField(null=True, blank=True, help_text="The payment that the gateway says it is of.")
    at = models.DateTimeField()

    class Meta(Record.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(side__in=[side.value for side in Side]), name="payments_movement_side"),
            models.CheckConstraint(condition=~Q(charge_id=""), name="payments_movement_of_a_charge"),
        ]
        indexes = [
            models.Index(fields=["charge_id"], name="payments_movement_charge"),
            models.Index(fields=["at"], name="payments_movement_at"),
        ]


class Difference(MutableRecord):
    """A task for finance: the gateway and we say different things of `subject`. One row a kind and subject, ever.

    `subject`: the gateway's id of a charge, the id of a payment that has none, or a currency. Amounts are minor units
    of the currency on their side.
    """

    kind = models.CharField(max_length=32, choices=[(kind.value, kind.value) for kind in DifferenceKind])
    subject = models.CharField(max_length=255)
    status = models.CharField(
        max_length=9,
        choices=[(status.value, status.value) for status in DifferenceStatus],
        default=DifferenceStatus.OPEN,
    )
    fix = models.CharField(max_length=12, choices=[(fix.value, fix.value) for fix in Fix])
    account = models.ForeignKey(Account, null=True, blank=True, on_delete=models.PROTECT, related_name="differences")
    payment = models.ForeignKey(Payment, null=True, blank=True, on_delete=models.PROTECT, related_name="differences")
    outside_amount = AmountField(help_text="What the gateway says.")
    outside_currency = CurrencyField()
    our_amount = AmountField(help_text="What our books say.")
    our_currency = CurrencyField()
    seen_at = models.DateTimeField(help_text="When a look found it last.")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=255, blank=True)
    reason = models.CharField(max_length=500, blank=True, help_text="Why it is no task any more.")

    class Meta(MutableRecord.Meta):
        constraints = [
            models.UniqueConstraint(fields=["kind", "subject"], name="payments_difference_once"),
            models.CheckConstraint(
                condition=Q(status__in=[status.value for status in DifferenceStatus])
                & Q(kind__in=[kind.value for kind in DifferenceKind])
                & Q(fix__in=[fix.value for fix in Fix]),
                name="payments_difference_known",
            ),
            models.CheckConstraint(
                condition=Q(status=DifferenceStatus.OPEN.value, closed_at=None, closed_by="", reason="")
                | (
                    Q(closed_at__isnull=False)
                    & ~Q(status=DifferenceStatus.OPEN.value)
                    & ~Q(closed_by="")
                    & ~Q(reason="")
                ),
                name="payments_difference_closed",
            ),
        ]
        indexes = [
            models.Index(fields=["-id"], condition=Q(status="OPEN"), name="payments_difference_open"),
        ]

    def __str__(self) -> str:
        return KINDS[DifferenceKind(self.kind)]


class BankLine(Record):
    """A line of a bank statement: money that came to our account, once, whatever file it stands in.

    Append only but for whose it was found to be, and when it was recorded.
    """

    digest = models.CharField(max_length=64, unique=True)
    booked_on = models.DateField()
    amount = AmountField()
    currency = CurrencyField()
    reference = models.CharField(max_length=255, blank=True)
    payer = models.CharField(max_length=255, blank=True)
    file = models.CharField(max_length=255, help_text="The name of the file in which it came first.")
    number = models.PositiveIntegerField(help_text="Its line there.")
    account = models.ForeignKey(Account, null=True, blank=True, on_delete=models.PROTECT, related_name="bank_lines")
    recorded_at = models.DateTimeField(null=True, blank=True)

    class Meta(Record.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_bankline_amount"),
            models.CheckConstraint(
                condition=Q(account__isnull=True, recorded_at=None)
                | Q(account__isnull=False, recorded_at__isnull=False),
                name="payments_bankline_recorded",
            ),
        ]
