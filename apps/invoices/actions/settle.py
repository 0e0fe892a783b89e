"""What comes off an invoice's balance, each thing once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from apps.accounts.models import Account
from apps.credits.actions.record import Record, write
from apps.credits.rules import Source
from apps.events.rules import Lane
from apps.invoices import rows
from apps.invoices.actions.paid import Paid, mark_paid
from apps.invoices.models import Invoice, Settlement
from apps.invoices.queries import balances, lock
from apps.invoices.rules import SettlementKind, Status
from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.errors import Invalid, NotFound
from apps.kernel.ids import uuid7
from apps.kernel.money import bounded
from apps.kernel.periods import local_date
from apps.kernel.transactions import copy_rows, unit_of_work
from apps.ledger import rules as ledger
from apps.ledger.actions import post


@dataclass(frozen=True, kw_only=True)
class Received:
    """Money that came for an invoice, in minor units of its currency. `payment_id` names it: it counts once."""

    invoice_id: UUID
    payment_id: UUID
    amount: int
    paid_at: datetime


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

    The same as `record_payments` of one.
    """
    received = Received(invoice_id=invoice_id, payment_id=payment_id, amount=amount, paid_at=paid_at)
    return record_payments([received], actor=actor, lane=lane, into=into)[payment_id]


def record_payments(
    payments: Sequence[Received],
    *,
    actor: Actor,
    lane: Lane = Lane.API,
    into: ledger.LedgerAccount = ledger.LedgerAccount.GATEWAY_CLEARING,
) -> dict[UUID, int]:
    """Take payments that succeeded off their invoices, in a fixed number of queries; what was too much of each.

    Recording the same payment again changes nothing and gives the same answer. What the invoice cannot take (it is
    VOID, or already settled) becomes the account's credit.
    Errors: invoice_not_found (404), payment_not_positive and amount_too_large (422), invoice_is_draft (422).
    """
    with unit_of_work(actor):
        invoices = lock({each.invoice_id for each in payments})
        earlier = Settlement.objects.filter(kind=SettlementKind.PAYMENT, source_id__in=[p.payment_id for p in payments])
        excess = {source: int(amount) for source, amount in earlier.values_list("source_id", "excess")}
        fresh = [each for each in payments if each.payment_id not in excess]
        _check(fresh, invoices)
        if not fresh:
            return excess
        left = {pk: each.balance for pk, each in balances({each.invoice_id for each in fresh}).items()}
        owners = Account.objects.filter(pk__in={invoices[each.invoice_id].account_id for each in fresh})
        zones = dict(owners.values_list("pk", "timezone"))
        record, paid, settled = Record(), [], []
        entries: dict[datetime, list[ledger.NewEntry]] = {}
        for each in fresh:
            invoice, balance = invoices[each.invoice_id], left[each.invoice_id]
            applied = 0 if invoice.status == Status.VOID else min(each.amount, max(balance, 0))
            excess[each.payment_id] = each.amount - applied
            left[each.invoice_id] = balance - applied
            settled.append((
                uuid7(), clock.wall(), invoice.pk, SettlementKind.PAYMENT.value, each.payment_id, applied,
                each.amount - applied, each.paid_at,
            ))  # fmt: skip
            head = ledger.Head(
                currency=invoice.currency,
                source_type="payment",
                source_id=each.payment_id,
                account_id=invoice.account_id,
                on=local_date(each.paid_at, zones[invoice.account_id]),
            )
            entries.setdefault(each.paid_at, []).extend([
                ledger.payment(amount=applied, into=into, **head),
                ledger.overpayment(amount=each.amount - applied, into=into, **head),
            ])  # fmt: skip
            if each.amount > applied:
                _credit(record, invoice, each, each.amount - applied)
            if invoice.status == Status.OPEN and 0 < applied == balance:
                paid.append(Paid(invoice.pk, balance, each.paid_at, "amount_paid"))
        copy_rows(Settlement._meta.db_table, rows.SETTLEMENT, settled)
        for instant, posted in entries.items():
            post(posted, at=instant)
        write(record, actor=actor, lane=lane)
        mark_paid(paid, lane=lane)
        return excess


def _credit(record: Record, invoice: Invoice, payment: Received, excess: int) -> None:
    """What was too much is the account's: it pays its next invoice."""
    record.grant(
        account_id=invoice.account_id,
        amount=excess,
        currency=invoice.currency,
        reason=f"Overpayment of {invoice.number or 'an invoice'}",
        source=Source.OVERPAYMENT,
        source_id=payment.payment_id,
        at=payment.paid_at,
    )


def _check(payments: Sequence[Received], invoices: Mapping[UUID, Invoice]) -> None:
    for each in payments:
        if (invoice := invoices.get(each.invoice_id)) is None:
            raise NotFound("invoice_not_found", f"There is no invoice {each.invoice_id}.", hint="Check the id.")
        bounded(each.amount, what="payment")
        if each.amount <= 0:
            detail = f"A payment of {each.amount} pays nothing."
            raise Invalid("payment_not_positive", detail, hint="Send an amount above 0.")
        if invoice.status == Status.DRAFT:
            raise Invalid("invoice_is_draft", "A draft owes nothing yet.", hint="Pay the invoice once it is final.")
