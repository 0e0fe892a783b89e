"""Usage measured over real HTTP, beside what the same rows cost by hand; and totals of a million events."""

import json
import random
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import psycopg

from apps.access.actions import create_api_key
from apps.kernel import clock
from apps.kernel.actors import system
from apps.kernel.ids import uuid7, uuid7s
from apps.usage.actions.windows import Window, open_windows
from apps.usage.queries.totals import Asked, totals
from apps.usage.rules.meters import Aggregation, Meter, WindowMeter
from tests.performance.clients import Connection, Wanted, asking

SUBSCRIPTIONS, BATCH, SENDERS, CONNECTIONS = 2000, 5000, 4, 16
MARK = b"@@@@@@@@"
PROPERTIES = {"region": "eu", "model": "large"}
METRIC = "api_calls"
SUM = Meter(METRIC, Aggregation.SUM)
INSERT = """
INSERT INTO usage_event (
    id, subscription_id, metric, quantity, timestamp, received_at, idempotency_key, properties
)"""


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def subscriptions(now: datetime) -> list[UUID]:
    """Metered ones, since a month ago."""
    made = uuid7s(SUBSCRIPTIONS)
    meters = {METRIC: (WindowMeter(key="calls", aggregation=Aggregation.SUM),)}
    open_windows(
        [
            Window(
                subscription_id=each, account_id=uuid7(), external_key=None, timezone="UTC", clock_id=None,
                starts_at=now - timedelta(days=30), metrics=meters,
            )
            for each in made
        ]
    )  # fmt: skip
    return made


def api_key() -> str:
    """A key without a limit."""
    made = {"name": "bench", "role": "billing_admin", "livemode": False, "rate_limit": 0}
    return create_api_key(**made, at=clock.wall(), actor=system("bench"))[1]


class Requests:
    """Bodies made beforehand; each time one is sent its keys begin anew, so that every event is a new one."""

    def __init__(self, owned: list[UUID], now: datetime, size: int, kinds: int) -> None:
        self.bodies = [self._body(owned, now, size) for _ in range(kinds)]
        self.number = random.randrange(2**31)
        self.lock = threading.Lock()

    def following(self) -> bytes:
        with self.lock:
            self.number += 1
            number = self.number
        return self.bodies[number % len(self.bodies)].replace(MARK, b"%08x" % (number % 2**32))

    def to(self, path: str) -> Callable[[], Wanted]:
        return lambda: Wanted("POST", path, self.following())

    def _body(self, owned: list[UUID], now: datetime, size: int) -> bytes:
        events = [
            {
                "idempotency_key": MARK.decode() + str(uuid4())[8:],
                "subscription_id": str(random.choice(owned)),
                "metric": METRIC,
                "quantity": f"{random.randrange(1, 500) / 100:.2f}",
                "timestamp": (now - timedelta(seconds=random.randrange(86400 * 20))).isoformat(),
                "properties": PROPERTIES,
            }
            for _ in range(size)
        ]
        return json.dumps(events if size > 1 else events[0]).encode()


def batches(port: int, key: str, owned: list[UUID], seconds: float) -> float:
    """New events a second in batches."""
    requests = Requests(owned, clock.wall(), BATCH, 4)
    answers, took = asking(port, key, requests.to("/v1/usage/batch"), SENDERS, seconds)
    accepted = 0
    for status, content, _ in answers:
        told = json.loads(content)
        assert status == 200, content
        assert told["accepted"] == BATCH, told
        accepted += told["accepted"]
    return accepted / took


def singles(port: int, path: str, key: str, owned: list[UUID], seconds: float) -> tuple[float, list[float]]:
    """Single events a second, and the milliseconds of each."""
    answers, took = asking(port, key, Requests(owned, clock.wall(), 1, 500).to(path), CONNECTIONS, seconds)
    assert {status for status, _, _ in answers} == {201}, answers[0]
    return len(answers) / took, [each * 1000 for _, _, each in answers]


