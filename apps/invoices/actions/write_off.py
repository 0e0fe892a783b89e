"""Write-offs: what is left of an invoice is given up, and can be claimed again."""

from datetime import datetime
from uuid import UUID

from apps.accounts import queries as accounts
from apps.events.rules import Lane
from apps.invoices.actions.open_again import open_again
from apps.invoices.actions.paid import Paid, mark_paid
from apps.invoices.models import Invoice, Settlement, WriteOff
from apps.invoices.queries import balances, lock
from apps.invoices.registry import under_way
from apps.invoices.rules import SettlementKind, Status
from apps.kernel.actors import Actor
from apps.kernel.errors import Conflict, NotFound
from apps.kernel.periods import local_date
from apps.kernel.transactions import unit_of_work
from apps.ledger import rules as ledger
from apps.ledger.actions import post


def write_off(*, invoice_id: UUID, reason: str, at: datetime, actor: Actor) -> Invoice:
    """Give up what is left of it: a loss in the books, and the invoice counts as settled.

    Errors: invoice_not_found (404); invoice_not_open, payment_under_way (409).
    """
    with unit_of_work(actor):
        invoice, timezone = _locked(invoice_id)
        if invoice.status != Status.OPEN:
            raise Conflict(
                "invoice_not_open", f"The invoice is {invoice.status}.", hint="Only what is open can be written off."
            )
        if under_way([invoice_id])[invoice_id]:
            raise Conflict(
                "payment_under_way", "A payment of it is under way.", hint="Wait until it has succeeded or failed."
            )
        amount = balances([invoice_id])[invoice_id].balance
        given_up = WriteOff.objects.create(invoice=invoice, amount=amount, reason=reason, at=at, actor=str(actor))
        Settlement.objects.create(
            invoice=invoice, kind=SettlementKind.WRITE_OFF, source_id=given_up.pk, amount=amount, at=at
        )
        post([_entry(invoice, given_up, timezone, at)], at=at)
        mark_paid([Paid(invoice_id, amount, at, None)], lane=Lane.API)
        return Invoice.objects.get(pk=invoice_id)


def reverse_write_off(*, invoice_id: UUID, at: datetime, actor: Actor) -> Invoice:
    """Claim it again: the invoice is open as before. Errors: invoice_not_found (404); write_off_not_found (409)."""
    with unit_of_work(actor):
        invoice, timezone = _locked(invoice_id)
        given_up = WriteOff.objects.filter(invoice=invoice, reversed_at=None).first()
        if given_up is None:
            raise Conflict(
                "write_off_not_found", "The invoice is not written off.", hint="There is nothing to take back."
            )
        WriteOff.objects.filter(pk=given_up.pk).update(reversed_at=at)
        Settlement.objects.create(
            invoice=invoice,
            kind=SettlementKind.WRITE_OFF_REVERSAL,
            source_id=given_up.pk,
            amount=-given_up.amount,
            at=at,
        )
        reversal = ledger.reversal(
            _entry(invoice, given_up, timezone, at),
            kind=ledger.Kind.WRITE_OFF_REVERSAL,
            source_type="write_off",
            source_id=given_up.pk,
            on=local_date(at, timezone),
        )
        post([reversal], at=at)
        open_again([invoice_id], actor=actor)
        return Invoice.objects.get(pk=invoice_id)


def _locked(invoice_id: UUID) -> tuple[Invoice, str]:
    owner = Invoice.objects.filter(pk=invoice_id).values_list("account_id", flat=True).first()
    if owner is None:
        raise NotFound("invoice_not_found", f"There is no invoice {invoice_id}.", hint="Check the id.")
    account = accounts.lock_one(owner)
    return lock([invoice_id])[invoice_id], account.timezone


def _entry(invoice: Invoice, given_up: WriteOff, timezone: str, at: datetime) -> ledger.NewEntry:
    return ledger.write_off(
        amount=given_up.amount,
        currency=invoice.currency,
        source_type="write_off",
        source_id=given_up.pk,
        account_id=invoice.account_id,
        on=local_date(at, timezone),
    )
