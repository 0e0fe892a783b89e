"""Usage trends: figures by hand, and which partitions are read for them."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from apps.accounts.models import Account
from apps.analytics.export import objects_csv
from apps.analytics.objects_reports import UsageTrendObject, usage_trend_object
from apps.analytics.periods import Interval, Period
from apps.analytics.usage import Used, usage_trends
from apps.clocks.actions import create
from apps.subscriptions.models import Subscription
from apps.usage.actions.correct import replace as replace_event
from apps.usage.actions.correct import void
from apps.usage.actions.judging import TOLERANCE
from apps.usage.actions.record import record
from apps.usage.models import UsageEvent
from tests.factories.invoices import payer
from tests.factories.plans import CALLS, make_plan
from tests.factories.subscriptions import ACTOR, make_subscription
from tests.factories.usage import event

pytestmark = [pytest.mark.django_db, pytest.mark.fr("FR-119")]

SPRING = Period(date(2026, 3, 1), date(2026, 5, 31), Interval.MONTH, datetime(2026, 6, 1, tzinfo=UTC))
DAYS = replace(SPRING, interval=Interval.DAY)
TOKENS = {**CALLS, "key": "tokens", "metric": "tokens"}


def metered(account: Account | None = None) -> Subscription:
    """Metered since March."""
    plan = make_plan(prices={"USD": 0, "JPY": 0}, charges=[both(CALLS), both(TOKENS)])
    return make_subscription(account=account or payer(), plan=plan, at=datetime(2026, 3, 1, tzinfo=UTC))


def both(charge: dict[str, Any]) -> dict[str, Any]:
    return {**charge, "prices": {code: {"tiers": [{"unit_price": "1"}]} for code in ("USD", "JPY")}}


def used(made: Subscription, quantity: str, when: str, metric: str = "api_calls") -> UsageEvent:
    at = datetime.fromisoformat(f"{when}:00+00:00")
    sent = event(made.pk, quantity=quantity, timestamp=at, metric=metric)
    receipt = record([sent], at=at)
    return UsageEvent.objects.get(pk=receipt.stored[0])


def figures(period: Period, metric: str = "") -> list[tuple[Any, ...]]:
    return [
        (each.step, each.metric, each.events, str(each.quantity), each.subscriptions, each.accounts)
        for each in usage_trends(period, metric)
    ]


def test_months_and_days_by_metric() -> None:
    account = payer()
    first, second, other = metered(account), metered(account), metered()
    for made in (first, first, second, other):
        used(made, "2.5", "2026-04-03T10:00")
    used(other, "1", "2026-04-04T00:00")
    used(other, "1000000", "2026-04-03T23:59", metric="tokens")
    used(first, "0.000000000001", "2026-05-31T23:59", metric="tokens")
    assert figures(SPRING) == [
        ("2026-05", "tokens", 1, "1E-12", 1, 1),
        ("2026-04", "api_calls", 5, "11.0", 3, 2),
        ("2026-04", "tokens", 1, "1000000", 1, 1),
    ]
    assert figures(DAYS, "api_calls") == [
        ("2026-04-04", "api_calls", 1, "1", 1, 1),
        ("2026-04-03", "api_calls", 4, "10.0", 3, 2),
    ]
    assert sum(row[2] for row in figures(DAYS)) == sum(row[2] for row in figures(SPRING))


def test_what_is_void_or_replaced_counts_no_more() -> None:
    made = metered()
    gone, wrong = used(made, "5", "2026-04-03T10:00"), used(made, "7", "2026-04-03T11:00")
    now = {"reason": "twice", "at": datetime(2026, 4, 4, tzinfo=UTC), "actor": ACTOR}
    void(event_id=gone.pk, **now)
    assert figures(SPRING) == [("2026-04", "api_calls", 1, "7", 1, 1)]
    right = event(made.pk, quantity="6", timestamp=datetime(2026, 3, 31, tzinfo=UTC))
    replace_event(event_id=wrong.pk, by=right, **now)
    assert figures(SPRING) == [("2026-03", "api_calls", 1, "6", 1, 1)]


def test_days_are_those_of_each_account() -> None:
    """At one instant it is April in Auckland, and March in New York."""
    for zone in ("Pacific/Auckland", "America/New_York"):
        used(metered(payer(timezone=zone)), "1", "2026-03-31T11:00")
    assert [row[0] for row in figures(SPRING)] == ["2026-04", "2026-03"]
    assert [row[0] for row in figures(DAYS)] == ["2026-04-01", "2026-03-31"]
    march = replace(SPRING, last=date(2026, 3, 31))
    assert [row[0] for row in figures(march)] == ["2026-03"], "the rest of it is April's"
    assert [row[0] for row in figures(replace(SPRING, first=date(2026, 4, 1)))] == ["2026-04"]


def test_a_midnight_that_comes_twice_begins_the_day_when_it_first_comes() -> None:
    """Clocks in Havana go back from one to midnight; those of Beirut leave out the first hour of a day in March."""
    made = metered(payer(timezone="America/Havana"))
    march = metered(payer(timezone="Asia/Beirut"))
    for instant in ("2026-11-01T03:59", "2026-11-01T04:00", "2026-11-01T05:00"):
        used(made, "1", instant)
    for instant in ("2026-03-28T21:59", "2026-03-28T22:00"):
        used(march, "1", instant)
    days = replace(DAYS, last=date(2026, 11, 30))
    assert [(row[0], row[2]) for row in figures(days)] == [
        ("2026-11-01", 2), ("2026-10-31", 1), ("2026-03-29", 1), ("2026-03-28", 1),
    ]  # fmt: skip


def test_whose() -> None:
    life = create(name="life", frozen_time=datetime(2026, 3, 1, tzinfo=UTC), actor=ACTOR)
    life.frozen_time = datetime(2027, 8, 1, tzinfo=UTC)
    for account, quantity in ((payer(), "1"), (payer(currency="JPY"), "20")):
        used(metered(account), quantity, "2026-04-03T10:00")
    theirs = metered(payer(test_clock_id=life.pk))
    life.save()
    used(theirs, "300", "2027-07-03T10:00")
    assert [row[2:] for row in figures(SPRING)] == [(2, "21", 2, 2)]
    assert [row[2:] for row in figures(replace(SPRING, currency="JPY"))] == [(1, "20", 1, 1)]
    assert figures(replace(SPRING, clock_id=life.pk)) == []
    ahead = replace(SPRING, clock_id=life.pk, first=date(2027, 7, 1), last=date(2027, 7, 31))
    assert [row[3] for row in figures(ahead)] == ["300"], "it arrived long before its time"


def test_an_event_may_arrive_before_its_timestamp() -> None:
    """As April begins on Kiritimati, from a sender whose clock is ahead as far as it may be."""
    made = metered(payer(timezone="Pacific/Kiritimati"))
    told = datetime(2026, 3, 31, 10, tzinfo=UTC)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO usage_event (id, subscription_id, timestamp, received_at, metric, quantity, idempotency_key)"
            " VALUES (usage_floor(%s), %s, %s, %s, 'api_calls', 1, 'k')",
            [told - TOLERANCE, made.pk, told, told - TOLERANCE],
        )
    assert [row[0] for row in figures(replace(DAYS, first=date(2026, 4, 1)))] == ["2026-04-01"]


def test_months_that_ended_before_are_not_read(django_assert_num_queries: Any) -> None:
    life = create(name="life", frozen_time=datetime(2026, 3, 1, tzinfo=UTC), actor=ACTOR)
    payer(), payer(test_clock_id=life.pk)
    period = replace(SPRING, first=date(2030, 2, 3), last=date(2030, 2, 28))
    with connection.cursor() as cursor:
        cursor.execute("SELECT usage_make_partitions('2030-01-01', 2)")
        read = []
        for clock_id in (None, life.pk):
            with django_assert_num_queries(2) as captured:
                usage_trends(replace(period, clock_id=clock_id))
            cursor.execute("EXPLAIN " + captured.captured_queries[1]["sql"])
            plan = "\n".join(row[0] for row in cursor.fetchall())
            read.append(set(re.findall(r"usage_event_\w+(?= event_)", plan)))
    of_life = {"usage_event_2030_01", "usage_event_2030_02", "usage_event_2030_03", "usage_event_default"}
    assert read[0] == of_life - {"usage_event_2030_01"}
    assert of_life < read[1]


def test_the_object_and_the_file() -> None:
    found = Used("2026-04", "=api_calls", 2, Decimal("1E+3"), 2, 1)
    assert usage_trend_object(found) == UsageTrendObject(
        period="2026-04", metric="=api_calls", events=2, quantity="1000", subscriptions=2, accounts=1
    )
    assert b"".join(objects_csv(UsageTrendObject, [usage_trend_object(found)])).decode().splitlines() == [
        "period,metric,events,quantity,subscriptions,accounts", "2026-04,'=api_calls,2,1000,2,1",
    ]  # fmt: skip
