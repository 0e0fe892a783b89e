"""UUIDv7: version, variant, order by time."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from uuid import UUID

import pytest

from apps.kernel import clock, ids


def test_ids_are_version_7_and_differ() -> None:
    made = [ids.uuid7() for _ in range(1000)]
    assert len(set(made)) == 1000
    assert {(each.version, each.variant) for each in made} == {(7, UUID(int=0, version=4).variant)}


def test_ids_sort_by_the_millisecond_they_were_made_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ids, "_last", 0)
    made = []
    for second in range(5):
        monkeypatch.setattr(clock, "wall", lambda second=second: datetime(2026, 1, 1, 0, 0, second, 7000, tzinfo=UTC))
        made.append(ids.uuid7())
    assert made == sorted(made)
    assert made[2].int >> 80 == int(datetime(2026, 1, 1, 0, 0, 2, tzinfo=UTC).timestamp()) * 1000 + 7


def test_ids_only_rise_within_a_millisecond_and_when_the_clock_steps_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ids, "_last", 0)
    made = []
    for second in (5, 5, 4, 3):
        monkeypatch.setattr(clock, "wall", lambda second=second: datetime(2026, 1, 1, 0, 0, second, tzinfo=UTC))
        made += [ids.uuid7() for _ in range(500)]
    assert made == sorted(set(made))
    assert {each.version for each in made} == {7}


def test_a_clock_that_was_far_ahead_leaves_no_ids_of_the_future(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ids, "_last", 0)
    made = []
    for month in (9, 1, 1):
        monkeypatch.setattr(clock, "wall", lambda month=month: datetime(2026, month, 1, tzinfo=UTC))
        made.append(ids.uuid7())
    assert made[1] < made[2] < made[0]
    assert made[2].int >> 80 == int(datetime(2026, 1, 1, tzinfo=UTC).timestamp()) * 1000


def test_threads_get_different_ones() -> None:
    barrier = threading.Barrier(4)

    def take(_: int) -> list[UUID]:
        barrier.wait()
        return [ids.uuid7() for _ in range(1000)]

    with ThreadPoolExecutor(4) as pool:
        made = [value for values in pool.map(take, range(4)) for value in values]
    assert len(set(made)) == 4000


def test_many_at_once_rise_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ids, "_last", 0)
    made = [*ids.uuid7s(3000), ids.uuid7(), *ids.uuid7s(3000)]
    assert made == sorted(set(made))
    assert {(each.version, each.variant) for each in made} == {(7, UUID(int=0, version=4).variant)}
    assert ids.uuid7s(0) == []


def test_ids_go_on_rising_where_a_millisecond_has_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "wall", lambda: datetime(2026, 1, 1, tzinfo=UTC))
    last = ids._marked(int(datetime(2026, 1, 1, tzinfo=UTC).timestamp()) * 1000 << 80 | (1 << 80) - 5)
    monkeypatch.setattr(ids, "_last", last)
    made = ids.uuid7s(10)
    assert made[0].int > last
    assert made == sorted(set(made))
    assert {each.version for each in made} == {7}


def test_a_forked_process_makes_ids_of_its_own() -> None:
    ids.uuid7()
    read, write = os.pipe()
    with ids._lock:
        child = os.fork()
        if not child:
            os.write(write, b"".join(ids.uuid7().bytes for _ in range(20)))
            os._exit(0)
    os.waitpid(child, 0)
    told = os.read(read, 320)
    theirs = {told[index : index + 16] for index in range(0, 320, 16)}
    assert len(theirs) == 20
    assert not theirs & {ids.uuid7().bytes for _ in range(20)}


def test_as_text_it_is_the_same_kind_of_id() -> None:
    made = [ids.text7() for _ in range(1000)]
    assert made == sorted(set(made))
    assert {(str(UUID(text)) == text, UUID(text).version) for text in made} == {(True, 7)}
