"""Addresses in mails: signed, so that whoever got the mail can follow them and nobody can make one up."""

from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.core import signing

from apps.invoices.links import account_link, invoice_link
from apps.kernel import clock
from apps.notifications.models import Message

SALT = "notifications.mail"
GOOD_FOR = 400 * 86400
"""Seconds for which one can ask for fewer mails by a link of one."""


def token(message_id: UUID) -> str:
    """The signed id of a message."""
    return signing.dumps(message_id.hex, salt=SALT)


def message_of(text: str) -> Message | None:
    """The message whose links are followed; None if the link is not ours, or too old."""
    try:
        found = signing.loads(text, salt=SALT, max_age=GOOD_FOR)
        return Message.objects.filter(pk=UUID(hex=found)).first()
    except (signing.BadSignature, ValueError, AttributeError, TypeError):
        return None


def links(message: Message) -> dict[str, str]:
    """Where the buttons of a message lead: to the pages of the invoice or account, good from now on.

    With BILLING_PAYMENT_URL one pays, and changes how, on a page of the operator's own.
    """
    now = clock.wall()
    found = {"method": account_link(message.account_id, at=now)}
    if message.invoice_id:
        page = invoice_link(message.invoice_id, at=now)
        found = {"document": page, "pay": page, "method": page}
    if settings.BILLING_PAYMENT_URL:
        named = {"account_id": message.account_id, "invoice_id": message.invoice_id or ""}
        own = settings.BILLING_PAYMENT_URL.format(**{key: quote(str(value)) for key, value in named.items()})
        found |= {"pay": own, "method": own}
    return found


def unsubscribe(message: Message) -> str:
    """Where one click ends messages of this kind."""
    return f"{settings.BILLING_URL}/mail/{token(message.pk)}/unsubscribe"
