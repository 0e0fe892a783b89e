"""Receivers as they are: away for days, slow, broken, hostile. Nothing is lost, the order can be restored, and nobody
else waits for them.
"""

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.core import mail

from apps.events.models import Event
from apps.kernel import clock
from apps.webhooks.actions import sweep as sweeping
from apps.webhooks.actions.endpoints import change
from apps.webhooks.actions.tell import tell_next
from apps.webhooks.models import Attempt, Delivery, Endpoint, Resend
from apps.webhooks.rules.schedule import THRESHOLD
from apps.webhooks.rules.states import EndpointStatus, Status
from apps.webhooks.sender import Sender
from tests.webhooks.conftest import Moved
from tests.webhooks.endpoints import ACTOR, endpoint, ring
from tests.webhooks.receiver import Behaviour, Receiver, endless, hang_up, silent, status

pytestmark = pytest.mark.django_db
Send = Callable[..., int]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second in place of fifteen: who waits for whom does not depend on it."""
    monkeypatch.setattr(sweeping, "_sender", lambda resolve: _sender(resolve, seconds=1.0))


def _sender(resolve: Any, seconds: float) -> Sender:
    return Sender(exempt=sweeping.networks(["127.0.0.0/8"]), tls_only=False, resolve=resolve, seconds=seconds)


@pytest.mark.fr("B-10", "FR-109")
def test_three_days_away_lose_nothing(receiver: Receiver, send: Send, moved: Moved) -> None:
    target = endpoint(receiver.url)
    receiver.behave = hang_up
    for _ in range(72):
        ring(2)
        send()
        moved.on(minutes=60)
    target.refresh_from_db()
    assert target.status == EndpointStatus.ENABLED
    # It was spared: not 144 events with six attempts each.
    assert len(receiver.got) < 250
    tried = len(receiver.got)
    receiver.behave = status(200)
    moved.on(hours=3)
    for _ in range(5):
        send()
    came = receiver.numbers[tried:]
    assert sorted(set(came)) == list(range(1, 145))
    assert len(came) == 144, "each once"
    assert not Delivery.objects.exclude(status=Status.DELIVERED).exists()
    # The order is restored by the number, which has no gap.
    told = {got.json["sequence"]: got.json["event_id"] for got in receiver.got[tried:]}
    events = Event.objects.order_by("position").values_list("pk", flat=True)
    assert [told[number] for number in sorted(told)] == [str(pk) for pk in events]


@pytest.mark.usefixtures("impatient")
@pytest.mark.fr("FR-109")
def test_a_worker_whose_time_is_up_serves_others_while_a_dead_one_is_waited_for(
    receivers: Callable[..., Receiver], send: Send, over: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    dead, well = receivers(silent(over)), receivers()
    endpoint(dead.url)
    endpoint(well.url)
    up, fan_out, late = clock.monotonic() + 0.4, sweeping.fan_out, list[Any]()

    def later(**known: Any) -> Any:
        if clock.monotonic() > up and not late:
            late.extend(ring(1))
        return fan_out(**known)

    monkeypatch.setattr(sweeping, "fan_out", later)
    ring(1)
    began = clock.monotonic()
    send(seconds=0.2)
    assert late, "the dead one was waited for"
    assert well.numbers == [1, 2]
    assert clock.monotonic() - began < 5, "it ends"


@pytest.mark.fr("B-10")
def test_what_was_given_up_is_sent_once_it_answers_again(receiver: Receiver, send: Send, moved: Moved) -> None:
    endpoint(receiver.url)
    receiver.behave = status(500)
    ring(3)
    for _ in range(400):
        send()
        moved.on(minutes=10)
        if Delivery.objects.filter(status=Status.FAILED).count() == 3:
            break
    assert Delivery.objects.filter(status=Status.FAILED).count() == 3
    receiver.behave, before = status(200), len(receiver.got)
    ring(1)
    send()
    assert sorted(receiver.numbers[before:]) == [1, 2, 3, 4]
    [healed] = Resend.objects.all()
    assert (healed.scope, healed.made, healed.done_at is not None) == ("failed", 3, True)


@pytest.mark.fr("FR-109")
def test_after_days_it_is_disabled_its_owner_told_and_later_sent_all(
    receivers: Callable[..., Receiver], send: Send, moved: Moved
) -> None:
    dead, other = receivers(hang_up), receivers()
    target = endpoint(dead.url, owner_email="owner@example.com", name="CRM")
    endpoint(other.url, event_types=["webhook_endpoint.disabled"])
    ring(20)
    for _ in range(25):
        send()
        moved.on(hours=6)
    target.refresh_from_db()
    assert (target.status, target.disabled_reason) == (EndpointStatus.DISABLED, "failing")
    assert tell_next(at=clock.wall(), actor=ACTOR)
    assert not tell_next(at=clock.wall() + timedelta(days=1), actor=ACTOR)
    [told] = mail.outbox
    assert (told.to, "CRM" in told.subject, dead.url in str(told.body)) == (["owner@example.com"], True, True)
    ring(4)
    send()
    assert [got.json["data"]["object"]["id"] for got in other.got] == [str(target.pk)]
    dead.behave, before = status(200), len(dead.got)
    change(endpoint_id=target.pk, fields={"status": "ENABLED"}, at=clock.wall(), actor=ACTOR)
    for _ in range(4):
        send()
        moved.on(hours=3)
    assert sorted(set(dead.numbers[before:])) == list(range(1, 25))


def test_the_owner_is_told_again_when_the_mail_server_is_away(
    receiver: Receiver, send: Send, moved: Moved, settings: Any
) -> None:
    receiver.behave = status(410)
    target = endpoint(receiver.url, owner_email="owner@example.com")
    ring()
    send()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert tell_next(at=clock.wall(), actor=ACTOR)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert not tell_next(at=clock.wall(), actor=ACTOR)
    assert tell_next(at=moved.on(minutes=11), actor=ACTOR)
    assert len(mail.outbox) == 1
    target.refresh_from_db()
    assert (target.status, target.disabled_reason) == (EndpointStatus.DISABLED, "gone")
    assert Delivery.objects.get().status == Status.PENDING, "it waits for whoever enables the endpoint"


@pytest.mark.usefixtures("impatient")
def test_nobody_waits_for_one_that_never_answers(
    receivers: Callable[..., Receiver], send: Send, over: threading.Event
) -> None:
    dead, well = receivers(silent(over)), [receivers() for _ in range(3)]
    for each in (dead, *well):
        endpoint(each.url)
    ring(30)
    asked = threading.Event()

    def last(connection: Any, got: Any) -> bool:
        # The dead one still holds its calls when the last of the others has been told.
        if all(len(each.got) == 30 for each in well):
            asked.set()
        return status(200)(connection, got)

    for each in well:
        each.behave = last
    send()
    assert asked.is_set()
    assert [len(each.got) for each in well] == [30, 30, 30]
    assert dead.at_once > 0
    # It held no more than it takes at once; what was claimed for it beyond that was let go untried.
    assert len(dead.got) <= 10 + THRESHOLD
    waiting = Delivery.objects.filter(status=Status.PENDING)
    assert waiting.count() == 30
    assert sum(waiting.values_list("attempts", flat=True)) == len(dead.got)
    assert set(Attempt.objects.exclude(outcome="delivered").values_list("outcome", flat=True)) == {"timeout"}


@pytest.mark.parametrize(
    ("behave", "outcome", "code"),
    [
        (status(500), "refused", 500), (status(404), "refused", 404), (hang_up, "unreachable", None),
        (status(302, Location="http://169.254.169.254/latest/meta-data/"), "refused", 302),
        (status(307, Location="http://127.0.0.1:1/"), "refused", 307), (status(200), "delivered", 200),
        (status(299), "delivered", 299), (status(204), "delivered", 204), (endless, "delivered", 200),
        (status(200, b"x" * 3_000_000), "delivered", 200),
        (lambda connection, got: connection.sendall(b"SSH-2.0-x\r\n\r\n"), "refused", None),
        (lambda connection, got: connection.sendall(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000), "refused", None),
        (lambda connection, got: connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Le"), "unreachable", None),
        # What has said that it took it has taken it, even if its body breaks off.
        (lambda connection, got: connection.sendall(b"HTTP/1.1 200 O\r\nContent-Length: 9\r\n\r\nx"), "delivered", 200),
        (lambda connection, got: connection.sendall(b"HTTP/1.1 200 OK\r\n\r\nfine"), "delivered", 200),
        (lambda connection, got: connection.sendall(
            b"HTTP/1.1 103 Hints\r\nLink: x\r\n\r\nHTTP/1.1 201 C\r\nContent-Length: 0\r\n\r\n"), "delivered", 201),
        (lambda connection, got: connection.sendall(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), "delivered", 200),
    ],
)  # fmt: skip
def test_what_comes_of_an_answer(
    receiver: Receiver, send: Send, behave: Behaviour, outcome: str, code: int | None
) -> None:
    endpoint(receiver.url)
    receiver.behave = behave
    ring()
    send()
    attempt = Attempt.objects.get()
    assert (attempt.outcome, attempt.status_code) == (outcome, code), attempt.error
    assert len(receiver.got) == 1, "no redirect is followed"
    assert len(attempt.response) <= 1000


def test_a_nul_in_an_answer_is_no_fault(receiver: Receiver, send: Send) -> None:
    endpoint(receiver.url)
    receiver.behave = status(500, b"a\x00b\xff")
    ring()
    send()
    assert Attempt.objects.get().response == "ab\ufffd"


def test_a_name_that_changes_its_mind_leads_nowhere(
    receiver: Receiver, send: Send, settings: Any, moved: Moved
) -> None:
    """A name is resolved once, and what was looked at is what is connected to."""
    asked: list[str] = []
    answers = [["127.0.0.1"], ["10.0.0.1"], ["169.254.169.254", "127.0.0.1"], ["127.0.0.1"]]

    async def resolve(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return answers[min(len(asked) - 1, 3)]

    endpoint(receiver.url.replace("127.0.0.1", "hooks.example.com"))
    ring(1)
    send(resolve=resolve)
    assert (len(asked), receiver.got[0].headers["host"]) == (1, f"hooks.example.com:{receiver.port}")
    for _ in range(2):
        ring(1)
        send(resolve=resolve)
    assert len(receiver.got) == 1
    blocked = Attempt.objects.filter(outcome="blocked").order_by("id")
    assert ["10.0.0.1" in blocked[0].error, "169.254.169.254" in blocked[1].error] == [True, True]
    moved.on(hours=1)
    send(resolve=resolve)
    assert sorted(receiver.numbers) == [1, 2, 3]


def test_a_name_that_cannot_be_resolved(receiver: Receiver, send: Send) -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        raise OSError("no such host")

    endpoint(receiver.url.replace("127.0.0.1", "gone.example.com"))
    ring()
    send(resolve=resolve)
    assert Attempt.objects.get().outcome == "unreachable"


def test_a_certificate_that_nobody_signed_is_not_believed(receiver: Receiver, send: Send) -> None:
    endpoint(receiver.url.replace("http:", "https:"))
    receiver.behave = hang_up
    ring()
    send()
    assert Attempt.objects.get().outcome == "unreachable"
    assert receiver.got == []


@pytest.mark.fr("FR-109")
def test_one_that_fails_is_spared_and_tried_with_single_calls(
    receiver: Receiver, send: Send, moved: Moved, state: Callable[[Endpoint], Any]
) -> None:
    target = endpoint(receiver.url, concurrency=5)
    receiver.behave = status(500)
    ring(40)
    send()
    first = len(receiver.got)
    assert THRESHOLD <= first <= THRESHOLD + 5
    assert state(target).open_until > clock.wall()
    assert send() == 0
    moved.on(seconds=45)
    assert send() == 1
    moved.on(seconds=45)
    assert send() == 0, "the pause has grown"
    receiver.behave = status(200)
    moved.on(minutes=10)
    send()
    assert (state(target).failures, state(target).open_until, state(target).failing_since) == (0, None, None)
    assert Delivery.objects.filter(status=Status.DELIVERED).count() >= 40 - first - 1


def test_receivers_that_stumble_now_and_then_have_it_all_within_the_hour(
    receivers: Callable[..., Receiver], send: Send, moved: Moved
) -> None:
    """Each answers every thirtieth call with an error: nineteen of twenty are told at once, all within the hour."""

    def stumbling() -> Behaviour:
        calls = count(1)

        def behave(connection: Any, got: Any) -> bool:
            return status(503 if next(calls) % 30 == 0 else 200)(connection, got)

        return behave

    well = [receivers(stumbling()) for _ in range(4)]
    for each in well:
        endpoint(each.url)
    began = clock.wall()
    for _ in range(10):
        ring(10)
        send()
    for _ in range(5):
        moved.on(minutes=10)
        send()
    assert clock.wall() - began < timedelta(hours=1)
    made = Delivery.objects.filter(status=Status.DELIVERED)
    assert made.count() == 400
    assert made.filter(attempts=1).count() > 0.95 * 400
