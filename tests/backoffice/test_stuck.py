"""Why is this stuck: every kind of pending work with its state, reason and button; roles; bad input; the scheduler."""

import os
import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import redis
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.access.rules import Role, may
from apps.backoffice import stuck
from apps.kernel import clock, doorbell
from apps.kernel.backlog import State, looked_at, registered, stand
from apps.monitoring import signs
from apps.payments.models import GatewayNotice, Payment
from tests.accounts.test_admin import staff
from tests.backoffice.desk import said
from tests.backoffice.planted import HOUR, Planted, planted

pytestmark = [pytest.mark.django_db, pytest.mark.fr("B-14")]
PAGE = "/admin/stuck/"


@pytest.fixture(autouse=True)
def _own_broker(settings: Any, monkeypatch: Any) -> Iterator[None]:
    """A database of the broker's own, where only this test's beat is alive."""
    monkeypatch.setattr(signs, "PATIENCE", 5.0)
    signs._client.cache_clear()
    number = 9 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % 6
    own = settings.REDIS_URL = f"{settings.REDIS_URL.rpartition('/')[0]}/{number}"
    signs._left.clear()
    signs.leave(signs.BEAT)
    yield
    signs._client(own).delete(signs._key(signs.BEAT))
    signs._client.cache_clear()


@pytest.fixture
def rung(monkeypatch: Any) -> list[str]:
    """The doorbells that are rung, in the place of the broker's."""
    heard: list[str] = []

    def hear(task: str, queue: str, **_: Any) -> bool:
        heard.append(task)
        return True

    monkeypatch.setattr(doorbell, "ring", hear)
    for place in ("apps.backoffice.stuck", "apps.events.backlog", "apps.subscriptions.backlog"):
        monkeypatch.setattr(f"{place}.ring", hear)
    return heard


def press(browser: Client, name: str, row: Any, commits: Any) -> str:
    """Press the button of a piece; what is said then. Bells rung before in the test's own transaction are forgotten."""
    connection.run_on_commit.clear()
    with commits(execute=True):
        return said(browser.post(button(name, row)))


def words(answer: Any) -> str:
    page = answer.content.decode().partition('id="content-main"')[2]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def button(name: str, row: Any) -> str:
    return reverse("admin:stuck_try", args=[name, row.pk])


def fresh(row: Any) -> Any:
    return type(row).objects.get(pk=row.pk)


def test_every_kind_says_how_its_piece_stands_and_why() -> None:
    of, now = planted(), clock.wall()
    assert of.rows.keys() == registered().keys(), "a kind that nothing is planted for"
    browser = staff(Role.SUPER_ADMIN)
    whole = words(browser.get(PAGE))
    for name, (row, state, reason) in of.rows.items():
        kind = registered()[name]
        shown = looked_at(kind, now).get(pk=row.pk)
        assert State(shown.backlog_state) is state, name
        assert reason in shown.backlog_reason, name
        alone = words(browser.get(PAGE, {"kind": name}))
        for text in (whole, alone):
            assert reason in text, name
            assert stuck.WORDS[state] in text, name
        assert kind.title in whole
        assert stand(kind, now).number[state] >= 1, name


def test_every_piece_has_the_button_that_helps() -> None:
    of, browser = planted(), staff(Role.SUPER_ADMIN)
    opened = {"payments.differences", "subscriptions.runs", "subscriptions.late_usage"}
    for name, (row, *_) in of.rows.items():
        page = browser.get(PAGE, {"kind": name}).content.decode()
        assert (button(name, row) in page) is (name not in opened), name
        if name in opened:
            assert ">Open</a>" in page, name


