"""Message: one mail to one customer, with a lease that one worker holds while it sends."""

from django.db import models
from django.db.models import Q

from apps.accounts.models import Account
from apps.invoices.models import Invoice
from apps.kernel.models import MutableRecord
from apps.notifications.rules import Kind, Status


class Message(MutableRecord):
    """A mail, whole, as it is to be sent. `cause_id` is what brought it about: one message for each kind and cause."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="messages")
    kind = models.CharField(max_length=32, choices=[(kind.value, kind.value) for kind in Kind])
    cause_id = models.UUIDField()
    invoice = models.ForeignKey(Invoice, null=True, blank=True, on_delete=models.PROTECT, related_name="messages")
    to = models.EmailField(max_length=254)
    subject = models.CharField(max_length=200)
    text = models.TextField()
    status = models.CharField(
        max_length=7, choices=[(status.value, status.value) for status in Status], default=Status.PENDING
    )
    sent_at = models.DateTimeField(null=True, blank=True)
    calls = models.PositiveIntegerField(default=0)
    next_call_at = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)

    class Meta(MutableRecord.Meta):
        constraints = [
            models.UniqueConstraint(fields=["kind", "cause_id"], name="notifications_message_once"),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in Kind]), name="notifications_message_kind"
            ),
            models.CheckConstraint(
                condition=Q(status=Status.SENT.value, sent_at__isnull=False)
                | Q(status__in=[Status.PENDING.value, Status.FAILED.value], sent_at__isnull=True),
                name="notifications_message_status",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_call_at"], condition=Q(status=Status.PENDING.value), name="notifications_to_send"
            ),
            models.Index(fields=["id"], condition=Q(status=Status.FAILED.value), name="notifications_failed"),
        ]
