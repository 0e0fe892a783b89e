"""Payment methods, payments, and what the gateway tells us."""

from django.db import models
from django.db.models import Q

from apps.accounts.models import Account
from apps.invoices.models import CreditNote, Invoice
from apps.kernel.fields import AmountField, CurrencyField
from apps.kernel.models import MutableRecord, Record
from apps.payments.rules import DisputeStatus, MethodStatus, NoticeStatus, Origin, RefundStatus, Status


class OutsideWork(Record):
    """Something to ask the gateway: when its turn is (None: nothing to ask), and a lease that one worker holds."""

    calls = models.PositiveIntegerField(default=0)
    next_call_at = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)

    class Meta(Record.Meta):
        abstract = True


class GatewayCustomer(Record):
    """Who the account is at the gateway. Append only."""

    account = models.OneToOneField(Account, on_delete=models.PROTECT, related_name="gateway_customer")
    gateway_id = models.CharField(max_length=255, unique=True)


class PaymentMethod(MutableRecord, OutsideWork):
    """A way to pay, known by the gateway's token; an account has exactly one default as long as it has any.

    Its outside work is to tell the gateway that it was taken off.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="payment_methods")
    status = models.CharField(max_length=8, choices=[(status.value, status.value) for status in MethodStatus])
    token = models.CharField(max_length=255)
    is_default = models.BooleanField(default=False)
    gateway_id = models.CharField(max_length=255, unique=True, null=True, blank=True)
    type = models.CharField(max_length=32, blank=True)
    card_brand = models.CharField(max_length=32, blank=True)
    card_last4 = models.CharField(max_length=4, blank=True)
    card_exp_month = models.PositiveSmallIntegerField(null=True, blank=True)
    card_exp_year = models.PositiveSmallIntegerField(null=True, blank=True)
    failure_code = models.CharField(max_length=64, blank=True)
    failure_message = models.TextField(blank=True)
    tell_expiry_at = models.DateTimeField(
        null=True, blank=True, help_text="When its last month begins, until that is announced."
    )
    declined_at = models.DateTimeField(
        null=True, blank=True, help_text="Since when it is not tried again by itself: it will be refused."
    )

    class Meta(MutableRecord.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=Q(is_default=True), name="payments_one_default_method"
            ),
            models.CheckConstraint(
                condition=Q(is_default=False) | Q(status=MethodStatus.ACTIVE.value), name="payments_default_is_active"
            ),
            models.CheckConstraint(
                condition=Q(status__in=[status.value for status in MethodStatus]), name="payments_method_status"
            ),
        ]
        indexes = [
            models.Index(fields=["account", "token"], name="payments_method_token"),
            models.Index(
                fields=["next_call_at"], condition=Q(next_call_at__isnull=False), name="payments_method_to_call"
            ),
            models.Index(
                fields=["tell_expiry_at"], condition=Q(tell_expiry_at__isnull=False), name="payments_method_expiring"
            ),
        ]


class Payment(MutableRecord, OutsideWork):
    """One attempt to collect an invoice. Its id is the idempotency key, so however often it is tried, one charge."""

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="payments")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="payments")
    payment_method = models.ForeignKey(PaymentMethod, null=True, on_delete=models.PROTECT, related_name="payments")
    amount = AmountField()
    carried = AmountField(
        default=0, db_default=0, help_text="Of the amount, what earlier invoices owe that were too small to charge."
    )
    amount_refunded = AmountField(default=0, help_text="Given back, or on its way.")
    amount_charged_back = AmountField(default=0, db_default=0, help_text="Taken back by the customer's bank.")
    currency = CurrencyField()
    status = models.CharField(
        max_length=9, choices=[(status.value, status.value) for status in Status], default=Status.PENDING
    )
    method = models.CharField(max_length=32)
    attempt = models.PositiveSmallIntegerField(default=1)
    origin = models.CharField(
        max_length=8, choices=[(each.value, each.value) for each in Origin], blank=True, default="", db_default=""
    )
    gateway_transaction_id = models.CharField(max_length=255, null=True, blank=True)  # noqa: DJ001 - unique where it is known
    reference = models.CharField(
        max_length=255, blank=True, default="", db_default="", help_text="What the bank statement says."
    )
    failure_code = models.CharField(max_length=64, blank=True)
    failure_message = models.TextField(blank=True)
    settled_at = models.DateTimeField(null=True, blank=True, help_text="When it ended, in the account's time.")
    action_url = models.TextField(
        blank=True, default="", db_default="", help_text="Where the customer confirms it, while it waits for that."
    )
    action_until = models.DateTimeField(
        null=True, blank=True, help_text="How long it waits, in the account's time; then it has failed."
    )
    next_retry_at = models.DateTimeField(null=True, blank=True)
    retries_exhausted_at = models.DateTimeField(
        null=True, blank=True, help_text="Since when the invoice is not tried again by itself."
    )

    class Meta(MutableRecord.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["invoice"], condition=Q(status=Status.PENDING.value), name="payments_one_open_per_invoice"
            ),
            # Named here, for a field that says `unique` has a second index that searches by LIKE would use.
            models.UniqueConstraint(
                fields=["gateway_transaction_id"],
                condition=Q(gateway_transaction_id__isnull=False),
                name="payments_one_per_gateway_transaction",
            ),
            # What is carried is found by account: two at once would both hold the same small invoices.
            models.UniqueConstraint(
                fields=["account"],
                condition=Q(status=Status.PENDING.value, carried__gt=0),
                name="payments_one_carries_per_account",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_amount_positive"),
            models.CheckConstraint(
                condition=Q(carried__gte=0, carried__lt=models.F("amount")), name="payments_carried_within_amount"
            ),
            models.CheckConstraint(
                condition=Q(origin__in=["", *(each.value for each in Origin)]), name="payments_origin_known"
            ),
            models.CheckConstraint(
                condition=Q(
                    amount_refunded__gte=0,
                    amount_charged_back__gte=0,
                    amount__gte=models.F("amount_refunded") + models.F("amount_charged_back"),
                ),
                name="payments_returns_within_amount",
            ),
            models.CheckConstraint(
                condition=Q(status__in=[status.value for status in Status]), name="payments_status_known"
            ),
            models.CheckConstraint(
                condition=Q(next_retry_at=None, retries_exhausted_at=None) | Q(status=Status.FAILED.value),
                name="payments_retry_after_failure",
            ),
            # One schedule an invoice: whoever fails next takes it over.
            models.UniqueConstraint(
                fields=["invoice"], condition=Q(next_retry_at__isnull=False), name="payments_one_retry_per_invoice"
            ),
        ]
        indexes = [
            models.Index(fields=["next_call_at"], condition=Q(status=Status.PENDING.value), name="payments_to_call"),
            models.Index(fields=["next_retry_at"], condition=Q(next_retry_at__isnull=False), name="payments_to_retry"),
            models.Index(
                fields=["action_until"],
                condition=Q(status=Status.PENDING.value, action_until__isnull=False),
                name="payments_waiting",
            ),
            models.Index(
                fields=["account"], condition=Q(retries_exhausted_at__isnull=False), name="payments_exhausted"
            ),
            # What staff look for: the few that failed, and what came in lately, without reading its rows.
            models.Index(fields=["-id"], condition=Q(status=Status.FAILED.value), name="payments_failed"),
            models.Index(fields=["settled_at"], condition=Q(status=Status.FAILED.value), name="payments_failed_when"),
            models.Index(
                fields=["settled_at"],
                include=["id", "status", "currency", "amount", "amount_refunded", "account"],
                condition=Q(settled_at__isnull=False),
                name="payments_collected",
            ),
            models.Index(fields=["currency", "-id"], name="payments_currency"),
        ]


class Refund(MutableRecord, OutsideWork):
    """Money of a payment given back. Its id is the idempotency key, so however often it is asked for, it goes once."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="refunds")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="refunds")
    credit_note = models.ForeignKey(CreditNote, null=True, blank=True, on_delete=models.PROTECT, related_name="refunds")
    amount = AmountField()
    currency = CurrencyField()
    status = models.CharField(max_length=9, choices=[(status.value, status.value) for status in RefundStatus])
    reason = models.CharField(max_length=500)
    actor = models.CharField(max_length=255)
    gateway_refund_id = models.CharField(max_length=255, unique=True, null=True, blank=True)
    failure_code = models.CharField(max_length=64, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True, help_text="When it ended, in the account's time.")

    class Meta(MutableRecord.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_refund_amount_positive"),
            models.CheckConstraint(
                condition=Q(status__in=[status.value for status in RefundStatus]), name="payments_refund_status"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_call_at"], condition=Q(status=RefundStatus.PENDING.value), name="payments_refund_to_call"
            ),
        ]