def test_pieces_are_let_go_of_and_tried_now(rung: list[str], django_capture_on_commit_callbacks: Any) -> None:
    of, browser, now = planted(), staff(Role.SUPER_ADMIN), clock.wall()
    outside = ["charges", "refunds", "notices", "set_ups", "detachments", "looks"]
    others = {"notifications.messages": "notifications.sweep", "tax.numbers": "tax.sweep"}
    for name in [*(f"payments.{each}" for each in outside), *others]:
        row, *_ = of.rows[name]
        rung.clear()
        assert press(browser, name, row, django_capture_on_commit_callbacks).startswith("It is tried now"), name
        after = fresh(row)
        assert (after.lease_token, after.lease_until) == (None, None), name
        assert now <= after.next_call_at <= clock.wall(), name
        assert rung == [others.get(name, "payments.sweep")], name
    message = fresh(of.of.message)
    assert (message.status, message.calls, message.last_error) == ("PENDING", 0, "SMTP: refused")


def test_the_rest_goes_on(rung: list[str], django_capture_on_commit_callbacks: Any) -> None:
    of, browser = planted(), staff(Role.SUPER_ADMIN)

    def go(name: str) -> str:
        return press(browser, name, of.rows[name][0], django_capture_on_commit_callbacks)

    assert go("events.deliveries").startswith("It is tried now")
    delivery = fresh(of.rows["events.deliveries"][0])
    assert (delivery.status, delivery.attempts) == ("PENDING", 0)
    assert go("clocks.advance").startswith("It is tried now")
    moved = fresh(of.of.clock)
    assert (moved.status, moved.error) == ("ADVANCING", "")
    assert go("subscriptions.stopped").startswith("It is tried now")
    assert fresh(of.of.subscription).billing_retry_at is None
    for name in ("events.sequence", "subscriptions.moves", "subscriptions.reratings", "subscriptions.thresholds"):
        assert go(name).startswith("It is tried now"), name
    assert go("subscriptions.runs") == "It waits for a person: open it."
    assert go("payments.differences") == "It waits for a person: open it."
    # Its invoice is being collected already: the action itself refuses.
    assert "under way" in go("payments.retries")
    assert set(rung) == {"events.relay", "clocks.advance", "schedule.run_due", "events.sequence"}


def test_what_a_worker_holds_is_left_alone() -> None:
    of, browser = planted(), staff(Role.SUPER_ADMIN)
    until = clock.wall() + HOUR
    type(of.of.clock).objects.update(status="ADVANCING", lease_token=of.of.clock.pk, lease_until=until)
    type(of.of.message).objects.filter(pk=of.of.message.pk).update(
        status="PENDING", lease_token=of.of.clock.pk, lease_until=until
    )
    Payment.objects.filter(pk=of.of.payment.pk).update(lease_until=until)
    for name in ("clocks.advance", "notifications.messages", "payments.charges"):
        row, *_ = of.rows[name]
        before = fresh(row)
        assert stand(registered()[name], clock.wall()).number[State.UNDER_WAY] == 1, name
        assert button(name, row) not in browser.get(PAGE, {"kind": name}).content.decode()
        assert "worker" in said(browser.post(button(name, row))), name
        after = fresh(row)
        assert (after.lease_token, after.lease_until) == (before.lease_token, until), name


def test_a_second_press_and_what_is_done_by_now() -> None:
    of, browser = planted(), staff(Role.SUPER_ADMIN)
    charge = button("payments.charges", of.of.payment)
    for _ in range(2):
        assert said(browser.post(charge)).startswith("It is tried now")
    Payment.objects.filter(pk=of.of.payment.pk).update(status="SUCCEEDED", next_call_at=None)
    assert said(browser.post(charge)) == "It does not wait any more."


@pytest.mark.parametrize("path", ["x/1/now", "payments.charges/x/now", "events.deliveries/x/now"])
def test_what_is_no_piece_of_work(path: str) -> None:
    browser = staff(Role.SUPER_ADMIN)
    assert browser.post(f"{PAGE}{path}").status_code == 404
    huge = f"{PAGE}events.deliveries/{'9' * 40}/now"
    assert browser.post(huge).status_code in (302, 404)
    assert browser.get(PAGE, {"kind": "'; --"}).status_code == 200


