"""Deliveries: made where they match, signed, numbered, tried again, each event once as long as nobody dies."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from apps.events.rules import Lane
from apps.kernel import clock
from apps.webhooks.actions.endpoints import rotate
from apps.webhooks.models import Attempt, Delivery, FanOut
from apps.webhooks.rules.schedule import RETRIES
from apps.webhooks.rules.states import Status
from tests.webhooks.conftest import Moved
from tests.webhooks.endpoints import ACTOR, Cracked, endpoint, made, ring
from tests.webhooks.receiver import Receiver, status

pytestmark = pytest.mark.django_db
Send = Callable[..., int]


@pytest.mark.fr("FR-110", "FR-115", "FR-112")
def test_an_event_is_told_signed_and_whole(receiver: Receiver, send: Send) -> None:
    target, secret = made(receiver.url)
    [event_id] = ring(note="ä€")
    assert send() == 1
    [got] = receiver.got
    assert got.first == "POST /hook?x=1 HTTP/1.1"
    told = Webhook(secret).verify(got.body, got.headers)
    assert told == got.json
    assert (told["event_id"], told["event_type"], told["sequence"]) == (str(event_id), "bell.rang", 1)
    assert told["data"] == {"object": {"number": 0, "note": "ä€"}, "previous_attributes": None}
    assert {"created_at", "effective_at", "position", "livemode", "api_version", "url"} < set(told)
    assert got.headers["webhook-id"] == str(event_id)
    delivery, attempt = Delivery.objects.get(), Attempt.objects.get()
    assert (delivery.status, delivery.attempts, delivery.lease_until) == (Status.DELIVERED, 1, None)
    assert (attempt.outcome, attempt.status_code, attempt.response, attempt.endpoint_id) == (
        "delivered", 200, "ok", target.pk,
    )  # fmt: skip
    assert send() == 0
    assert len(receiver.got) == 1


@pytest.mark.fr("FR-110")
def test_a_new_secret_signs_beside_the_old_one_until_that_expires(receiver: Receiver, send: Send, moved: Moved) -> None:
    target, old = made(receiver.url)
    _, new = rotate(endpoint_id=target.pk, overlap=timedelta(hours=1), at=clock.wall(), actor=ACTOR)
    ring()
    send()
    for secret in (old, new):
        assert Webhook(secret).verify(receiver.got[0].body, receiver.got[0].headers)
    moved.on(hours=2)
    ring()
    send()
    signature = receiver.got[1].headers["webhook-signature"]
    assert signature.count("v1,") == 1
    assert old != new
    moved.by = timedelta()
    with pytest.raises(WebhookVerificationError):
        Webhook(old).verify(receiver.got[1].body, receiver.got[1].headers)


@pytest.mark.fr("FR-111", "FR-113")
def test_each_endpoint_gets_what_it_listens_to(receivers: Callable[..., Receiver], send: Send) -> None:
    every, one, other, none = (receivers() for _ in range(4))
    endpoint(every.url, event_types=["*"])
    endpoint(one.url, event_types=["bell.rang", "invoice.paid"])
    endpoint(other.url, event_types=["*.cracked"])
    endpoint(none.url, event_types=["invoice.*"])
    ring(2)
    ring(of=Cracked)
    assert send() == 6
    assert [len(each.got) for each in (every, one, other, none)] == [3, 2, 1, 0]
    assert sorted(every.numbers) == [1, 2, 3]
    assert other.numbers == [1]


def test_where_nobody_listens_nothing_is_written(send: Send) -> None:
    ring(3)
    assert send() == 0
    assert not Delivery.objects.exists()
    assert FanOut.objects.get().position == 3


def test_what_a_caller_waits_for_goes_before_a_run(receiver: Receiver, send: Send) -> None:
    endpoint(receiver.url, concurrency=1)
    ring(30, lane=Lane.RUN)
    ring(1)
    send()
    # Ten turns are claimed at once, the caller's first among them; sent in the order of their numbers.
    assert receiver.numbers.index(31) <= 10
    assert sorted(receiver.numbers) == list(range(1, 32))


@pytest.mark.fr("FR-109", "FR-112")
def test_five_retries_then_it_is_given_up(receiver: Receiver, send: Send, moved: Moved) -> None:
    random.seed(1)
    endpoint(receiver.url)
    receiver.behave = status(500, b"no" * 3000)
    ring()
    send()
    waits = []
    for _ in RETRIES:
        waiting = Delivery.objects.get()
        waits.append((waiting.next_attempt_at - clock.wall()) / timedelta(minutes=1))
        moved.on(minutes=int(waits[-1]) - 1)
        assert send() == 0, "not before its time"
        moved.on(minutes=2)
        assert send() == 1
    for wait, minutes in zip(waits, RETRIES, strict=True):
        assert minutes - 1 < wait <= minutes * 1.2
    dead = Delivery.objects.get()
    assert (dead.status, dead.attempts, dead.last_error) == (Status.FAILED, 6, "It answered 500.")
    moved.on(days=1)
    assert send() == 0
    assert Attempt.objects.count() == 6
    assert {attempt.response for attempt in Attempt.objects.all()} == {"no" * 500}
    assert {got.headers["webhook-id"] for got in receiver.got} == {str(dead.event_id)}


@pytest.mark.fr("FR-109")
def test_retry_after_is_respected(receiver: Receiver, send: Send, moved: Moved) -> None:
    endpoint(receiver.url)
    receiver.behave = status(429, Retry_After="1800")
    ring(1)
    send()
    assert Delivery.objects.get().next_attempt_at - clock.wall() > timedelta(minutes=29)
    ring(1)
    moved.on(minutes=20)
    assert send() == 0, "the endpoint as a whole asked to be left alone"
    receiver.behave = status(204)
    moved.on(minutes=11)
    assert send() == 2


def test_an_endpoint_is_not_called_more_often_at_once_than_it_takes(receiver: Receiver, send: Send) -> None:
    endpoint(receiver.url, concurrency=3)
    ring(60)
    assert send() == 60
    assert receiver.most_at_once <= 3
    assert receiver.connections <= 6, "connections are used again"


def test_a_sweep_asks_a_fixed_number_of_questions(
    receiver: Receiver, send: Send, django_assert_max_num_queries: Any
) -> None:
    endpoint(receiver.url)
    ring(50)
    with django_assert_max_num_queries(120):
        assert send() == 50
