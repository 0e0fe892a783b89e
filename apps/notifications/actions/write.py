"""Write messages: rows, whole, to be sent by the worker."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from apps.accounts.models import Account
from apps.accounts.queries import accounts
from apps.invoices.document_figures import Figures
from apps.invoices.models import Invoice
from apps.invoices.queries import balances, invoices_by_id
from apps.invoices.rules import Status as InvoiceStatus
from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.doorbell import ring_after_commit
from apps.kernel.errors import Conflict, NotFound
from apps.kernel.ids import uuid7
from apps.kernel.transactions import unit_of_work
from apps.notifications.models import Message
from apps.notifications.rules import Kind
from apps.notifications.words import Facts, invoice_message
from apps.payments.queries import default_method_ids
from apps.tax.queries import seller


@dataclass(frozen=True)
class Told:
    """An invoice to tell its account of, as the event or the row has it."""

    invoice_id: UUID
    account_id: UUID
    number: str
    currency: str
    total: int
    balance: int
    due_date: date | None


def announce(told: Sequence[Told]) -> int:
    """Write a message for each new invoice, inside the caller's transaction: four queries for any number.

    One that is told of twice gets one message.
    """
    rows = _messages(told, Kind.INVOICE_CREATED, {each.invoice_id: each.invoice_id for each in told})
    Message.objects.bulk_create(rows, ignore_conflicts=True)
    ring_after_commit("notifications.sweep", "bulk")
    return len(rows)


def send_again(*, invoice_id: UUID, actor: Actor) -> Message:
    """Send an invoice's document once more, to the address the account has now.

    Errors: not_found (404), invoice_not_final (409).
    """
    with unit_of_work(actor):
        invoice = invoices_by_id([invoice_id]).get(invoice_id)
        if invoice is None:
            raise NotFound("not_found", "There is no invoice with this id.", hint="Check the id with GET /v1/invoices.")
        if invoice.status not in (InvoiceStatus.OPEN, InvoiceStatus.PAID):
            raise Conflict(
                "invoice_not_final",
                f"The invoice is {invoice.status}: only one that is OPEN or PAID is sent.",
                hint="Send the invoice that takes its place, if there is one.",
            )
        [message] = _messages([_told(invoice)], Kind.INVOICE_COPY, {invoice.pk: uuid7()})
        message.save(force_insert=True)
        ring_after_commit("notifications.sweep", "bulk")
        return message


def _told(invoice: Invoice) -> Told:
    return Told(
        invoice_id=invoice.pk,
        account_id=invoice.account_id,
        number=invoice.number or "",
        currency=invoice.currency,
        total=invoice.total,
        balance=balances([invoice.pk])[invoice.pk].balance,
        due_date=invoice.due_date,
    )


def _messages(told: Sequence[Told], kind: Kind, causes: Mapping[UUID, UUID]) -> list[Message]:
    ids = {each.account_id for each in told}
    payers: Mapping[UUID, Account] = accounts().in_bulk(list(ids))
    cards: Mapping[UUID, Any] = default_method_ids(list(ids))
    name, now = seller().legal_name, clock.wall()
    rows = []
    for each in told:
        payer = payers[each.account_id]
        subject, text = invoice_message(_facts(each, payer, name, by_card=payer.pk in cards))
        rows.append(
            Message(
                account_id=payer.pk,
                kind=kind,
                cause_id=causes[each.invoice_id],
                invoice_id=each.invoice_id,
                to=payer.email,
                subject=subject,
                text=text,
                next_call_at=now,
            )
        )
    return rows


def _facts(told: Told, payer: Account, seller_name: str, *, by_card: bool) -> Facts:
    figures = Figures(payer.locale, told.currency)
    return Facts(
        language=figures.locale.language,
        customer=payer.name,
        seller=seller_name,
        number=told.number,
        total=figures.money(told.total),
        open=figures.money(told.balance),
        due=figures.day(told.due_date) if told.due_date else "",
        settled=told.balance <= 0,
        by_card=by_card,
    )
