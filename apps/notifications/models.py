"""Message: one mail to one customer, with a lease that one worker holds while it sends. How staff word them, and
addresses that get none.
"""

from django.db import models
from django.db.models import Q

from apps.accounts.models import Account
from apps.invoices.models import Invoice
from apps.kernel.models import MutableRecord, Record
from apps.notifications.rules import Cause, Kind, Scope, Status
from apps.notifications.words import LANGUAGES, SUBJECT_LENGTH

NOT_SENT = [Status.PENDING.value, Status.FAILED.value, Status.SKIPPED.value]
KINDS = [(kind.value, kind.value.replace("_", " ")) for kind in Kind]


class Message(MutableRecord):
    """A mail, as it is to be sent. `cause_id` is what brought it about: one message for each kind and cause.

    `text` holds the words with every name filled in; mail and HTML follow from it.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="messages")
    kind = models.CharField(max_length=32, choices=KINDS)
    cause_id = models.UUIDField()
    invoice = models.ForeignKey(Invoice, null=True, blank=True, on_delete=models.PROTECT, related_name="messages")
    language = models.CharField(max_length=5, default="en")
    to = models.EmailField(max_length=254)
    subject = models.CharField(max_length=SUBJECT_LENGTH)
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
                | Q(status__in=NOT_SENT, sent_at__isnull=True)
                | Q(status=Status.BOUNCED.value),
                name="notifications_message_status",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_call_at"], condition=Q(status=Status.PENDING.value), name="notifications_to_send"
            ),
            models.Index(fields=["id"], condition=Q(status=Status.FAILED.value), name="notifications_failed"),
        ]


class Wording(MutableRecord):
    """How staff say a message in one language, in the place of what is shipped."""

    kind = models.CharField(max_length=32, choices=KINDS)
    language = models.CharField(max_length=5, choices=list(LANGUAGES.items()))
    subject = models.CharField(max_length=SUBJECT_LENGTH)
    body = models.TextField()

    class Meta(MutableRecord.Meta):
        constraints = [
            models.UniqueConstraint(fields=["kind", "language"], name="notifications_wording_once"),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in Kind], language__in=list(LANGUAGES)),
                name="notifications_wording_known",
            ),
            models.CheckConstraint(condition=~Q(subject="") & ~Q(body=""), name="notifications_wording_says"),
        ]

    def __str__(self) -> str:
        return f"{self.kind.replace('_', ' ')}, {LANGUAGES.get(self.language, self.language)}"


class Suppression(Record):
    """An address, in small letters, that gets no mail any more, or none that it may do without; until it is lifted."""

    address = models.CharField(max_length=254)
    scope = models.CharField(max_length=8, choices=[(each.value, each.value) for each in Scope])
    cause = models.CharField(max_length=12, choices=[(each.value, each.value.replace("_", " ")) for each in Cause])
    detail = models.CharField(max_length=500, blank=True)
    message = models.ForeignKey(
        Message, null=True, blank=True, on_delete=models.PROTECT, related_name="suppressions", db_index=False
    )
    actor = models.CharField(max_length=255)
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.CharField(max_length=255, blank=True)

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["address", "scope"], condition=Q(lifted_at=None), name="notifications_suppressed_once"
            ),
            models.CheckConstraint(
                condition=Q(scope__in=[each.value for each in Scope], cause__in=[each.value for each in Cause]),
                name="notifications_suppression_known",
            ),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by="") | Q(lifted_at__isnull=False) & ~Q(lifted_by=""),
                name="notifications_suppression_lifted",
            ),
        ]

    def __str__(self) -> str:
        return str(self.address)
