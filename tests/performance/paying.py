"""Invoices made at a steady rate, and what workers make of them."""

import sys
import time
from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import count, cycle, islice
from typing import Any

import redis
from django.conf import settings
from django.db import connection

from apps.accounts.models import Account
from apps.events.rules import Lane
from apps.invoices.actions.issue import issue
from apps.invoices.rules import DraftInvoice, DraftLine, Kind, LineKind
from apps.kernel import clock
from apps.kernel.actors import system
from apps.kernel.transactions import unit_of_work
from apps.monitoring.invariants import broken
from apps.payments.actions.sweep import sweep
from apps.payments.models import PaymentMethod
from tests.factories.invoices import payer
from tests.factories.payments import attach
from tests.factories.tax import registered
from tests.performance.spent import parent_of, spent

ACTOR = system("bench")
STEPS = 5
"""So many batches a second."""
PATIENCE = 180.0
"""Seconds, from the last invoice to the last message."""

_AMOUNTS = count(4900)
WARMING = 20
"""Invoices before the first that counts: processes that have begun, as they run all day."""

_LEFT = """
SELECT (SELECT count(*) FROM invoices_invoice) * 2 - (
    SELECT count(*) FROM notifications_message WHERE status = 'SENT' AND kind IN ('invoice_created', 'receipt')
)
"""
_FIGURES = """
SELECT count(*) FILTER (WHERE payment.status = 'SUCCEEDED') AS payments,
    extract(epoch FROM max(payment.settled_at) - min(payment.settled_at))::float AS seconds,
    percentile_cont(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM payment.settled_at - invoice.created_at))::float,
    percentile_cont(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM message.created_at - invoice.created_at))::float,
    percentile_cont(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM message.sent_at - invoice.created_at))::float,
    percentile_cont(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM receipt.sent_at - payment.settled_at))::float
FROM invoices_invoice AS invoice
JOIN payments_payment AS payment ON payment.invoice_id = invoice.id
JOIN notifications_message AS message ON message.cause_id = invoice.id AND message.kind = 'invoice_created'
JOIN notifications_message AS receipt ON receipt.cause_id = payment.id AND receipt.kind = 'receipt'
WHERE invoice.created_at >= %s
"""


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def payers(number: int) -> list[Account]:
    """Accounts with a card that the gateway has verified."""
    say(f"making {number} accounts with a card")
    registered("DE")
    made = [
        payer(
            email=f"{index}@example.com",
            name=f"Customer {index}",
            address={"line1": f"Way {index}", "postal_code": f"{10000 + index}", "city": "Berlin"},
            country="DE",
        )
        for index in range(number)
    ]
    for each in made:
        attach(each)
    sweep(seconds=600, actor=ACTOR, at_once=4)
    if waiting := PaymentMethod.objects.exclude(status="ACTIVE").count():
        raise SystemExit(f"{waiting} cards are not verified")
    return made


def paid(made: Sequence[Account], rate: int, seconds: int, processes: Mapping[str, int]) -> dict[str, Any]:
    """Make invoices, wait until all are paid and told of, and say how long that took, and of which `processes`."""
    processes, turn = {**processes, **_services()}, cycle(made)
    _invoice(list(islice(turn, WARMING)))
    _all_told()
    before, since, began, late = spent(processes), clock.wall(), time.monotonic(), 0.0
    for step in range(seconds * STEPS):
        late = max(late, time.monotonic() - began - step / STEPS)
        time.sleep(max(0.0, began + step / STEPS - time.monotonic()))
        _invoice(list(islice(turn, rate // STEPS)))
        if step % (5 * STEPS) == 0:
            say(f"  {step // STEPS} of {seconds} s, {_left()} messages to come")
    _all_told()
    after = spent(processes)
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES, [since])
        payments, took, settled, written, sent, receipt = cursor.fetchone()
    return {
        "invoices": seconds * (rate // STEPS) * STEPS,
        "offered_per_second": rate,
        "late_seconds": round(late, 2),
        "payments": payments,
        "payments_per_second": round((payments - 1) / took, 1),
        "invoice_to_paid_seconds_p99": round(settled, 2),
        "invoice_to_message_written_seconds_p99": round(written, 2),
        "invoice_to_message_seconds_p99": round(sent, 2),
        "payment_to_receipt_seconds_p99": round(receipt, 2),
        "processor_ms_per_payment": {
            name: round((after[name] - before[name]) * 1000 / payments, 2) for name in processes
        },
        "invariants_broken": len(broken()),
    }


def _all_told() -> None:
    until = time.monotonic() + PATIENCE
    while (left := _left()) and time.monotonic() < until:
        time.sleep(0.25)
    if left:
        raise SystemExit(f"{left} messages were not sent in {PATIENCE:.0f} s")


def _services() -> dict[str, int]:
    """The processes that everything of PostgreSQL's and of Valkey's is below."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        database = parent_of(cursor.fetchone()[0])
    with redis.Redis.from_url(settings.REDIS_URL) as valkey:
        return {"postgresql": database, "valkey": int(valkey.info("server")["process_id"])}


def _invoice(accounts: Sequence[Account]) -> None:
    """Each of another amount, as each of the accounts has another name: no document is like the one before."""
    drafts = [
        DraftInvoice(
            account_id=each.pk, kind=Kind.ONE_OFF, currency=each.currency,
            lines=[DraftLine(kind=LineKind.ONE_OFF, description="Setup", amount=amount, unit_amount=Decimal(amount))],
        )
        for each, amount in zip(accounts, _AMOUNTS, strict=False)
    ]  # fmt: skip
    with unit_of_work(ACTOR):
        issue(drafts, at=clock.wall(), actor=ACTOR, lane=Lane.RUN)


def _left() -> int:
    with connection.cursor() as cursor:
        cursor.execute(_LEFT)
        return int(cursor.fetchone()[0])
