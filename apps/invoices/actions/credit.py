"""Credit when invoices become final: it pays them, and what a net below zero leaves becomes credit.

That new credit first pays the open invoices that charged what is credited. Computed here, with one
read or three whatever the number of invoices; issue() writes it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from apps.credits import queries as credits
from apps.credits.actions.record import Record
from apps.credits.objects import CreditObject, credit_objects
from apps.credits.rules import Source, in_order, spend
from apps.invoices import rows
from apps.invoices.actions.paid import Paid
from apps.invoices.queries import balances, lock
from apps.invoices.registry import under_way
from apps.invoices.rows import Ready
from apps.invoices.rules import Status
from apps.ledger import rules as ledger

Pools = dict[UUID, dict[UUID, CreditObject]]
"""Account -> its credits with what remains of them, by id."""


@dataclass
class _Open:
    """An earlier invoice whose balance may be reduced."""

    account_id: UUID
    balance: int
    """What nobody has paid and no payment under way will."""
    collected: int = 0
    reduced: int = 0


@dataclass
class Applied:
    """The invoices as credit leaves them, in order, and all that is to be written for it."""

    ready: list[Ready] = field(default_factory=list)
    record: Record = field(default_factory=Record)
    paid: list[Paid] = field(default_factory=list)
    entries: list[tuple[Ready, ledger.NewEntry]] = field(default_factory=list)


def apply_credit(ready: Sequence[Ready]) -> Applied:
    """Pay each of `ready`, in its order, from its account's credits: soonest expiring first, then oldest.

    The accounts are locked by the caller, and with them their credits; invoices that are reduced are locked here.
    """
    applied = Applied()
    pools = _pools(ready)
    earlier = _reducible(ready)
    for one in ready:
        pool = pools.setdefault(one.draft.account_id, {})
        if one.sums.credit:
            left = _reduce(one, earlier, applied)
            pool[left.id] = left
            applied.ready.append(one)
        else:
            applied.ready.append(_pay(one, pool, applied))
    return applied


def _pools(ready: Sequence[Ready]) -> Pools:
    pools: Pools = {}
    for credit in credit_objects(credits.available({one.draft.account_id for one in ready})):
        pools.setdefault(credit.account_id, {})[credit.id] = credit
    return pools


def _reducible(ready: Sequence[Ready]) -> dict[UUID, _Open]:
    """The open invoices that some of `ready` may reduce, locked against payments meanwhile.

    What a payment under way collects counts as paid: reduced besides, it would come in twice.
    """
    ids = {invoice_id for one in ready if one.sums.credit for invoice_id in one.draft.reduces}
    if not ids:
        return {}
    locked = {pk: invoice for pk, invoice in lock(ids).items() if invoice.status == Status.OPEN}
    left, collected = balances(locked), under_way(locked)
    return {
        pk: _Open(invoice.account_id, left[pk].balance - collected[pk], collected[pk]) for pk, invoice in locked.items()
    }


def _pay(one: Ready, pool: dict[UUID, CreditObject], applied: Applied) -> Ready:
    document = one.object
    for credit, part in spend(in_order(pool.values()), document.balance, at=one.at):
        pool[credit.id] = _use(one, credit, document.id, part, applied)
        document = rows.credited(document, part, at=one.at)
    return one if document is one.object else replace(one, object=document)


def _reduce(one: Ready, earlier: dict[UUID, _Open], applied: Applied) -> CreditObject:
    """The new credit, once it has paid what it can of the invoices that it reverses."""
    credit = applied.record.grant(
        account_id=one.draft.account_id,
        amount=one.sums.credit,
        currency=one.draft.currency,
        reason=one.draft.lines[-1].description,
        source=Source.PRORATION,
        source_id=one.object.id,
        at=one.at,
    )
    for invoice_id in dict.fromkeys(one.draft.reduces):
        found = earlier.get(invoice_id)
        if found is None or found.account_id != one.draft.account_id:
            continue
        part = min(credit.remaining, found.balance)
        if part <= 0:
            continue
        credit = _use(one, credit, invoice_id, part, applied)
        found.balance -= part
        found.reduced += part
        if not found.balance and not found.collected:
            applied.paid.append(Paid(invoice_id, found.reduced, one.at, "credits_applied"))
    return credit


def _use(one: Ready, credit: CreditObject, invoice_id: UUID, part: int, applied: Applied) -> CreditObject:
    left = applied.record.use(credit, invoice_id=invoice_id, amount=part, at=one.at)
    entry = ledger.credit_use(
        amount=part,
        currency=one.draft.currency,
        source_type="credit_use",
        source_id=applied.record.uses[-1].id,
        account_id=one.draft.account_id,
        on=one.object.issue_date or one.at.date(),
    )
    applied.entries.append((one, entry))
    return left
