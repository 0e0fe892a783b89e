"""A trial is announced to end three days before it does, once, whoever looks."""

import threading
from datetime import datetime, timedelta

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from apps.clocks.actions import create
from apps.events.models import Event
from apps.kernel.schedule import Scope
from apps.subscriptions.actions.trial_notice import tell_trials
from apps.subscriptions.due import earliest_notice, run_notices
from apps.subscriptions.models import Subscription
from tests.factories.invoices import payer
from tests.factories.plans import make_plan
from tests.factories.subscriptions import ACTOR, AT, make_subscription

WALL = Scope()


def told() -> list[tuple[str, datetime]]:
    rows = Event.objects.filter(event_type="subscription.trial_will_end").order_by("id")
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
    assert (kept.trial_told_at, kept.version) == (due, made.version), "previews asked for before still hold"


@pytest.mark.django_db
def test_a_shorter_trial_is_announced_at_once_and_none_of_what_has_no_trial() -> None:
    made = make_subscription(trial_days=2, at=AT)
    make_subscription(at=AT)
    assert run_notices(AT, WALL) == 1
    assert told() == [(made.pk, AT)]


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
            assert tell_trials(at=AT, scope=WALL, actor=ACTOR) == number
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_side_by_side_each_once(committed_db: str) -> None:
    plan = make_plan()
    for _ in range(6):
        make_subscription(account=payer(), plan=plan, trial_days=2, at=AT)

    def look() -> None:
        tell_trials(at=AT, scope=WALL, actor=ACTOR)
        connections.close_all()

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while tell_trials(at=AT, scope=WALL, actor=ACTOR):
        pass
    assert len(told()) == len({pk for pk, _ in told()}) == 6
