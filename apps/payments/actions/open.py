"""Open a payment for invoices that are owed: a PENDING row each, in the transaction that made them owed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from apps.events.publish import publish
from apps.events.rules import Lane
from apps.invoices import queries as invoices
from apps.invoices.models import Invoice
from apps.kernel import clock
from apps.kernel.doorbell import ring_after_commit
from apps.kernel.rows import insert_rows
from apps.payments import queries
from apps.payments.events import PaymentCreated
from apps.payments.gateway import limits
from apps.payments.models import Payment, PaymentMethod
from apps.payments.objects import payment_objects
from apps.payments.rules import Origin, Status, chargeable


@dataclass(frozen=True)
class Owed:
    """An invoice to collect; `amount` is its balance in minor units."""

    invoice_id: UUID
    account_id: UUID
    amount: int
    currency: str
    attempt: int = 1
    origin: Origin = Origin.INVOICE


def open_payments(owed: Sequence[Owed], cards: Mapping[UUID, PaymentMethod] | None = None) -> list[Payment]:
    """Write a PENDING payment for each invoice whose account has a payment method; four queries for any number.

    What the gateway does not charge because it is too little waits for the account's next invoice, and is charged with
    that; what it does not charge because it is too much is left to a bank transfer.

    Inside the caller's transaction, for invoices that nobody collects yet: a partial unique index refuses a second
    pending payment. An invoice of an account without a payment method waits until there is one. `cards`: by account,
    what to charge instead of its default.
    """
    if cards is None:
        cards = queries.cards({each.account_id for each in owed})
    now, rows = clock.wall(), []
    for each, amount in _charges([each for each in owed if each.amount > 0 and each.account_id in cards]):
        card = cards[each.account_id]
        rows.append(
            Payment(
                invoice_id=each.invoice_id,
                account_id=each.account_id,
                payment_method=card,
                amount=amount,
                carried=max(amount - each.amount, 0),
                currency=each.currency,
                status=Status.PENDING,
                method=card.type,
                attempt=each.attempt,
                origin=each.origin,
                next_call_at=now,
            )
        )
    if rows:
        insert_rows(rows)
        ring_after_commit("payments.sweep", "payments")
    return rows


def _charges(owed: Sequence[Owed]) -> list[tuple[Owed, int]]:
    """Those of these invoices that the gateway charges, with how much: what was carried to them is in it, once."""
    if not owed:
        return []
    accounts, asked = {each.account_id for each in owed}, {each.invoice_id for each in owed}
    waiting = queries.small(accounts)
    little = waiting or any(each.amount < limits(each.currency).smallest for each in owed)
    taken = queries.being_carried(accounts) if little else set()
    earlier = {
        account_id: sum(each.balance for each in small if each.invoice_id not in asked)
        for account_id, small in waiting.items()
        if account_id not in taken
    }
    charges = []
    for each in owed:
        before = earlier.get(each.account_id, 0)
        if amount := chargeable(each.amount + before, limits(each.currency)) or chargeable(
            each.amount, limits(each.currency)
        ):
            charges.append((each, amount))
            if amount > each.amount:
                taken.add(each.account_id)
                earlier[each.account_id] = 0
        elif each.amount < limits(each.currency).smallest and each.account_id not in taken:
            earlier[each.account_id] = before + each.amount
    return charges


def try_again(
    owing: Sequence[Invoice], method: PaymentMethod, *, origin: Origin, at: datetime, lane: Lane = Lane.API
) -> list[Payment]:
    """Collect these invoices of one account by this method, as attempts after whatever was tried before.

    The account and the invoices are locked, and nothing is under way for them. Their schedule of retries ends: it is
    made anew if this fails.
    """
    ids = [invoice.pk for invoice in owing]
    left, tried = invoices.balances(ids), queries.attempts(ids)
    queries.to_retry_of(ids).update(next_retry_at=None)
    opened = open_payments(
        [
            Owed(
                invoice.pk,
                invoice.account_id,
                left[invoice.pk].balance,
                invoice.currency,
                tried.get(invoice.pk, 0) + 1,
                origin,
            )
            for invoice in owing
        ],
        {method.account_id: method},
    )
    publish(
        [
            PaymentCreated(object=shown, object_id=shown.id, account_id=shown.account_id, effective_at=at)
            for shown in payment_objects(opened)
        ],
        lane=lane,
    )
    return opened


def open_for_account(method: PaymentMethod, *, origin: Origin = Origin.METHOD, at: datetime) -> list[Payment]:
    """Collect what an account owes by a method that is new or works again; its row is locked by the caller.

    What waits for the customer's word on another method waits no longer: it fails, and is tried again by this one.
    Not what was paid once and is owed again since a bank took it back: for that a person has to ask.
    """
    queries.waiting_for_customer().filter(account_id=method.account_id).update(
        action_until=at, next_call_at=clock.wall()
    )
    owing = list(queries.collectable(method.account_id).order_by("pk"))
    locked = invoices.lock([invoice.pk for invoice in owing])
    return try_again([locked[invoice.pk] for invoice in owing], method, origin=origin, at=at)
