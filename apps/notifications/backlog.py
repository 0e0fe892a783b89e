"""Pending work here: messages to be sent, and those that were given up."""

from django.db.models import Q

from apps.kernel.backlog import Kind, register
from apps.notifications.actions.send import send_now
from apps.notifications.models import Message
from apps.notifications.rules import Status

WAITS, GIVEN_UP = Q(status=Status.PENDING), Q(status=Status.FAILED)
"""Each has an index of its own, which an IN would not use."""

MESSAGES = register(
    Kind(
        name="notifications.messages",
        title="Messages to customers",
        rows=lambda: Message.objects.filter(WAITS | GIVEN_UP),
        next_at="next_call_at",
        calls="calls",
        reason="last_error",
        leased=True,
        called=lambda row: row.subject,
        stopped=GIVEN_UP,
        try_now=lambda row, actor: send_now(message_id=row.pk, actor=actor),
        button="Send now",
    )
)
