"""Reads of messages."""

from django.db.models import QuerySet

from apps.notifications.models import Message
from apps.notifications.rules import Status


def messages() -> QuerySet[Message]:
    """All messages."""
    return Message.objects.all()


def to_send() -> QuerySet[Message]:
    """Messages that wait for the mail server."""
    return Message.objects.filter(status=Status.PENDING)
