"""Many clients at once, slow ones, and killed ones: each event is stored once."""

import os
import random
import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.db import connections

from apps.kernel import clock
from apps.kernel.actors import system
from apps.usage.actions.partitions import turn_keys
from apps.usage.actions.record import record
from apps.usage.models import UsageEvent
from tests.factories.usage import AT, event, opened
from tests.usage.sessions import Session, elsewhere
from tests.usage.test_due import sql

CLIENTS, BATCHES, SIZE = 16, 4, 100


@pytest.mark.fr("FR-073", "SC-013")
def test_sixteen_clients_send_overlapping_batches(committed_db, django_db_blocker):
    with django_db_blocker.unblock():
        ones = [opened() for _ in range(5)]
        pool = [
            event(random.choice(ones).subscription_id, quantity=1) for _ in range(CLIENTS * BATCHES * SIZE * 7 // 10)
        ]
        batches = [random.sample(pool, SIZE) for _ in range(CLIENTS * BATCHES)]
        start = threading.Barrier(CLIENTS, timeout=20)

        def client(number: int) -> Counter:
            counts: Counter = Counter()
            try:
                start.wait()
                for batch in batches[number::CLIENTS]:
                    receipt = record(batch, at=AT)
                    assert not receipt.refused
                    counts.update(stored=len(receipt.stored), repeated=len(receipt.repeated))
            finally:
                connections.close_all()
            return counts

        with ThreadPoolExecutor(CLIENTS) as threads:
            told = sum(threads.map(client, range(CLIENTS)), Counter())
        keys = {each.idempotency_key for batch in batches for each in batch}
        assert told["stored"] == len(keys)
        assert told["stored"] + told["repeated"] == CLIENTS * BATCHES * SIZE
        assert sql("SELECT count(*) FROM usage_event") == len(keys)
        assert sql("SELECT count(DISTINCT idempotency_key) FROM usage_event") == len(keys)
        assert sql("SELECT count(*) FROM usage_key JOIN usage_event ON id = event_id") == len(keys)


@pytest.mark.fr("FR-073")
def test_whoever_has_the_same_key_waits_for_the_first(committed_db, django_db_blocker):
    with django_db_blocker.unblock():
        one = opened()
        for end, stored in ((Session.rollback, 1), (Session.commit, 0)):
            sent = event(one.subscription_id)
            with elsewhere() as slow, ThreadPoolExecutor(1) as second:
                slow(lambda sent=sent: record([sent], at=AT))
                waiting = second.submit(_record_and_close, [sent])
                with pytest.raises(TimeoutError):
                    waiting.result(timeout=0.3)
                end(slow)
                assert len(waiting.result(timeout=20).stored) == stored
            assert UsageEvent.objects.filter(idempotency_key=sent.idempotency_key).count() == 1


def _record_and_close(events):
    try:
        return record(events, at=AT)
    finally:
        connections.close_all()


@pytest.mark.fr("FR-073")
def test_keys_turn_while_an_ingest_is_under_way(committed_db, django_db_blocker):
    with django_db_blocker.unblock():
        one = opened()
        sent = event(one.subscription_id)
        later = clock.wall().replace(year=clock.wall().year + 2)
        with elsewhere() as slow, ThreadPoolExecutor(2) as others:
            slow(lambda: record([sent], at=AT))
            turning = others.submit(_turn, later)
            # The turn waits for the ingest, and an ingest that comes now waits for the turn.
            with pytest.raises(TimeoutError):
                turning.result(timeout=0.3)
            waiting = others.submit(_record_and_close, [sent])
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.3)
            slow.commit()
            assert turning.result(timeout=20)
            assert len(waiting.result(timeout=20).repeated) == 1
        assert UsageEvent.objects.count() == 1
        assert len(record([event(one.subscription_id), sent], at=AT).stored) == 1
        assert sql("SELECT max(generation) FROM usage_key") == 2


def _turn(at):
    try:
        return turn_keys(at=at, actor=system("tests"))
    finally:
        connections.close_all()


KILLED = """
import os, django
django.setup()
from tests.factories.usage import AT, event
from apps.usage.actions import storing
from apps.usage.actions.record import record
written = storing._row
def row(id, each):
    if each.index == 50:
        os._exit(9)
    return written(id, each)
storing._row = row
record([event(os.environ["ONE"], idempotency_key=f"k{n}") for n in range(100)], at=AT)
"""


@pytest.mark.fr("FR-073", "SC-013")
def test_a_process_killed_in_the_middle_leaves_nothing_and_its_batch_can_be_sent_again(committed_db, django_db_blocker):
    with django_db_blocker.unblock():
        one = opened()
        killed = subprocess.run(
            [sys.executable, "-c", KILLED],
            env={**os.environ, "DATABASE_URL": committed_db, "ONE": str(one.subscription_id)},
            cwd=settings.BASE_DIR,
            capture_output=True,
            check=False,
        )
        assert killed.returncode == 9, killed.stderr
        batch = [event(one.subscription_id, idempotency_key=f"k{n}") for n in range(100)]
        assert len(record(batch, at=AT).stored) == 100
        assert len(record(batch, at=AT).repeated) == 100
        assert sql("SELECT count(*) FROM usage_key") == UsageEvent.objects.count() == 100
