"""Single events that come at once are written at once, and each is answered as if it had come alone."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError, connections, transaction

from apps.kernel.errors import DomainError, Unavailable
from apps.usage.actions import together
from apps.usage.actions.record import record
from apps.usage.actions.together import record_together
from apps.usage.models import UsageEvent
from tests.factories.usage import AT, event, opened

THREADS = 6


class Held:
    """Stands before `record`: the first call waits until the others have queued, and every call is counted."""

    def __init__(self, others: int) -> None:
        self.sizes: list[int] = []
        self.others, self.fault = others, None

    def __call__(self, events: Any, **manner: Any) -> Any:
        self.sizes.append(len(events))
        if len(self.sizes) == 1:
            while len(together._QUEUE._waiting) < self.others:
                time.sleep(0.001)
        if self.fault is not None:
            self.fault(events)
        return record(events, **manner)


@pytest.fixture
def held(committed_db: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    found = Held(THREADS - 1)
    monkeypatch.setattr(together, "record", found)
    yield found
    assert (together._QUEUE._waiting, together._QUEUE._busy) == ([], False), "nobody waits, and nobody writes"


def sent(events: list[Any]) -> list[Any]:
    """What each of these, sent at once, was answered: what became of it, or the error."""

    def client(one: Any) -> Any:
        try:
            receipt = record_together(one, at=AT)
            names = ("stored", "repeated", "refused")
            return next(name for name in names if 0 in getattr(receipt, name))
        except (DomainError, OperationalError, ValueError) as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(events)) as threads:
        return list(threads.map(client, events))


@pytest.mark.fr("FR-072")
def test_those_that_wait_are_written_by_one(held: Held) -> None:
    one = opened()
    answers = sent([event(one.subscription_id) for _ in range(THREADS)])
    assert (answers, held.sizes) == (["stored"] * THREADS, [1, THREADS - 1])
    assert UsageEvent.objects.count() == THREADS


@pytest.mark.fr("FR-073")
def test_each_is_answered_on_its_own(held: Held) -> None:
    one, key = opened(), str(uuid4())
    same = [event(one.subscription_id, idempotency_key=key) for _ in range(3)]
    answers = Counter(
        sent([*same, event(uuid4()), event(one.subscription_id, metric="seats"), event(one.subscription_id)])
    )
    assert answers == {"stored": 2, "repeated": 2, "refused": 2}
    assert UsageEvent.objects.count() == 2
    assert len(held.sizes) == 2


def test_what_is_wrong_with_one_is_its_own(held: Held) -> None:
    one, bad = opened(), "the bad one"

    def fault(events: Any) -> None:
        if any(each.idempotency_key == bad for each in events):
            raise ValueError("no such thing")

    held.fault = fault
    answers = sent([event(one.subscription_id, idempotency_key=key) for key in (bad, *map(str, range(THREADS - 1)))])
    assert [type(each) for each in answers] == [ValueError, *[str] * (THREADS - 1)]
    assert UsageEvent.objects.count() == THREADS - 1


def test_a_database_that_is_away_is_away_for_all(held: Held) -> None:
    one = opened()

    def away(events: Any) -> None:
        raise OperationalError("gone")

    held.fault = away
    answers = sent([event(one.subscription_id) for _ in range(THREADS)])
    assert [type(each) for each in answers] == [OperationalError] * THREADS
    assert len(held.sizes) == 2, "nobody asks a database again that has just gone"


def test_who_waits_for_too_long_is_told_and_the_next_one_writes(held: Held, monkeypatch: pytest.MonkeyPatch) -> None:
    one, release = opened(), threading.Event()
    monkeypatch.setattr(together, "PATIENCE", 0.05)
    held.others = 0
    held.fault = lambda events: release.wait(20)
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(sent, [event(one.subscription_id)])
        while not held.sizes:
            time.sleep(0.001)
        [late] = threads.submit(sent, [event(one.subscription_id)]).result()
        release.set()
        assert (type(late), late.code) == (Unavailable, "usage_not_written")
        assert first.result() == ["stored"]
    assert sent([event(one.subscription_id)]) == ["stored"]
    assert UsageEvent.objects.count() == 2


def test_a_writer_that_dies_leaves_the_others_an_answer(held: Held) -> None:
    one = opened()

    def dies(events: Any) -> None:
        if len(events) > 1:
            raise SystemExit

    held.fault = dies

    def client(one: Any) -> Any:
        try:
            return record_together(one, at=AT).stored.keys()
        except (Unavailable, SystemExit) as error:
            return type(error)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as threads:
        answers = list(threads.map(client, [event(one.subscription_id) for _ in range(THREADS)]))
    assert Counter(map(str, answers)) == Counter(
        {str({0: 0}.keys()): 1, str(SystemExit): 1, str(Unavailable): THREADS - 2}
    )


@pytest.mark.django_db
def test_inside_a_transaction_it_is_written_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*given: Any) -> bool:
        raise AssertionError("it has joined others")

    monkeypatch.setattr(together._QUEUE, "enter", never)
    one = opened()
    with transaction.atomic():
        assert 0 in record_together(event(one.subscription_id), at=AT).stored


@pytest.mark.fr("FR-073", "SC-013")
def test_many_clients_with_repetitions(committed_db: str, django_db_blocker: Callable[..., Any]) -> None:
    one = opened()
    keys = [f"k{number % 60}" for number in range(120)]
    answers: list[Any] = []
    for start in range(0, 120, 12):
        answers += sent([event(one.subscription_id, idempotency_key=key) for key in keys[start : start + 12]])
    assert Counter(answers) == {"stored": 60, "repeated": 60}
    assert UsageEvent.objects.count() == 60
