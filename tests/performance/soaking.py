"""What soak does: verbs at random on the same accounts, from many processes at once."""

import multiprocessing
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from queue import Empty
from typing import Any

from django.db import connection, connections

from apps.credits.actions.grant import grant
from apps.invoices.actions.apply import apply_now
from apps.invoices.actions.credit_note import credit_note
from apps.invoices.actions.one_off import Sale, one_off
from apps.invoices.actions.settle import record_payment
from apps.invoices.models import Invoice
from apps.invoices.queries import balances
from apps.kernel.errors import DomainError, NotFound
from apps.kernel.ids import uuid7
from apps.kernel.schedule import Scope
from apps.ledger.rules import LedgerAccount
from apps.monitoring.invariants import broken
from apps.subscriptions.actions.cancel import cancel
from apps.subscriptions.actions.change import change
from apps.subscriptions.actions.create import NewSubscription, create
from apps.subscriptions.actions.forecast import dry_run
from apps.subscriptions.actions.pause import pause
from apps.subscriptions.actions.resume import resume
from apps.subscriptions.actions.run import run_due
from apps.subscriptions.actions.void import void
from apps.subscriptions.models import Subscription
from apps.subscriptions.rules.lifecycle import LIVE
from tests.factories.accounts import make_account
from tests.factories.plans import make_plan
from tests.factories.subscriptions import ACTOR, make_subscription

BEGINS = datetime(2026, 1, 1, 12, tzinfo=UTC)
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"


def soaked(seconds: int, workers: int, accounts: int) -> dict[str, Any]:
    """How much was done and refused, and what went wrong: nothing may."""
    plans = [make_plan(prices={"USD": price}, at=BEGINS) for price in (4900, 9900, 300)]
    for number in range(accounts):
        grouping = "account" if number % 4 == 0 else "subscription"
        payer = make_account(email=f"a{number}@example.com", at=BEGINS, invoice_grouping=grouping)
        make_subscription(account=payer, plan=plans[number % 2], at=BEGINS)
        make_subscription(account=payer, plan=plans[2], at=BEGINS)
    with connection.cursor() as cursor:
        cursor.execute(DEADLOCKS)
        before = cursor.fetchone()[0]
    connections.close_all()
    context = multiprocessing.get_context("fork")
    told: Any = context.Queue()
    until = time.monotonic() + seconds
    crew = [
        context.Process(target=_work, args=(seed, until, told, [plan.pk for plan in plans])) for seed in range(workers)
    ]
    for worker in crew:
        worker.start()
    done: Counter[str] = Counter()
    errors: list[str] = []
    left = workers
    while left:
        try:
            kind, found = told.get(timeout=10)
        except Empty:
            print(f"{max(0, until - time.monotonic()):.0f} s to go", file=sys.stderr, flush=True)
            continue
        left -= kind == "done"
        if kind == "done":
            done.update(found)
        else:
            errors.append(found)
    for worker in crew:
        worker.join()
    with connection.cursor() as cursor:
        # What a session counted is written when it ends, or a second later.
        time.sleep(2)
        cursor.execute(DEADLOCKS)
        deadlocks = cursor.fetchone()[0] - before
    return {
        "benchmark": "soak", "seconds": seconds, "workers": workers, "done": done["done"],
        "refused": done["refused"], "invoices": Invoice.objects.count(), "deadlocks": deadlocks, "errors": errors[:5],
        "broken": [str(each) for each in broken()][:5],
    }  # fmt: skip


NOTHING = NotFound("nothing_there", "Nothing is in that state yet.", hint="Another verb will do.")