class Dispute(MutableRecord):
    """A charge that the customer's bank questions: a task until it is decided. `withdrawn`: what the bank holds."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="disputes")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="disputes")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="disputes")
    gateway_dispute_id = models.CharField(max_length=255, unique=True)
    status = models.CharField(max_length=7, choices=[(status.value, status.value) for status in DisputeStatus])
    amount = AmountField()
    withdrawn = AmountField()
    currency = CurrencyField()
    reason = models.CharField(max_length=64, blank=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta(MutableRecord.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0, withdrawn__gte=0), name="payments_dispute_amounts"),
            models.CheckConstraint(
                condition=Q(status__in=[status.value for status in DisputeStatus]), name="payments_dispute_status"
            ),
        ]
        indexes = [
            models.Index(
                fields=["-id"],
                condition=Q(status__in=[DisputeStatus.INQUIRY.value, DisputeStatus.OPEN.value]),
                name="payments_dispute_open",
            ),
        ]


class Chargeback(Record):
    """What a dispute took off its invoice, in the books; `reversed_at` is the one thing that may come later."""

    dispute = models.ForeignKey(Dispute, on_delete=models.PROTECT, related_name="chargebacks")
    amount = AmountField()
    at = models.DateTimeField()
    reversed_at = models.DateTimeField(null=True, blank=True)

    class Meta(Record.Meta):
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="payments_chargeback_amount")]


class GatewayNotice(OutsideWork):
    """Something the gateway told us, once, whatever it repeats. Only names what changed: that is fetched again."""

    gateway_event_id = models.CharField(max_length=255)
    event_type = models.CharField(max_length=128)
    object_id = models.CharField(max_length=255)
    status = models.CharField(
        max_length=7, choices=[(status.value, status.value) for status in NoticeStatus], default=NoticeStatus.PENDING
    )
    # Of the request that brought it: what is done about it goes on in the same trace.
    correlation = models.TextField(default="", db_default="", blank=True)
    traceparent = models.CharField(max_length=64, default="", db_default="", blank=True, editable=False)

    class Meta(Record.Meta):
        constraints = [models.UniqueConstraint(fields=["gateway_event_id"], name="payments_notice_once")]
        indexes = [
            models.Index(
                fields=["next_call_at"], condition=Q(status=NoticeStatus.PENDING.value), name="payments_notice_to_call"
            ),
            models.Index(fields=["object_id"], name="payments_notice_object"),
            models.Index(
                fields=["event_type", "-id"],
                condition=~Q(event_type="payment_intent.succeeded"),
                name="payments_notice_rare",
            ),
        ]
