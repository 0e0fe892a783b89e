"""Mails of messages, for several at once: what they share is read once, and so is what may speak against them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from apps.invoices.document import Document, documents
from apps.invoices.document_credit_note import render as render_credit_note
from apps.invoices.queries import invoices_by_id
from apps.invoices.rules import Status as InvoiceStatus
from apps.notifications.layout import bodies
from apps.notifications.links import unsubscribe
from apps.notifications.models import Message, Suppression
from apps.notifications.queries import suppressions
from apps.notifications.rules import OPTIONAL, WHILE_OPEN, WITH_INVOICE, Kind, Scope
from apps.notifications.words import one_line
from apps.payments.queries import waiting_for_customer
from apps.tax.models import Seller
from apps.tax.queries import seller


@dataclass(frozen=True)
class Known:
    """What is known of messages that are about to be sent: as it stood when they were taken."""

    seller: Seller
    documents: Mapping[UUID, Document]
    open: Collection[UUID]
    confirming: Collection[UUID]
    suppressed: Mapping[str, Sequence[Suppression]]


def known_of(messages: Sequence[Message]) -> Known:
    """Read it: a fixed number of queries for any number of messages."""
    bring = {each.invoice_id for each in messages if each.kind in WITH_INVOICE and each.invoice_id}
    owe = {each.invoice_id for each in messages if each.kind in WHILE_OPEN and each.invoice_id}
    ask = {each.cause_id for each in messages if each.kind == Kind.CONFIRM}
    return Known(
        seller=seller(),
        documents=documents(bring) if bring else {},
        open={pk for pk, each in invoices_by_id(owe).items() if each.status == InvoiceStatus.OPEN} if owe else (),
        confirming=set(waiting_for_customer().filter(pk__in=ask).values_list("pk", flat=True)) if ask else (),
        suppressed=suppressions({each.to for each in messages}),
    )


def why_not(message: Message, known: Known) -> str:
    """Why a message is not sent any more; "" where nothing speaks against it."""
    kind = Kind(message.kind)
    if kind in WHILE_OPEN and message.invoice_id is not None and message.invoice_id not in known.open:
        return "The invoice is settled by now."
    if kind is Kind.CONFIRM and message.cause_id not in known.confirming:
        return "The payment has ended by now."
    for found in known.suppressed.get(message.to.lower(), ()):
        if found.scope == Scope.ALL or kind in OPTIONAL:
            return f"The address gets {'nothing' if found.scope == Scope.ALL else 'none of these'}: {found.cause}."
    return ""


def mail(message: Message, known: Known) -> EmailMultiAlternatives:
    """The mail of a message, as text and HTML, with its document."""
    _, _, domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")
    headers = {"Message-ID": f"<{message.pk}@{domain.strip('>')}>", "Auto-Submitted": "auto-generated"}
    if message.kind in OPTIONAL:
        headers |= {
            "List-Unsubscribe": f"<{unsubscribe(message)}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }  # fmt: skip
    text, html = bodies(message, known.seller)
    reply_to = known.seller.email
    made = EmailMultiAlternatives(
        subject=one_line(message.subject),
        body=text,
        to=[message.to],
        reply_to=[reply_to] if reply_to else None,
        headers=headers,
    )
    made.attach_alternative(html, "text/html")
    if message.invoice_id is not None and message.kind in WITH_INVOICE:
        document = known.documents[message.invoice_id]
        made.attach(document.name, document.pdf(), "application/pdf")
    if message.kind == Kind.CREDIT_NOTE:
        made.attach("credit-note.pdf", render_credit_note(message.cause_id), "application/pdf")
    return made
