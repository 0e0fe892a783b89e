"""Positions: gapless, in order of commit as readers see it, no late commit skipped."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from django.db import connection, connections, transaction

from apps.events import sequencer
from apps.events.models import Event
from apps.events.publish import publish
from apps.events.queries import events_after, last_position
from tests.events.probes import announce, happened, regret


def test_a_slow_transaction_held_open_across_a_reader_is_not_skipped(committed_db: str) -> None:
    begun, finish = threading.Event(), threading.Event()
    slow_ids = []

    def slow() -> None:
        try:
            with transaction.atomic():
                slow_ids.extend(publish(happened(2)))
                begun.set()
                assert finish.wait(20)
        finally:
            connections.close_all()

    thread = threading.Thread(target=slow)
    thread.start()
    try:
        assert begun.wait(20)
        fast = [event.pk for event in announce(3)]
        assert sequencer.assign() == 3
        read = events_after(0, 100)
        cursor = read[-1].position
        assert [event.pk for event in read] == fast
        assert cursor == 3
    finally:
        finish.set()
        thread.join()
    # Born before those already read, committed after: an id as cursor would lose them.
    assert max(slow_ids) < min(fast)
    assert sequencer.assign() == 2
    late = events_after(cursor, 100)
    assert [event.pk for event in late] == slow_ids
    assert [event.position for event in late] == [4, 5]


def test_what_is_rolled_back_leaves_no_gap(committed_db: str) -> None:
    announce(2)
    regret(5)
    sequencer.assign()
    regret(1)
    announce(2)
    assert sequencer.assign() == 2
    assert [event.position for event in events_after(0, 100)] == [1, 2, 3, 4]
    assert last_position() == 4


def test_one_at_a_time(committed_db: str) -> None:
    announce(1)
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [sequencer.LOCK])
            assert sequencer.assign() == 0
            cursor.execute("SELECT pg_advisory_unlock(%s)", [sequencer.LOCK])
        assert sequencer.assign() == 1
    finally:
        other.close()


def test_writers_and_sequencers_at_once_stay_gapless_and_readers_in_step(committed_db: str) -> None:
    stop = threading.Event()
    seen = [0]

    def write() -> None:
        for _ in range(40):
            announce(5)

    def sequence() -> None:
        while not stop.is_set():
            sequencer.assign()

    def read() -> None:
        while not stop.is_set():
            seen.extend(event.position for event in events_after(seen[-1], 50))

    with ThreadPoolExecutor(6) as pool:
        others = [pool.submit(closing, work) for work in (sequence, sequence, read)]
        writers = [pool.submit(closing, write) for _ in range(3)]
        wait(writers)
        stop.set()
    for future in writers + others:
        future.result()
    sequencer.assign()
    seen.extend(event.position for event in events_after(seen[-1], 1000))
    assert seen == list(range(601))


def closing(work: Callable[[], None]) -> None:
    try:
        work()
    finally:
        connections.close_all()


@pytest.mark.django_db
def test_more_than_a_batch_goes_in_one_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequencer, "BATCH", 3)
    publish(happened(8))
    assert sequencer.assign() == 8
    assert sorted(Event.objects.values_list("position", flat=True)) == list(range(1, 9))
    with connection.cursor() as cursor:
        cursor.execute("SELECT array_agg(id ORDER BY id) = array_agg(id ORDER BY position) FROM events_event")
        assert cursor.fetchone() == (True,)