def by_hand(owner_url: str, owned: list[UUID], seconds: float) -> float:
    """Rows a second of COPY and INSERT .. ON CONFLICT, the same rows in batches of the same size, by one client."""
    now = clock.wall()
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("CREATE TEMP TABLE sent (LIKE bare_event) ON COMMIT DELETE ROWS")
        took, rows = 0.0, 0
        while took < seconds:
            text = "".join(_lines(owned, now))
            started = time.perf_counter()
            with connection.transaction():
                with connection.cursor().copy("COPY sent FROM STDIN") as copy:
                    copy.write(text)
                connection.execute("INSERT INTO bare_event SELECT * FROM sent ON CONFLICT DO NOTHING")
            took += time.perf_counter() - started
            rows += BATCH
        return rows / took


def _lines(owned: list[UUID], now: datetime) -> Iterator[str]:
    written = json.dumps(PROPERTIES)
    for id in uuid7s(BATCH):
        stamp = now - timedelta(seconds=random.randrange(86400 * 20))
        quantity = f"{random.randrange(1, 500) / 100:.2f}"
        yield (
            f"{id}\t{random.choice(owned)}\t{METRIC}\t{quantity}\t{stamp.isoformat()}\t{now.isoformat()}\t{uuid4()}"
            f"\t{written}\n"
        )


def million(owner_url: str) -> float:
    """Seconds to add up a million events of one subscription, the median of five."""
    one, start = uuid7(), clock.wall() - timedelta(days=20)
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute(
            INSERT + " SELECT kernel_uuid7(), %s, %s, n %% 100 / 4.0, %s::timestamptz + n * interval '1 second', now(),"
            " 'million/' || n, '{}' FROM generate_series(1, 1000000) AS n",
            [one, METRIC, start],
        )
    asked = [Asked(one, SUM, start, start + timedelta(days=30))]
    return statistics.median(_seconds(lambda: _checked(asked, 1_000_000)) for _ in range(5))


def hundreds(owner_url: str, count: int) -> float:
    """Subscriptions a second whose hundred events are added up, in batches of a thousand, as autovacuum leaves them."""
    made, start = uuid7s(count), clock.wall() - timedelta(days=20)
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("CREATE TEMP TABLE made (id uuid)")
        with connection.cursor().copy("COPY made FROM STDIN") as copy:
            for each in made:
                copy.write_row((each,))
        connection.execute(
            INSERT + " SELECT kernel_uuid7(), made.id, %s, 1.25, %s::timestamptz + n * interval '1 hour', now(),"
            " made.id || '/' || n, '{}' FROM generate_series(1, 100) AS n CROSS JOIN made",
            [METRIC, start],
        )
        connection.execute("VACUUM usage_event")
    random.shuffle(made)
    parts = [made[place : place + 1000] for place in range(0, count, 1000)]
    asked = [[Asked(each, SUM, start, start + timedelta(days=30)) for each in part] for part in parts]
    return count / sum(_seconds(lambda part=part: _checked(part, 100)) for part in asked)


def _checked(asked: list[Asked], events: int) -> None:
    for own in totals(asked).totals:
        assert [total.events for total in own] == [events]


def _seconds(do: Callable[[], object]) -> float:
    started = time.perf_counter()
    do()
    return time.perf_counter() - started


def visible_after(port: int, key: str, owned: list[UUID]) -> float:
    """Seconds from sending an event until a total holds it."""
    one = random.choice(owned)
    requests = Requests([one], clock.wall(), 1, 1)
    asked = [Asked(one, SUM, clock.wall() - timedelta(days=30), clock.wall() + timedelta(days=1))]
    before = totals(asked).totals[0]
    count = before[0].events if before else 0
    started = time.perf_counter()
    Connection(port, key).send(requests.to("/v1/usage")())
    while totals(asked).totals[0][0].events == count:
        time.sleep(0.001)
    return time.perf_counter() - started
