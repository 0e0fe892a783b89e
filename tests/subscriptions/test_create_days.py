"""Creation by days: trials, backdated starts, anchors, time zones, intervals, currencies."""

from datetime import UTC, date, datetime, timedelta

import pytest

from apps.clocks.actions import create as make_clock
from apps.clocks.queries import now_for
from apps.events.models import Event
from apps.invoices.models import Invoice, Line
from apps.monitoring.invariants import broken
from apps.plans.actions import update as update_plan
from apps.subscriptions.actions.create import MAX_MISSED_PERIODS
from apps.subscriptions.models import BilledPeriod
from tests.factories.accounts import make_account
from tests.factories.plans import make_plan
from tests.factories.subscriptions import ACTOR, AT, make_subscription
from tests.subscriptions.lives import bills, refused

TODAY = AT.date()


@pytest.mark.django_db
@pytest.mark.fr("FR-038")
def test_a_backdated_start_makes_an_invoice_for_each_missed_period() -> None:
    account = make_account(timezone="Pacific/Auckland")
    at = datetime(2026, 3, 30, 12, tzinfo=UTC)  # 31 March there
    made = make_subscription(
        account=account, plan=make_plan(prices={"USD": 3000}), at=at, start_date=date(2025, 12, 31)
    )
    assert bills(made) == [
        ("2025-12-31", "2026-01-31", 3000), ("2026-01-31", "2026-02-28", 3000), ("2026-02-28", "2026-03-31", 3000),
        ("2026-03-31", "2026-04-30", 3000),
    ]  # fmt: skip
    assert set(Invoice.objects.values_list("issue_date", flat=True)) == {date(2026, 3, 31)}
    assert made.billing_anchor_date == date(2025, 12, 31)
    assert made.current_period_start == datetime(2026, 3, 30, 11, tzinfo=UTC)
    assert made.next_billing_at == datetime(2026, 4, 29, 12, tzinfo=UTC)  # daylight saving has ended there
    assert broken() == []


@pytest.mark.django_db
@pytest.mark.fr("FR-038")
def test_bill_from_waives_the_days_before() -> None:
    made = make_subscription(
        plan=make_plan(prices={"USD": 3000}), start_date=date(2026, 1, 15), bill_from=date(2026, 3, 1)
    )
    assert bills(made) == [("2026-03-01", "2026-03-15", 1500), ("2026-03-15", "2026-04-15", 3000)]
    waived = BilledPeriod.objects.get(waived=True)
    assert (waived.days.lower, waived.days.upper, waived.line_id) == (date(2026, 1, 15), date(2026, 3, 1), None)
    assert made.billing_anchor_date == date(2026, 1, 15)
    assert broken() == []


@pytest.mark.django_db
@pytest.mark.fr("FR-037")
@pytest.mark.parametrize("anchor", [date(2026, 9, 1), date(2026, 1, 1), date(2027, 3, 1)])
def test_an_anchor_before_or_after_the_start_makes_the_first_period_short(anchor: date) -> None:
    plan = make_plan(prices={"USD": 3000})
    at = datetime(2026, 9, 12, tzinfo=UTC)
    made = make_subscription(plan=plan, at=at, billing_anchor_date=anchor)
    assert bills(made) == [("2026-09-12", "2026-10-01", 1900)]
    assert Line.objects.get().description == "Pro (19 of 30 days)"
    assert made.billing_anchor_date == anchor


@pytest.mark.django_db
@pytest.mark.fr("FR-018")
def test_a_trial_bills_nothing_until_its_end() -> None:
    plan = make_plan(trial_days=14)
    made = make_subscription(plan=plan, account=make_account(timezone="Pacific/Honolulu"))
    assert (made.status, made.trial_end_date) == ("TRIAL", date(2026, 4, 15))
    assert made.billing_anchor_date == date(2026, 4, 15)
    assert made.trial_end == made.current_period_end == made.next_billing_at == datetime(2026, 4, 15, 10, tzinfo=UTC)
    assert not Invoice.objects.exists()
    assert not BilledPeriod.objects.exists()
    # The caller's word counts more than the plan's, 0 too; a trial that is over already is billed from its end.
    assert make_subscription(plan=plan, trial_days=0).status == "ACTIVE"
    assert make_subscription(trial_days=3).trial_end_date == date(2026, 4, 4)
    late = make_subscription(plan=plan, start_date=date(2026, 3, 1))
    assert (late.status, bills(late)) == ("ACTIVE", [("2026-03-15", "2026-04-15", 4900)])
    assert broken() == []


@pytest.mark.django_db
def test_a_price_of_zero_makes_no_invoice() -> None:
    made = make_subscription(plan=make_plan(prices={"USD": 0}), start_date=date(2026, 2, 1))
    assert (made.status, made.billed_to) == ("ACTIVE", date(2026, 5, 1))
    assert not Invoice.objects.exists()
    assert list(BilledPeriod.objects.values_list("line_id", "waived")) == [(None, False)] * 3
    assert broken() == []


