"""What is near is announced three days before, once, whoever looks: the end of a trial, the next invoice."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from apps.clocks.actions import create
from apps.events.models import Event
from apps.kernel.schedule import Scope
from apps.subscriptions.actions.cancel import cancel
from apps.subscriptions.actions.notice import announce_ahead
from apps.subscriptions.actions.pause import pause
from apps.subscriptions.actions.renew import renew
from apps.subscriptions.due import earliest_notice, run_notices
from apps.subscriptions.models import Subscription
from apps.subscriptions.queries import to_announce
from tests.factories.invoices import payer
from tests.factories.plans import make_plan
from tests.factories.subscriptions import ACTOR, AT, make_subscription

WALL = Scope()


def told(kind: str = "subscription.trial_will_end") -> list[tuple[str, datetime]]:
    rows = Event.objects.filter(event_type=kind).order_by("id")
    return list(rows.values_list("object_id", "effective_at"))


@pytest.mark.django_db
@pytest.mark.fr("FR-028", "FR-107")
@pytest.mark.parametrize("timezone", ["Pacific/Auckland", "UTC", "America/Los_Angeles"])
def test_three_days_before(timezone: str) -> None:
    clock = create(name="c", frozen_time=AT, actor=ACTOR)
    made = make_subscription(account=payer(test_clock_id=clock.pk, timezone=timezone), trial_days=14, at=AT)
    assert made.trial_end is not None
    scope, due = Scope(clock.pk), made.trial_end - timedelta(days=3)
    assert earliest_notice(due - timedelta(seconds=1), scope) is None
    assert (earliest_notice(due + timedelta(days=9), scope), earliest_notice(due, WALL)) == (due, None)
    assert run_notices(due - timedelta(seconds=1), scope) == 0
    assert [run_notices(due, scope) for _ in range(2)] == [1, 0]
    assert told() == [(made.pk, due)]
    shown = Event.objects.get(event_type="subscription.trial_will_end").data["object"]
    assert (shown["id"], shown["status"], shown["trial_end"] is not None) == (str(made.pk), "TRIAL", True)
    assert earliest_notice(due + timedelta(days=9), scope) is None
    kept = Subscription.objects.get(pk=made.pk)
    assert (kept.announced_for, kept.version) == (made.next_billing_at, made.version), "previews still hold"


@pytest.mark.django_db
def test_a_shorter_trial_is_announced_at_once() -> None:
    made = make_subscription(trial_days=2, at=AT)
    make_subscription(at=AT)
    assert run_notices(AT, WALL) == 1
    assert told() == [(made.pk, AT)]


@pytest.mark.django_db
@pytest.mark.fr("FR-107")
def test_each_next_invoice_is_announced_once() -> None:
    made, seen = make_subscription(at=AT), []
    for month in (5, 6):
        due = datetime(2026, month, 1, tzinfo=UTC) - timedelta(days=3)
        assert earliest_notice(due + timedelta(days=2), WALL) == due
        assert [run_notices(due, WALL) for _ in range(2)] == [1, 0]
        seen.append((made.pk, due))
        assert told("invoice.upcoming") == seen
        renew([made.pk], at=due + timedelta(days=3), actor=ACTOR)
    shown = Event.objects.filter(event_type="invoice.upcoming").earliest("id").data["object"]
    assert shown == {
        "subscription_id": str(made.pk), "account_id": str(made.account_id),
        "next_billing_at": "2026-05-01T00:00:00Z", "url": f"/v1/invoices/upcoming?subscription_id={made.pk}",
    }  # fmt: skip


@pytest.mark.django_db
def test_a_test_clock_does_not_stop_for_invoices_to_come() -> None:
    clock = create(name="c", frozen_time=AT, actor=ACTOR)
    make_subscription(account=payer(test_clock_id=clock.pk), at=AT)
    scope = Scope(clock.pk)
    assert (earliest_notice(AT + timedelta(days=40), scope), run_notices(AT + timedelta(days=29), scope)) == (None, 0)


@pytest.mark.django_db
def test_not_of_what_ends_with_its_period_or_is_paused() -> None:
    ended, paused = make_subscription(at=AT), make_subscription(at=AT)
    cancel(subscription_id=ended.pk, at_period_end=True, at=AT, actor=ACTOR)
    pause(subscription_id=paused.pk, at=AT, actor=ACTOR)
    run_notices(AT + timedelta(days=29), WALL)
    assert told("invoice.upcoming") == []


@pytest.mark.django_db
def test_what_is_near_is_found_by_an_index() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
    plan = to_announce(AT, WALL).explain()
    assert "subscriptions_unannounced" in plan


@pytest.mark.django_db
def test_any_number_takes_the_same_queries() -> None:
    plan = make_plan()
    counts = []
    for number in (1, 4):
        for _ in range(number):
            make_subscription(account=payer(), plan=plan, trial_days=2, at=AT)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert announce_ahead(at=AT, scope=WALL, actor=ACTOR) == number
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_side_by_side_each_once(committed_db: str) -> None:
    plan = make_plan()
    for _ in range(6):
        make_subscription(account=payer(), plan=plan, trial_days=2, at=AT)

    def look() -> None:
        announce_ahead(at=AT, scope=WALL, actor=ACTOR)
        connections.close_all()

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while announce_ahead(at=AT, scope=WALL, actor=ACTOR):
        pass
    assert len(told()) == len({pk for pk, _ in told()}) == 6
