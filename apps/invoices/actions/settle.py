"""What comes off an invoice's balance, each thing once."""

from datetime import datetime
from uuid import UUID

from apps.accounts.models import Account
from apps.credits.actions.record import Record, write
from apps.credits.rules import Source
from apps.events.rules import Lane
from apps.invoices.actions.paid import Paid, mark_paid
from apps.invoices.models import Invoice, Settlement
from apps.invoices.queries import balances, lock
from apps.invoices.rules import SettlementKind, Status
from apps.kernel.actors import Actor
from apps.kernel.errors import Invalid, NotFound
from apps.kernel.money import bounded
from apps.kernel.periods import local_date
from apps.kernel.transactions import unit_of_work
from apps.ledger import rules as ledger
from apps.ledger.actions import post


def record_payment(
    *,
    invoice_id: UUID,
    payment_id: UUID,
    amount: int,
    paid_at: datetime,
    actor: Actor,
    lane: Lane = Lane.API,
    into: ledger.LedgerAccount = ledger.LedgerAccount.GATEWAY_CLEARING,
) -> int:
    """Take a payment that succeeded off the invoice; PAID when nothing is left. Returns what was too much.

    Recording the same payment again changes nothing and gives the same answer. What the invoice cannot take (it is
    VOID, or already settled) becomes the account's credit.
    Errors: invoice_not_found (404), payment_not_positive and amount_too_large (422), invoice_is_draft (422).
    """
    with unit_of_work(actor):
        invoice = lock([invoice_id]).get(invoice_id)
        if invoice is None:
            raise NotFound("invoice_not_found", f"There is no invoice {invoice_id}.", hint="Check the id.")
        earlier = Settlement.objects.filter(kind=SettlementKind.PAYMENT, source_id=payment_id).first()
        if earlier is not None:
            return int(earlier.excess)
        _check(invoice, amount)
        balance = balances([invoice_id])[invoice_id].balance
        applied = 0 if invoice.status == Status.VOID else min(amount, max(balance, 0))
        excess = amount - applied
        Settlement.objects.create(
            invoice=invoice,
            kind=SettlementKind.PAYMENT,
            source_id=payment_id,
            amount=applied,
            excess=excess,
            at=paid_at,
        )
        timezone = Account.objects.values_list("timezone", flat=True).get(pk=invoice.account_id)
        head = ledger.Head(
            currency=invoice.currency,
            source_type="payment",
            source_id=payment_id,
            account_id=invoice.account_id,
            on=local_date(paid_at, timezone),
        )
        entries = (
            ledger.payment(amount=applied, into=into, **head),
            ledger.overpayment(amount=excess, into=into, **head),
        )
        post(entries, at=paid_at)
        if excess:
            _credit(invoice, payment_id, excess, at=paid_at, actor=actor, lane=lane)
        if invoice.status == Status.OPEN and applied == balance:
            mark_paid([Paid(invoice.pk, balance, paid_at, "amount_paid")], lane=lane)
        return excess


def _credit(invoice: Invoice, payment_id: UUID, excess: int, *, at: datetime, actor: Actor, lane: Lane) -> None:
    """What was too much is the account's: it pays its next invoice."""
    record = Record()
    record.grant(
        account_id=invoice.account_id,
        amount=excess,
        currency=invoice.currency,
        reason=f"Overpayment of {invoice.number or 'an invoice'}",
        source=Source.OVERPAYMENT,
        source_id=payment_id,
        at=at,
    )
    write(record, actor=actor, lane=lane)


def _check(invoice: Invoice, amount: int) -> None:
    bounded(amount, what="payment")
    if amount <= 0:
        raise Invalid("payment_not_positive", f"A payment of {amount} pays nothing.", hint="Send an amount above 0.")
    if invoice.status == Status.DRAFT:
        raise Invalid("invoice_is_draft", "A draft owes nothing yet.", hint="Pay the invoice once it is final.")
