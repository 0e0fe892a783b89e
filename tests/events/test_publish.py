"""Events are committed with the change itself, or not at all."""

import json
from collections.abc import Sequence
from uuid import uuid4

import pytest
from django.db import IntegrityError, InternalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.events.models import Delivery, Event
from apps.events.publish import publish
from apps.events.rules import Lane, Status
from apps.kernel.transactions import correlation
from tests.events.brokers import bells
from tests.events.probes import NOON, Done, Probe, announce, happened, hear, heard, listening, regret


def test_refused_outside_a_transaction(committed_db: str) -> None:
    with pytest.raises(RuntimeError, match="needs a transaction"):
        publish(happened())
    assert Event.objects.count() == 0


@pytest.mark.django_db
def test_an_event_holds_the_object_and_what_it_was() -> None:
    account, probe = uuid4(), Probe(id=uuid4(), number=7)
    token = correlation.set("req-1")
    try:
        [event] = publish(
            [
                Done(
                    object=probe,
                    object_id=probe.id,
                    account_id=account,
                    effective_at=NOON,
                    previous_attributes={"number": 6},
                )
            ],
            lane=Lane.RUN,
        )
    finally:
        correlation.reset(token)
    stored = Event.objects.get()
    assert stored.pk == event
    assert stored.data == {"object": {"id": str(probe.id), "number": 7}, "previous_attributes": {"number": 6}}
    assert (stored.event_type, stored.version, stored.lane, stored.correlation) == ("probe.done", 1, "run", "req-1")
    assert (stored.account_id, stored.object_id, stored.effective_at) == (account, probe.id, NOON)
    assert stored.position is None


@pytest.mark.django_db
def test_nothing_is_published_for_nothing() -> None:
    assert publish([]) == []


@pytest.mark.django_db
def test_events_keep_the_order_in_which_they_are_told() -> None:
    told = publish(happened(300)) + publish(happened(300))
    stored = Event.objects.order_by("id")
    assert [event.pk for event in stored] == told
    assert [event.data["object"]["number"] for event in stored] == [*range(300), *range(300)]


@pytest.mark.django_db
def test_a_thousand_events_cost_as_many_queries_as_one() -> None:
    counts = []
    with listening(hear, name="tests.a"), listening(hear, name="tests.b"):
        for number in (1, 1000):
            with CaptureQueriesContext(connection) as queries:
                publish(happened(number))
            counts.append(len(queries))
    assert counts == [1, 2]
    assert Delivery.objects.count() == 2002


@pytest.mark.django_db
def test_only_queued_subscribers_of_the_type_get_deliveries() -> None:
    inline: list[Event] = []
    with listening(hear, name="tests.out"), listening(inline.extend, name="tests.in", inline=True):
        told = publish(happened(2), lane=Lane.RUN)
    assert [event.pk for event in inline] == told
    assert [event.data for event in inline] == [event.data for event in Event.objects.order_by("id")]
    assert (
        list(Delivery.objects.values_list("subscriber", "lane", "status", "attempts"))
        == [("tests.out", "run", "PENDING", 0)] * 2
    )
    assert set(Delivery.objects.values_list("event_id", flat=True)) == set(told)


@pytest.mark.django_db
def test_an_inline_handler_that_fails_takes_the_whole_action_back() -> None:
    def fail(events: Sequence[Event]) -> None:
        hear(events)
        raise ArithmeticError("no")

    with listening(hear), listening(fail, name="tests.fails", inline=True), pytest.raises(ArithmeticError):
        announce()
    assert (Event.objects.count(), Delivery.objects.count(), heard()) == (0, 0, [])


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events_event SET data = '{}'",
        "UPDATE events_event SET created_at = now(), position = 7",
        "DELETE FROM events_event",
    ],
)
def test_an_event_is_final(statement: str) -> None:
    publish(happened())
    with pytest.raises((IntegrityError, InternalError)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert json.dumps(Event.objects.get().data).startswith('{"object"')


@pytest.mark.django_db
def test_a_delivery_that_is_done_stays_done() -> None:
    with listening(hear):
        publish(happened())
    Delivery.objects.update(status=Status.DONE.value, done_at=NOON)
    with pytest.raises(IntegrityError, match="may not go"), transaction.atomic():
        Delivery.objects.update(status=Status.PENDING.value, done_at=None)


def test_one_transaction_rings_once_for_each_lane(committed_db: str) -> None:
    with bells() as count:
        with transaction.atomic():
            for _ in range(3):
                publish(happened())
            publish(happened(), lane=Lane.RUN)
            regret(1)
        assert (count.rung("events"), count.rung("bulk")) == (1, 1)
        announce()
        assert count.rung("events") == 2


def test_a_rolled_back_savepoint_does_not_swallow_the_ring(committed_db: str) -> None:
    with bells() as count:
        with transaction.atomic():
            regret(1)
            publish(happened())
        assert count.rung("events") == 1
        regret(1)
        assert count.rung("events") == 1
    assert Event.objects.count() == 1