@pytest.mark.django_db
@pytest.mark.fr("FR-102", "FR-013")
@pytest.mark.parametrize(("currency", "price", "stub"), [("JPY", 1980, 1254), ("KWD", 12345, 7819)])
def test_currencies_without_and_with_three_digits(currency: str, price: int, stub: int) -> None:
    account = make_account(currency=currency)
    made = make_subscription(
        account=account, plan=make_plan(prices={currency: price}), at=datetime(2026, 9, 12, tzinfo=UTC),
        billing_anchor_date=date(2026, 9, 1),
    )  # fmt: skip
    assert bills(made) == [("2026-09-12", "2026-10-01", stub)]
    assert Invoice.objects.get().currency == currency


@pytest.mark.django_db
@pytest.mark.fr("FR-037")
@pytest.mark.parametrize(
    ("timezone", "today", "begins"),
    [
        ("Pacific/Kiritimati", date(2026, 4, 2), datetime(2026, 4, 1, 10, tzinfo=UTC)),
        ("Pacific/Auckland", date(2026, 4, 2), datetime(2026, 4, 1, 11, tzinfo=UTC)),
        ("Pacific/Honolulu", date(2026, 4, 1), datetime(2026, 4, 1, 10, tzinfo=UTC)),
    ],
)
def test_today_is_the_accounts(timezone: str, today: date, begins: datetime) -> None:
    at = datetime(2026, 4, 1, 11, 30, tzinfo=UTC)
    account = make_account(timezone=timezone)
    assert refused(account=account, at=at, start_date=today + timedelta(days=1)).code == "start_in_future"
    made = make_subscription(account=account, at=at)
    assert (made.start_date, made.current_period_start) == (today, begins)
    assert Invoice.objects.get().issue_date == today


@pytest.mark.django_db
@pytest.mark.fr("FR-017", "FR-037")
@pytest.mark.parametrize(
    ("start", "interval", "count", "ends"),
    [
        (date(2028, 2, 29), "year", 1, date(2029, 2, 28)),
        (date(2027, 11, 30), "month", 3, date(2028, 2, 29)),
        (date(2026, 1, 31), "month", 1, date(2026, 2, 28)),
        (date(2026, 3, 28), "day", 1, date(2026, 3, 29)),
        (date(2026, 3, 28), "week", 2, date(2026, 4, 11)),
    ],
)
def test_every_interval(start: date, interval: str, count: int, ends: date) -> None:
    at = datetime(start.year, start.month, start.day, 12, tzinfo=UTC)
    plan = make_plan(interval=interval, interval_count=count)
    made = make_subscription(account=make_account(timezone="Europe/Berlin"), plan=plan, at=at)
    assert (made.billed_to, bills(made)[0][2]) == (ends, 4900)


@pytest.mark.django_db
def test_a_start_that_lies_too_far_back_is_refused() -> None:
    daily = make_plan(interval="day")
    first = TODAY - timedelta(days=MAX_MISSED_PERIODS)
    too_far = refused(plan=daily, start_date=first)
    assert (too_far.status, too_far.code) == (422, "too_many_periods")
    made = make_subscription(plan=daily, start_date=first, bill_from=TODAY - timedelta(days=2))
    assert len(bills(made)) == 3


@pytest.mark.django_db
def test_the_longest_catch_up_there_may_be() -> None:
    made = make_subscription(plan=make_plan(interval="day"), start_date=TODAY - timedelta(days=MAX_MISSED_PERIODS - 1))
    assert len(bills(made)) == MAX_MISSED_PERIODS
    assert Invoice.objects.count() == MAX_MISSED_PERIODS
    assert broken() == []


@pytest.mark.django_db
@pytest.mark.fr("FR-026")
def test_an_account_on_a_test_clock_lives_at_its_time() -> None:
    frozen = make_clock(name="c", frozen_time=datetime(2031, 7, 31, 12, tzinfo=UTC), actor=ACTOR)
    account = make_account(test_clock_id=frozen.pk)
    made = make_subscription(account=account, at=now_for(account))
    assert bills(made) == [("2031-07-31", "2031-08-31", 4900)]
    invoice = Invoice.objects.get()
    assert (invoice.issue_date, invoice.number) == (date(2031, 7, 31), "INV-2031-000001")
    assert Event.objects.get(event_type="subscription.created").effective_at == frozen.frozen_time


@pytest.mark.django_db
def test_a_subscription_stays_on_the_version_it_was_made_with() -> None:
    plan = make_plan()
    made = make_subscription(plan=plan)
    update_plan(plan_id=plan.pk, changes={"prices": {"USD": 9900}}, expected_version=None, at=AT, actor=ACTOR)
    newer = make_subscription(plan=plan)
    assert (bills(made)[0][2], bills(newer)[0][2]) == (4900, 9900)
    assert made.plan_version_id != newer.plan_version_id