def _work(seed: int, until: float, told: Any, plan_ids: list[Any]) -> None:
    """One worker: a verb after the other until the time is up."""
    chance, counts, began = random.Random(seed), Counter[str](), time.monotonic()
    verbs: list[Callable[..., object]] = [
        _run,
        _run,
        _change,
        _pause,
        _cancel,
        _create,
        _sell,
        _credit,
        _void,
        _note,
        _pay,
    ]
    while time.monotonic() < until:
        at = BEGINS + timedelta(days=time.monotonic() - began)
        verb = chance.choice(verbs)
        try:
            verb(chance, at, plan_ids)
            counts["done"] += 1
        except DomainError:
            counts["refused"] += 1
        except Exception as error:  # noqa: BLE001 - told, and the soak fails by it
            told.put(("error", f"{verb.__name__}: {type(error).__name__}: {error}"[:500]))
    connections.close_all()
    told.put(("done", dict(counts)))


def _run(chance: random.Random, at: datetime, plans: list[Any]) -> None:
    if chance.random() < 0.1:
        dry_run(at=at, scope=Scope(), actor=ACTOR)
    run_due(at=at, scope=Scope(), actor=ACTOR)


def _one(chance: random.Random) -> Any:
    ids = list(Subscription.objects.filter(status__in=LIVE).values_list("pk", flat=True))
    if not ids:
        raise NOTHING
    return chance.choice(ids)


def _invoice(chance: random.Random, *states: str) -> Any:
    ids = list(Invoice.objects.filter(status__in=states).order_by("-pk").values_list("pk", flat=True)[:50])
    if not ids:
        raise NOTHING
    return chance.choice(ids)


def _change(chance: random.Random, at: datetime, plans: list[Any]) -> None:
    effective = chance.choice(["now", "now", "period_end"])
    change(subscription_id=_one(chance), quantity=chance.randint(1, 9), effective=effective, at=at, actor=ACTOR)


def _pause(chance: random.Random, at: datetime, plans: list[Any]) -> None:
    pk = _one(chance)
    verb = resume if Subscription.objects.get(pk=pk).status == "PAUSED" else pause
    verb(subscription_id=pk, at=at, actor=ACTOR)


def _cancel(chance: random.Random, at: datetime, plans: list[Any]) -> None:
    cancel(subscription_id=_one(chance), at_period_end=chance.random() < 0.5, at=at, actor=ACTOR)


def _create(chance: random.Random, at: datetime, plans: list[Any]) -> None:
    ids = list(Subscription.objects.values_list("account_id", flat=True).distinct())
    create(new=NewSubscription(account_id=chance.choice(ids), plan_id=chance.choice(plans)), at=at, actor=ACTOR)


def _sell(chance: random.Random, at: datetime, plans: list[Any]) -> None:
    owner = Subscription.objects.get(pk=_one(chance)).account_id
    one_off(account_id=owner, sales=[Sale(description="x", unit_amount=Decimal(700))], at=at, actor=ACTOR)


def _credit(chance: random.Random, at: datetime, plans: list[Any]) -> None:
    owner = Subscription.objects.get(pk=_one(chance)).account_id
    grant(account_id=owner, amount=chance.randint(1, 9000), currency="USD", reason="x", at=at, actor=ACTOR)
    apply_now(invoice_id=_invoice(chance, "OPEN"), at=at, actor=ACTOR)


def _void(chance: random.Random, at: datetime, plans: list[Any]) -> None:
    void(invoice_id=_invoice(chance, "OPEN", "PAID"), reason="x", replace_it=chance.random() < 0.7, at=at, actor=ACTOR)


def _note(chance: random.Random, at: datetime, plans: list[Any]) -> None:
    pk = _invoice(chance, "OPEN", "PAID")
    credit_note(invoice_id=pk, amount=chance.randint(1, 3000), reason="x", at=at, actor=ACTOR)


def _pay(chance: random.Random, at: datetime, plans: list[Any]) -> None:
    pk = _invoice(chance, "OPEN")
    left = balances([pk])[pk].balance
    record_payment(
        invoice_id=pk, payment_id=uuid7(), amount=max(1, left), paid_at=at, actor=ACTOR, into=LedgerAccount.BANK
    )
