"""A year of months in zones at the edges: every period begins at the first instant of its local date, none is lost."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from apps.invoices.models import Invoice, Line
from apps.monitoring.invariants import broken
from apps.subscriptions.actions.change import change
from apps.subscriptions.actions.renew import renew
from apps.subscriptions.models import BilledPeriod
from tests.factories.accounts import make_account
from tests.factories.plans import make_plan
from tests.factories.subscriptions import ACTOR, make_subscription

HOUR = timedelta(hours=1)


def first_instant(day: date, zone: str) -> datetime:
    """The earliest UTC minute at which a calendar on the wall there shows `day`: looked for, not computed."""
    minute = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=15)
    while minute.astimezone(ZoneInfo(zone)).date() < day:
        minute += timedelta(minutes=15)
    return minute


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("zone", "begins", "hours"),
    [
        ("Europe/Berlin", date(2026, 3, 15), {31 * 24 - 1, 31 * 24 + 1}),
        ("America/New_York", date(2026, 3, 1), {31 * 24 - 1, 30 * 24 + 1}),
        ("Pacific/Auckland", date(2026, 3, 31), {30 * 24 + 1, 30 * 24 - 1}),
        ("America/Santiago", date(2026, 4, 5), {30 * 24 - 1, 31 * 24 + 1}),
        ("Africa/Cairo", date(2026, 4, 24), {31 * 24, 30 * 24 - 1, 31 * 24 + 1}),
        ("America/Havana", date(2026, 3, 8), {31 * 24 - 1, 31 * 24 + 1}),
        ("Pacific/Pago_Pago", date(2026, 1, 31), {28 * 24, 31 * 24}),
        ("Pacific/Kiritimati", date(2026, 1, 31), {28 * 24, 31 * 24}),
        ("Asia/Kathmandu", date(2026, 1, 29), {29 * 24, 31 * 24}),
    ],
)
def test_a_year_of_months(zone: str, begins: date, hours: set[int]) -> None:
    at = first_instant(begins, zone)
    made = make_subscription(account=make_account(timezone=zone, at=at), plan=make_plan(at=at), at=at)
    for _ in range(12):
        made.refresh_from_db()
        assert made.next_billing_at is not None
        early = renew([made.pk], at=made.next_billing_at - timedelta(seconds=1), actor=ACTOR)
        assert early.periods == 0
        assert renew([made.pk], at=made.next_billing_at, actor=ACTOR).periods == 1
    lines = list(Line.objects.filter(subscription_id=made.pk).order_by("service_days"))
    assert len(lines) == 13
    assert {line.amount for line in lines} == {4900}
    for line in lines:
        assert line.period_start == first_instant(line.service_days.lower, zone)
        assert line.period_end == first_instant(line.service_days.upper, zone)
    spans = {int((line.period_end - line.period_start) / HOUR) for line in lines if line.period_end}
    assert hours <= spans
    days = [(row.days.lower, row.days.upper) for row in BilledPeriod.objects.order_by("days")]
    assert all(one[1] == next_one[0] for one, next_one in pairwise(days))
    dates = Invoice.objects.order_by("number").values_list("issue_date", flat=True)
    assert list(dates) == [line.service_days.lower for line in lines]
    assert broken() == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("zone", "day", "hour"), [("Europe/Berlin", date(2026, 3, 29), 23), ("Europe/Berlin", date(2026, 10, 25), 25)]
)
def test_a_short_and_a_long_day_are_days(zone: str, day: date, hour: int) -> None:
    begins = day.replace(day=1)
    at = first_instant(begins, zone)
    made = make_subscription(
        account=make_account(timezone=zone, at=at), plan=make_plan(prices={"USD": 3100}, at=at), at=at
    )
    assert first_instant(day + timedelta(days=1), zone) - first_instant(day, zone) == hour * HOUR
    late = first_instant(day + timedelta(days=1), zone) - timedelta(seconds=1)
    change(subscription_id=made.pk, quantity=2, at=late, actor=ACTOR)
    left = 31 - day.day + 1
    charged = Line.objects.get(kind="proration_charge")
    assert ((charged.service_days.upper - charged.service_days.lower).days, charged.amount) == (left, 6200 * left // 31)
