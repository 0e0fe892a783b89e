"""Customers who do not pay, on a clock of their own, and the days that pass."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from apps.accounts.models import Account
from apps.clocks.actions import create as make_clock
from apps.clocks.models import TestClock
from apps.dunning.actions.sweep import sweep
from apps.dunning.models import History, Standing
from apps.events.models import Event
from apps.events.publish import publish
from apps.events.relay import drain
from apps.events.rules import Lane
from apps.invoices.actions.settle import record_payment
from apps.invoices.models import Invoice
from apps.invoices.queries import balances
from apps.kernel.actors import system
from apps.kernel.ids import uuid7
from apps.kernel.periods import midnight
from apps.kernel.schedule import Scope
from apps.kernel.transactions import unit_of_work
from apps.payments.events import PaymentRetriesExhausted
from apps.payments.models import Payment
from tests.factories.invoices import invoice, payer
from tests.factories.payments import known_method

ACTOR = system("tests")
DUE = date(2026, 3, 1)


def clocked(day: date = DUE) -> TestClock:
    """A clock that stands at noon (UTC) of that day."""
    return make_clock(name="dunning", frozen_time=datetime(day.year, day.month, day.day, 12, tzinfo=UTC), actor=ACTOR)


def debtor(clock: TestClock, amount: int = 4900, *, card: bool = False, **fields: Any) -> tuple[Account, Invoice]:
    """An account, and its invoice that is due on the local day of the clock. Our own apps have heard."""
    account = payer(test_clock_id=clock.pk, net_terms_days=0, **fields)
    if card:
        known_method(account)
    made = invoice(amount, account=account, at=clock.frozen_time)
    told()
    return account, made


def told() -> None:
    """Let our own apps hear what was announced."""
    for _ in range(3):
        drain(Lane.API)
        drain(Lane.RUN)


def stand_at(clock: TestClock, at: datetime) -> None:
    """Move the clock there without its worker, unless it is there, and judge what is due."""
    at = max(at, clock.frozen_time)
    TestClock.objects.filter(pk=clock.pk).update(frozen_time=at)
    clock.refresh_from_db()
    sweep(at, Scope(clock.pk), actor=ACTOR)
    told()


def days_later(clock: TestClock, days: int, *, timezone: str = "UTC", due: date = DUE, second: int = 0) -> None:
    """To the local midnight so many days after `due`, and that many seconds."""
    stand_at(clock, midnight(due + timedelta(days=days), timezone) + timedelta(seconds=second))


def pay(one: Invoice, at: datetime) -> None:
    """All of it, as a payment that succeeded leaves it."""
    amount = balances([one.pk])[one.pk].balance
    with unit_of_work(ACTOR):
        Payment.objects.filter(invoice=one, status="PENDING").update(status="FAILED", settled_at=at, next_call_at=None)
        paid = Payment.objects.create(
            invoice=one, account_id=one.account_id, amount=amount, currency=one.currency, status="SUCCEEDED",
            method="card", settled_at=at,
        )  # fmt: skip
        record_payment(invoice_id=one.pk, payment_id=paid.pk, amount=amount, paid_at=at, actor=ACTOR)


def give_up(one: Invoice, at: datetime) -> None:
    """Payments say that the retries of an invoice are exhausted."""
    with unit_of_work(ACTOR):
        shown = {"id": str(uuid7()), "invoice_id": str(one.pk)}
        publish([PaymentRetriesExhausted(object=shown, object_id=one.pk, account_id=one.account_id, effective_at=at)])
    told()


def state(account: Account) -> tuple[str, str]:
    """What the account shows, and why; its standing agrees."""
    account.refresh_from_db()
    standing = Standing.objects.filter(account=account).first()
    assert account.overdue_status == (standing.status if standing else "CURRENT")
    return account.overdue_status, standing.reason if standing else ""


def happened(account: Account) -> list[tuple[str, str, str]]:
    """The history, in order: kind, state afterwards, message."""
    rows = History.objects.filter(account=account).order_by("id")
    return list(rows.values_list("kind", "status_after", "message"))


def announced(account: Account) -> list[str]:
    """Events about it that dunning announces, in order."""
    types = ["account.overdue", "account.blocked", "account.restored"]
    rows = Event.objects.filter(account_id=account.pk, event_type__in=types).order_by("id")
    return list(rows.values_list("event_type", flat=True))
