"""Money that leaves an invoice again: refunds, with a credit note of the same gross, and what a bank takes back."""

from datetime import datetime
from uuid import UUID

from apps.accounts.models import Account
from apps.credits.actions.record import Record, write
from apps.credits.rules import Source
from apps.events.rules import Lane
from apps.invoices.actions.credit_note import credit_note
from apps.invoices.actions.open_again import open_again
from apps.invoices.actions.paid import Paid, mark_paid
from apps.invoices.models import CreditNote, Invoice, Settlement
from apps.invoices.queries import balances, lock
from apps.invoices.rules import SettlementKind, Status
from apps.kernel.actors import Actor
from apps.kernel.periods import local_date
from apps.kernel.transactions import unit_of_work
from apps.ledger import queries as books
from apps.ledger import rules as ledger
from apps.ledger.actions import post

CLEARING = ledger.LedgerAccount.GATEWAY_CLEARING


def record_refund(
    *,
    invoice_id: UUID,
    refund_id: UUID,
    amount: int,
    reason: str,
    at: datetime,
    actor: Actor,
    out_of: ledger.LedgerAccount = CLEARING,
) -> CreditNote:
    """Give `amount` of what was paid back, and credit the invoice by as much: its balance stays as it is.

    The caller has locked the account, and seen to it that so much was paid and can be credited.
    Errors: those of credit notes.
    """
    with unit_of_work(actor):
        invoice = lock([invoice_id])[invoice_id]
        Settlement.objects.create(
            invoice=invoice, kind=SettlementKind.REFUND, source_id=refund_id, amount=-amount, at=at
        )
        post([ledger.refund(amount=amount, out_of=out_of, **_head(invoice, "refund", refund_id, at))], at=at)
        return credit_note(invoice_id=invoice_id, amount=amount, reason=reason, at=at, actor=actor)


def record_failed_refund(
    *,
    invoice_id: UUID,
    refund_id: UUID,
    amount: int,
    at: datetime,
    actor: Actor,
    into: ledger.LedgerAccount = CLEARING,
) -> None:
    """A refund did not arrive: the money is here again, and it is the customer's. It becomes the account's credit."""
    with unit_of_work(actor):
        invoice = lock([invoice_id])[invoice_id]
        head = _head(invoice, "refund", refund_id, at)
        post([ledger.overpayment(amount=amount, into=into, **head)], at=at)
        _credit(invoice, Source.REFUND, refund_id, f"Refund of {invoice.number} that did not arrive", amount, at, actor)


def record_chargeback(*, invoice_id: UUID, chargeback_id: UUID, amount: int, at: datetime, actor: Actor) -> None:
    """A bank takes money back: the customer owes it again, and a PAID invoice is OPEN.

    Of a VOID invoice nothing can be owed: its money was given to the customer before, so this is a loss.
    """
    with unit_of_work(actor):
        invoice = lock([invoice_id])[invoice_id]
        head = _head(invoice, "chargeback", chargeback_id, at)
        entries = [ledger.chargeback(amount=amount, **head)]
        if invoice.status == Status.VOID:
            entries.append(ledger.write_off(amount=amount, **head))
        Settlement.objects.create(
            invoice=invoice, kind=SettlementKind.CHARGEBACK, source_id=chargeback_id, amount=-amount, at=at
        )
        post(entries, at=at)
        if invoice.status == Status.PAID and balances([invoice_id])[invoice_id].balance > 0:
            open_again([invoice_id], actor=actor)


def reverse_chargeback(*, invoice_id: UUID, chargeback_id: UUID, amount: int, at: datetime, actor: Actor) -> None:
    """The bank gives it back: off what the invoice owes since; what it owes no more is the account's credit."""
    with unit_of_work(actor):
        invoice = lock([invoice_id])[invoice_id]
        head = _head(invoice, "chargeback", chargeback_id, at)
        lost = books.recorded(ledger.Kind.WRITE_OFF, [chargeback_id]).get(chargeback_id)
        balance = 0 if invoice.status == Status.VOID else balances([invoice_id])[invoice_id].balance
        applied = amount if lost else min(amount, max(0, balance))
        excess = amount - applied
        taken = ledger.chargeback(amount=applied, **head)
        entries = [_opposite(taken, ledger.Kind.CHARGEBACK_REVERSAL), ledger.overpayment(amount=excess, **head)]
        if lost:
            entries.append(_opposite(lost, ledger.Kind.WRITE_OFF_REVERSAL, on=head["on"]))
        Settlement.objects.create(
            invoice=invoice,
            kind=SettlementKind.CHARGEBACK_REVERSAL,
            source_id=chargeback_id,
            amount=applied,
            excess=excess,
            at=at,
        )
        post(entries, at=at)
        if excess:
            _credit(invoice, Source.OVERPAYMENT, chargeback_id, f"Overpayment of {invoice.number}", excess, at, actor)
        if invoice.status == Status.OPEN and applied == balance:
            mark_paid([Paid(invoice_id, balance, at, "amount_paid")], lane=Lane.API)


def _opposite(entry: ledger.NewEntry, kind: ledger.Kind, on: object = None) -> ledger.NewEntry:
    return ledger.reversal(
        entry,
        kind=kind,
        source_type=entry.source_type,
        source_id=entry.source_id,
        on=on or entry.on,  # type: ignore[arg-type]
    )


def _credit(
    invoice: Invoice, source: Source, source_id: UUID, reason: str, amount: int, at: datetime, actor: Actor
) -> None:
    record = Record()
    record.grant(
        account_id=invoice.account_id,
        amount=amount,
        currency=invoice.currency,
        reason=reason,
        source=source,
        source_id=source_id,
        at=at,
    )
    write(record, actor=actor)


def _head(invoice: Invoice, source_type: str, source_id: UUID, at: datetime) -> ledger.Head:
    timezone = Account.objects.values_list("timezone", flat=True).get(pk=invoice.account_id)
    return ledger.Head(
        currency=invoice.currency,
        source_type=source_type,
        source_id=source_id,
        account_id=invoice.account_id,
        on=local_date(at, timezone),
    )
