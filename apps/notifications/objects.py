"""The message as the API answers with it."""

from datetime import datetime
from uuid import UUID

from apps.notifications.models import Message
from apps.notifications.rules import Kind, Status
from apps.rest.objects import ApiObject


class MessageObject(ApiObject, kw_only=True, frozen=True):
    """A mail to a customer. `status` is PENDING until the mail server took it, FAILED when it was given up."""

    id: UUID
    kind: Kind
    account_id: UUID
    invoice_id: UUID | None
    to: str
    subject: str
    status: Status
    sent_at: datetime | None
    created_at: datetime
    updated_at: datetime


def message_object(message: Message) -> MessageObject:
    """The object of a message."""
    return MessageObject(
        id=message.pk,
        kind=Kind(message.kind),
        account_id=message.account_id,
        invoice_id=message.invoice_id,
        to=message.to,
        subject=message.subject,
        status=Status(message.status),
        sent_at=message.sent_at,
        created_at=message.created_at,
        updated_at=message.updated_at,
    )
