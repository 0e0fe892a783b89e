"""The relay: each handler's database effect exactly once, whatever dies, fails or runs at the same time."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.db import connection, connections, transaction

from apps.events import registry, relay
from apps.events.actions import deliver_now, retry_delivery
from apps.events.models import Delivery, Event
from apps.events.publish import publish
from apps.events.queries import dead_letters, outbox_oldest_age
from apps.events.rules import BACK_OFF_SECONDS, MAX_ATTEMPTS, Lane, Status
from apps.events.tasks import relay_lane, sequence, sweep
from apps.kernel import clock
from apps.kernel.actors import system
from apps.kernel.errors import Conflict, NotFound
from apps.kernel.transactions import correlation
from tests.events.probes import announce, happened, hear, heard, listening

ROOT = Path(__file__).resolve().parents[2]


def states() -> dict[str, int]:
    found = list(Delivery.objects.filter(subscriber="tests.probe").values_list("status", flat=True))
    return {status: found.count(status) for status in sorted(set(found))}


def test_killed_in_the_middle_of_a_batch_nothing_is_lost_or_done_twice(committed_db: str) -> None:
    with listening(hear):
        told = announce(700)
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.events.stuck_relay"],
            env={**os.environ, "DATABASE_URL": committed_db}, cwd=ROOT, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        with process:
            try:
                assert process.stdout is not None
                assert process.stdout.readline() == "500\n"
                # What it holds is left to it; the rest is free at once.
                assert relay.run_once("tests.probe", Lane.API) == 200
                assert relay.run_once("tests.probe", Lane.API) == 0
            finally:
                process.send_signal(signal.SIGKILL)
        assert process.returncode == -signal.SIGKILL
        assert len(heard()) == 200
        deadline = clock.monotonic() + 20
        while states() != {"DONE": 700} and clock.monotonic() < deadline:
            relay.sweep()
            clock.pause(0.05)
        assert relay.drain(Lane.RUN) == 0
    assert states() == {"DONE": 700}
    assert heard() == sorted(event.pk for event in told)


def test_two_relays_at_once_share_the_work(committed_db: str) -> None:
    meet = threading.Barrier(2)
    mine = threading.local()
    failures: list[BaseException] = []

    def hear_together(events: Sequence[Event]) -> None:
        if not getattr(mine, "met", False):
            mine.met = True
            meet.wait(20)  # both are inside a batch now, or this breaks
        hear(events)

    def work() -> None:
        try:
            while relay.run_once("tests.probe", Lane.API, limit=50):
                pass
        except BaseException as error:  # noqa: BLE001 - told to the test
            failures.append(error)
        finally:
            connections.close_all()

    with listening(hear_together):
        told = announce(1000)
        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failures == []
    assert states() == {"DONE": 1000}
    assert heard() == sorted(event.pk for event in told)


def test_a_poison_event_among_500_stops_alone(committed_db: str) -> None:
    calls: list[int] = []
    poison: list[Event] = []

    def pick(events: Sequence[Event]) -> None:
        calls.append(len(events))
        hear(events)
        if poison[0].pk in {event.pk for event in events}:
            raise ArithmeticError("cannot hear this\x00")

    with listening(pick), time_machine.travel(clock.wall(), tick=False):
        told = announce(500)
        poison.append(told[250])
        assert relay.run_once("tests.probe", Lane.API) == 500
        assert relay.run_once("tests.probe", Lane.API) == 0
        again = clock.wall() + timedelta(seconds=5)
    assert calls == [500] + [1] * 500
    assert states() == {"DONE": 499, "PENDING": 1}
    assert heard() == sorted(event.pk for event in told if event.pk != poison[0].pk)
    bad = Delivery.objects.get(status=Status.PENDING.value)
    assert (bad.event_id, bad.attempts, bad.last_error) == (poison[0].pk, 1, "ArithmeticError: cannot hear this")
    assert bad.next_attempt_at == again


def test_what_fails_only_at_commit_is_caught_too(committed_db: str) -> None:
    def break_at_commit(events: Sequence[Event]) -> None:
        hear(events)
        with connection.cursor() as cursor:  # a delivery of no event: the key is checked at commit
            cursor.execute(
                "INSERT INTO events_delivery (event_id, subscriber, lane, status, attempts, next_attempt_at,"
                " last_error) VALUES (gen_random_uuid(), 'x', 'api', 'PENDING', 0, now(), '')"
            )

    with listening(break_at_commit):
        announce(2)
        assert relay.run_once("tests.probe", Lane.API) == 2
    assert states() == {"PENDING": 2}
    assert heard() == []
    assert set(Delivery.objects.values_list("attempts", flat=True)) == {1}


@pytest.mark.django_db
def test_a_delivery_dies_after_eight_failures_and_a_person_revives_it() -> None:
    def fail(events: Sequence[Event]) -> None:
        raise ArithmeticError("no")

    with listening(fail), time_machine.travel(clock.wall(), tick=False) as traveller:
        [event] = announce()
        waits = []
        for _ in range(MAX_ATTEMPTS):
            assert relay.drain(Lane.API) == 1
            waits.append((Delivery.objects.get().next_attempt_at - clock.wall()).total_seconds())
            assert relay.drain(Lane.API) == 0
            traveller.shift(waits[-1] + 1)
        assert waits == [*BACK_OFF_SECONDS, 3600, 3600, 0]
        dead = Delivery.objects.get()
        assert (dead.status, dead.attempts) == (Status.DEAD, 8)
        assert dead_letters() == 1
        assert relay.sweep() == 0
        retry_delivery(delivery_id=dead.pk, at=clock.wall(), actor=system("tests"))
        assert dead_letters() == 0
        registry.unsubscribe("tests.probe")
        with listening(hear):
            assert relay.sweep() == 1
    assert heard() == [event.pk]
    assert Delivery.objects.get().last_error == ""


@pytest.mark.django_db
def test_only_a_dead_delivery_is_revived() -> None:
    with listening(hear):
        announce()
    delivery = Delivery.objects.get()
    with pytest.raises(Conflict) as refusal:
        retry_delivery(delivery_id=delivery.pk, at=clock.wall(), actor=system("tests"))
    assert refusal.value.code == "delivery_not_dead"
    with pytest.raises(NotFound):
        retry_delivery(delivery_id=delivery.pk + 1, at=clock.wall(), actor=system("tests"))


@pytest.mark.fr("B-14")
@pytest.mark.django_db
def test_a_delivery_that_waits_for_its_next_try_is_made_now_and_one_that_is_made_is_not() -> None:
    with listening(hear):
        [event] = announce()
        Delivery.objects.update(next_attempt_at=clock.wall() + timedelta(hours=1), attempts=4)
        delivery = Delivery.objects.get()
        assert relay.sweep() == 0
        deliver_now(delivery_id=delivery.pk, at=clock.wall(), actor=system("tests"))
        assert Delivery.objects.get().attempts == 4, "its tries are kept"
        assert relay.sweep() == 1
    assert heard() == [event.pk]
    for unknown in (delivery.pk, delivery.pk + 1):
        with pytest.raises(Conflict) as refusal:
            deliver_now(delivery_id=unknown, at=clock.wall(), actor=system("tests"))
        assert refusal.value.code == "delivery_done"


@pytest.mark.django_db
def test_the_api_is_served_between_batches_of_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []

    def note(events: Sequence[Event]) -> None:
        order.append(f"{events[0].lane} {len(events)}")
        if order == ["api 1", "run 500"]:
            publish(happened(2))  # a customer calls while the run is on

    with listening(note):
        announce(1200, lane=Lane.RUN)
        announce(1)
        assert relay.drain(Lane.API) == 1
        assert relay.drain(Lane.RUN) == 1202
    assert order == ["api 1", "run 500", "api 2", "run 500", "run 200"]


@pytest.mark.django_db
def test_handlers_get_events_in_order_under_the_id_of_their_request() -> None:
    seen: list[tuple[str, list[int]]] = []

    def note(events: Sequence[Event]) -> None:
        seen.append((correlation.get(), [event.data["object"]["number"] for event in events]))

    with listening(note):
        for request in ("req-1", "req-2"):
            token = correlation.set(request)
            announce(3)
            correlation.reset(token)
            if request == "req-1":
                relay.drain(Lane.API)
        announce(1)
        relay.drain(Lane.API)
    assert seen[0] == ("req-1", [0, 1, 2])
    assert seen[1][0].startswith("batch:")
    assert seen[1][1] == [0, 1, 2, 0]
    assert correlation.get() == ""


def test_tasks_may_run_twice(committed_db: str) -> None:
    with listening(hear):
        told = announce(2) + announce(1, lane=Lane.RUN)
        relay_lane(lane="api", newer_argument=1)
        relay_lane(lane="api")
        assert len(heard()) == 2
        for _ in range(2):
            sweep(newer_argument=1)
            sequence(newer_argument=1)
    assert heard() == sorted(event.pk for event in told)
    assert list(Event.objects.order_by("position").values_list("position", flat=True)) == [1, 2, 3, 4, 5, 6]


@pytest.mark.django_db
def test_the_age_of_the_outbox_is_that_of_the_most_overdue() -> None:
    assert outbox_oldest_age(clock.wall()) == 0.0
    with listening(hear), time_machine.travel(clock.wall(), tick=False) as traveller:
        with transaction.atomic():
            announce()
        traveller.shift(90)
        assert outbox_oldest_age(clock.wall()) == pytest.approx(90)
        sequence()
        assert outbox_oldest_age(clock.wall()) == pytest.approx(90)
        sweep()
        sequence()
        assert outbox_oldest_age(clock.wall()) == 0.0
