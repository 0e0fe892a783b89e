"""Sixteen clients over HTTP, a third of whose events are repetitions, while workers bill: each event is billed once."""

import json
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections

from apps.access.actions import create_api_key
from apps.kernel import clock
from apps.kernel.ids import uuid7
from apps.subscriptions import due
from apps.subscriptions.actions.late import sweep
from apps.subscriptions.models import Subscription
from tests.factories.accounts import make_account
from tests.factories.subscriptions import ACTOR, make_subscription
from tests.subscriptions.lives import WALL
from tests.subscriptions.test_usage import metered, whole
from tests.web.servers import Server, serving

CLIENTS, REPEATED = 16, 0.3


@dataclass
class Sent:
    """What clients were told, and the keys that they sent."""

    keys: set[str]
    answers: list[dict[str, Any]]


def billed_today(count: int, now: datetime) -> list[Subscription]:
    """Weekly subscriptions whose first week ended at the last midnight, and is not billed yet; a cent a call."""
    plan = metered("per_unit", [{"unit_price": "1"}], plan={"interval": "week"})
    week_ago = datetime.combine(now.date(), datetime.min.time(), UTC) - timedelta(days=6, hours=12)
    return [make_subscription(account=make_account(), plan=plan, at=week_ago) for _ in range(count)]


def batches(made: list[Subscription], number: int, size: int, now: datetime) -> list[list[dict[str, Any]]]:
    """Of one client each: new events of the week that has ended, and such as others send too."""
    midnight = datetime.combine(now.date(), datetime.min.time(), UTC)

    def one() -> dict[str, Any]:
        used = midnight - timedelta(seconds=random.randrange(1, 86_400 * 6))
        return {"idempotency_key": str(uuid7()), "subscription_id": str(random.choice(made).pk), "metric": "api_calls",
                "quantity": 1, "timestamp": used.isoformat()}  # fmt: skip

    again = int(size * REPEATED)
    found = [[one() for _ in range(size - again)] for _ in range(number)]
    known = [event for batch in found for event in batch]
    for batch in found:
        batch += random.sample(known, again)
        random.shuffle(batch)
    return found


def sent(
    server: Server, key: str, own: list[list[dict[str, Any]]], begun: threading.Event, billed: threading.Event
) -> Sent:
    """All clients send at once; `begun` is set when a part of it is there. The last batch waits for an invoice."""
    told = Sent(set(), [])
    lock = threading.Lock()

    def client(number: int) -> None:
        for batch in own[number::CLIENTS]:
            if batch is own[-1]:
                assert billed.wait(120)
            answer = server.ask(
                "/v1/usage/batch", method="POST", body=json.dumps(batch).encode(), timeout=120,
                Authorization=f"Bearer {key}", Content_Type="application/json",
            )  # fmt: skip
            assert answer.status == 200, answer.body
            with lock:
                told.answers.append(dict(answer.json))
                told.keys.update(event["idempotency_key"] for event in batch)
                if len(told.answers) > len(own) // 4:
                    begun.set()

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(client, range(CLIENTS)))
    return told


def worked(at: datetime, begun: threading.Event, billed: threading.Event, over: threading.Event) -> int:
    """A worker: what is late is noted, what is due is billed, until all has been sent and nothing is due."""
    renewed = 0
    try:
        assert begun.wait(120)
        while True:
            last = over.is_set()
            due.earliest_late(at, WALL)
            renewed += due.run(at, WALL)
            billed.set()
            if last and due.earliest(at, WALL) is None:
                return renewed
    finally:
        connections.close_all()


def figures(statement: str) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return tuple(cursor.fetchone())


@pytest.mark.fr("FR-073", "FR-079", "SC-013")
@pytest.mark.parametrize(
    ("subscriptions", "number", "size", "batch"),
    [(12, 64, 50, 2), pytest.param(200, 400, 500, 25, marks=pytest.mark.long)],
)
def test_each_event_is_billed_once_while_clients_send_and_workers_bill(
    tmp_path: Path, committed_db: str, settings: Any, subscriptions: int, number: int, size: int, batch: int
) -> None:
    settings.BILLING_RENEWAL_BATCH = batch
    now = clock.wall()
    made = billed_today(subscriptions, now)
    own = batches(made, number, size, now)
    key = create_api_key(
        name="meter", role="billing_admin", livemode=False, rate_limit=0, at=now, actor=ACTOR
    )[1]  # fmt: skip
    sweep(actor=ACTOR, often=True)
    connection.close()
    begun, billed, over = threading.Event(), threading.Event(), threading.Event()
    with (
        serving(tmp_path, committed_db, workers=2, DJANGO_SETTINGS_MODULE="billing_project.settings") as server,
        ThreadPoolExecutor(2) as workers,
    ):
        working = [workers.submit(worked, clock.wall(), begun, billed, over) for _ in range(2)]
        try:
            told = sent(server, key, own, begun, billed)
        finally:
            begun.set()
            billed.set()
            over.set()
        assert sum(each.result(120) for each in working) >= subscriptions
    # What came after its renewal: noted, and billed when its day is over.
    assert sweep(actor=ACTOR, often=True) >= 0
    later = now + timedelta(days=2)
    while due.queries.recounts(later, WALL, wall=later).exists():
        due.run_late(later, WALL)

    assert sum(each["rejected"] for each in told.answers) == 0
    assert sum(each["accepted"] for each in told.answers) == len(told.keys)
    assert sum(each["accepted"] + each["duplicates"] for each in told.answers) == number * size
    stored = figures("SELECT count(*), count(DISTINCT idempotency_key) FROM usage_event")
    assert stored == (len(told.keys), len(told.keys))
    # An event is a cent: what invoices charge is what they hold, and each subscription's is its own.
    charged = figures(
        "SELECT sum(amount) FROM invoices_line JOIN invoices_invoice AS invoice ON invoice.id = invoice_id"
        " WHERE invoices_line.kind = 'usage' AND invoice.status <> 'VOID'"
    )
    assert charged == (len(told.keys),)
    assert figures(
        "SELECT count(*) FROM (SELECT subscription_id, count(*) AS events FROM usage_event GROUP BY 1) AS used"
        " FULL JOIN (SELECT subscription_id, sum(usage) AS billed, max(events) AS held FROM subscriptions_usagebill"
        "  GROUP BY 1) AS bill USING (subscription_id)"
        " WHERE (used.events, used.events) IS DISTINCT FROM (bill.billed, bill.held)"
    ) == (0,)
    # It was no race if nothing came late.
    assert figures("SELECT count(*) > 0 FROM invoices_invoice WHERE kind = 'supplemental'") == (True,)
    whole()
