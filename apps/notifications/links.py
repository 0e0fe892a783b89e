"""Addresses in mails: signed, so that whoever got the mail can follow them and nobody can make one up."""

from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.core import signing

from apps.notifications.models import Message

SALT = "notifications.mail"
GOOD_FOR = 400 * 86400
"""Seconds for which the links of a mail work: a year's books can be closed with them."""


def token(message_id: UUID) -> str:
    """The signed id of a message."""
    return signing.dumps(message_id.hex, salt=SALT)


def message_of(text: str) -> Message | None:
    """The message whose links are followed; None if the link is not ours, or too old."""
    try:
        found = signing.loads(text, salt=SALT, max_age=GOOD_FOR)
        return Message.objects.filter(pk=UUID(hex=found)).select_related("account", "invoice").first()
    except (signing.BadSignature, ValueError, AttributeError, TypeError):
        return None


def links(message: Message) -> dict[str, str]:
    """Where the buttons of a message lead. Without BILLING_PAYMENT_URL one pays by what the invoice says."""
    found = {}
    if message.invoice_id:
        found["document"] = f"{settings.BILLING_URL}/mail/{token(message.pk)}/invoice"
        found["pay"] = found["document"]
    if settings.BILLING_PAYMENT_URL:
        named = {"account_id": message.account_id, "invoice_id": message.invoice_id or ""}
        found["pay"] = settings.BILLING_PAYMENT_URL.format(**{key: quote(str(value)) for key, value in named.items()})
        found["method"] = found["pay"]
    return found


def unsubscribe(message: Message) -> str:
    """Where one click ends messages of this kind."""
    return f"{settings.BILLING_URL}/mail/{token(message.pk)}/unsubscribe"