@pytest.mark.fr("FR-139")
@pytest.mark.parametrize("role", list(Role))
def test_roles(role: Role, rung: list[str]) -> None:
    of, browser = planted(), staff(role)
    reads, writes = (may(role, "pending_work", right) for right in ("read", "write"))
    assert browser.get(PAGE).status_code == (200 if reads else 403)
    assert (PAGE in browser.get("/admin/").content.decode()) is reads
    for path in (button("payments.charges", of.of.payment), reverse("admin:stuck_tick")):
        assert browser.get(path).status_code == (405 if writes else 403)
        assert browser.post(path).status_code == (302 if writes else 403)
        assert Client().post(path).headers["Location"].startswith("/admin/login/")
        assert Client(enforce_csrf_checks=True).post(path).status_code in (302, 403)
    assert (fresh(of.of.payment).lease_token is None) is writes
    assert Client().get(PAGE).headers["Location"].startswith("/admin/login/")


def test_as_many_queries_however_much_there_is() -> None:
    browser, counts = staff(Role.SUPER_ADMIN), []
    of = planted()
    browser.get(PAGE)
    for number in (0, 30):
        GatewayNotice.objects.bulk_create(
            GatewayNotice(
                gateway_event_id=f"evt_more_{each}", event_type="charge.failed", object_id="ch", next_call_at=of.past
            )
            for each in range(number)
        )
        for query in ({}, {"kind": "payments.notices"}):
            with CaptureQueriesContext(connection) as captured:
                browser.get(PAGE, query)
            counts.append(len(captured))
    assert counts[:2] == counts[2:]
    assert counts[0] < 80


def test_nothing_is_stuck() -> None:
    text = words(staff(Role.SUPER_ADMIN).get(PAGE))
    assert "Stuck 0 Nothing." in text
    assert "Scheduler Alive Last sign of life" in text


def test_a_silent_scheduler_is_said_and_so_is_a_broker_that_is_away(settings: Any, monkeypatch: Any) -> None:
    browser = staff(Role.SUPER_ADMIN)
    client = signs._client(settings.REDIS_URL)
    client.set(signs._key(signs.BEAT), clock.wall().timestamp() - 600)
    assert "Scheduler Silent Last sign of life 10 minutes ago." in words(browser.get(PAGE)).replace("\xa0", " ")
    client.delete(signs._key(signs.BEAT))
    assert "Scheduler Silent No sign of life for a week." in words(browser.get(PAGE))

    def away(name: str) -> float:
        raise redis.ConnectionError

    monkeypatch.setattr(signs, "age", away)
    assert "Scheduler Silent The broker (Redis) does not answer." in words(browser.get(PAGE))


def test_what_the_scheduler_runs_and_since_when_it_is_due(rung: list[str]) -> None:
    of, browser = planted(), staff(Role.SUPER_ADMIN)
    type(of.of.subscription).objects.filter(pk=of.of.subscription.pk).update(billing_error="", billing_retry_at=None)
    text = words(browser.get(PAGE)).replace("\xa0", " ")
    assert "payments.charge late" in text
    assert "credits.expire" not in text
    assert said(browser.post(reverse("admin:stuck_tick"))).startswith("A worker does what is due now")
    assert rung == ["schedule.run_due"]


def test_a_date_of_a_test_clock_is_by_that_clock() -> None:
    of = planted()
    row, *_ = of.rows["payments.retries"]
    kind = registered()["payments.retries"]
    assert stand(kind, clock.wall()).number == {State.LATE: 1}
    assert stand(kind, clock.wall() - timedelta(days=1)).stuck == 0
    type(of.of.account).objects.filter(pk=of.of.account.pk).update(dispute_hold=True)
    assert stand(kind, clock.wall()).number == {}
    assert isinstance(of, Planted)
    assert row.status == "FAILED"
