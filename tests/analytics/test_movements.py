"""How monthly recurring revenue moves: lives by hand to the last digit, and that it always adds up."""

import csv
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from apps.accounts.models import Account
from apps.analytics import movements as report
from apps.analytics.actions import recount
from apps.analytics.due import WORK
from apps.analytics.export import FILES
from apps.analytics.models import MrrMovement, Recount
from apps.analytics.movements import Lifetime, Step, lifetimes, movements
from apps.analytics.objects_movements import churn_object, movements_object
from apps.analytics.periods import Interval, Period, months_of
from apps.analytics.rules import Movement, shown
from apps.dunning.actions.cancel import NONPAYMENT
from apps.events.registry import subscriber
from apps.kernel import schedule
from apps.kernel.actors import system
from apps.kernel.money import rounded
from apps.kernel.schedule import Scope
from apps.kernel.transactions import unit_of_work
from apps.monitoring.invariants import broken
from apps.subscriptions import due
from apps.subscriptions.actions.cancel import cancel
from apps.subscriptions.actions.change import change
from apps.subscriptions.actions.pause import pause
from apps.subscriptions.actions.resume import resume
from apps.subscriptions.models import Subscription
from tests.accounts.calls import Api
from tests.factories.accounts import make_account
from tests.factories.coupons import make_coupon
from tests.factories.dunning import clocked
from tests.factories.plans import make_plan
from tests.factories.subscriptions import make_subscription

pytestmark = [pytest.mark.fr("FR-117")]

ACTOR = system("tests")


def day(month: int, number: int = 10, hour: int = 12) -> datetime:
    return datetime(2026, month, number, hour, tzinfo=UTC)


def sold(amount: int, at: datetime, account: Account | None = None, **fields: Any) -> Subscription:
    """A subscription of an account, both begun then."""
    payer = account or make_account(at=at, currency=fields.pop("currency", "USD"))
    terms = {name: fields.pop(name) for name in ("interval", "interval_count") if name in fields}
    plan = make_plan(at=at, prices={payer.currency: amount}, **terms)
    return make_subscription(account=payer, plan=plan, at=at, **fields)


def year(**fields: Any) -> Period:
    return Period(date(2026, 1, 1), date(2026, 12, 31), Interval.MONTH, day(12, 31), **fields)


def moved(subscription: Subscription) -> list[tuple[str, int]]:
    """What an account's movements are, in whole units."""
    found = MrrMovement.objects.filter(account_id=subscription.account_id).order_by("sequence")
    return [(each.kind, int(each.amount)) for each in found]


def told(step: Step) -> dict[str, Any]:
    """What a step says beside zeros."""
    one = movements_object(step)
    return {name: getattr(one, name) for name in one.__struct_fields__ if getattr(one, name)}


@pytest.mark.django_db
def test_a_life_of_a_customer() -> None:
    one = sold(4900, day(1), quantity=2)
    change(subscription_id=one.pk, quantity=5, at=day(2), actor=ACTOR)
    change(subscription_id=one.pk, quantity=1, at=day(3), actor=ACTOR)
    pause(subscription_id=one.pk, at=day(4), actor=ACTOR)
    resume(subscription_id=one.pk, at=day(5), actor=ACTOR)
    cancel(subscription_id=one.pk, at=day(6), actor=ACTOR)
    assert moved(one) == [
        ("new", 9800), ("expansion", 14700), ("contraction", -19600), ("churn", -4900), ("reactivation", 4900),
        ("churn", -4900),
    ]  # fmt: skip
    steps = movements(year())
    found = [told(step) for step in reversed(steps[-6:])]
    assert [each.pop("period") for each in found] == [f"2026-0{month}" for month in range(1, 7)]
    assert {each.pop("currency") for each in found} == {"USD"}
    assert found == [
        {"new": 9800, "closing": 9800, "customers": 1},
        {"opening": 9800, "expansion": 14700, "closing": 24500, "customers": 1},
        {"opening": 24500, "contraction": 19600, "closing": 4900, "customers": 1},
        {"opening": 4900, "churn": 4900},
        {"reactivation": 4900, "closing": 4900, "customers": 1},
        {"opening": 4900, "churn": 4900},
    ]
    assert broken() == []


@pytest.mark.django_db
def test_movements_are_those_of_the_account_and_only_where_it_pays_otherwise() -> None:
    one = sold(4900, day(1))
    account = one.account
    sold(1000, day(1, 11), account=account)
    sold(700, day(1, 12), account=account, trial_days=14)
    due.run(day(2, 20), Scope())
    change(subscription_id=one.pk, metadata={"note": "x"}, at=day(2, 21), actor=ACTOR)
    cancel(subscription_id=one.pk, at_period_end=True, at=day(2, 22), actor=ACTOR)
    assert moved(one) == [("new", 4900), ("expansion", 1000), ("expansion", 700)], "the end of a period is not yet"
    due.run(day(3, 11), Scope())
    assert moved(one)[3:] == [("contraction", -4900)]
    assert broken() == []


@pytest.mark.django_db
@pytest.mark.fr("FR-118")
def test_voluntary_and_not() -> None:
    """Of three customers: one leaves, one is cancelled for nonpayment, one loses one of two subscriptions so."""
    leaves, unpaid = sold(1000, day(1)), sold(2000, day(1))
    keeps = sold(3000, day(1))
    loses = sold(500, day(1), account=keeps.account)
    cancel(subscription_id=leaves.pk, at=day(2, 3), reason="too dear", at_period_end=False, actor=ACTOR)
    for one in (unpaid, loses):
        cancel(subscription_id=one.pk, at=day(2, 4), reason=NONPAYMENT, credit_unused=False, actor=ACTOR)
    february, january = movements(Period(date(2026, 1, 1), date(2026, 2, 28), Interval.MONTH, day(2, 28)))
    found = churn_object(february)
    assert (found.customers, found.customers_churned) == (3, 2)
    assert (found.customers_voluntary, found.customers_involuntary) == (1, 1)
    assert found.customer_rate == Decimal("0.6667")
    assert (found.revenue, found.revenue_churned, found.revenue_contracted) == (6500, 3000, 500)
    assert (found.revenue_voluntary, found.revenue_involuntary) == (1000, 2500)
    assert (found.revenue_rate, found.net_revenue_rate) == (Decimal("0.5385"), Decimal("0.5385"))
    assert churn_object(january).customer_rate == 0
    assert lifetimes(Period(date(2026, 2, 1), date(2026, 2, 28), Interval.MONTH, day(2, 28))) == [
        Lifetime("USD", 1, 3000, 3000, Decimal("0.6667"), Decimal("1.5"), 4500)
    ]


@pytest.mark.django_db
@pytest.mark.fr("FR-119")
def test_nobody_has_churned_and_so_nothing_is_said_of_how_long_they_stay() -> None:
    sold(1000, day(1))
    sold(2001, day(1))
    assert lifetimes(year()) == [Lifetime("USD", 2, 3001, 1501, Decimal(0), None, None)]
    assert lifetimes(year(currency="EUR")) == []


@pytest.mark.django_db
def test_months_are_local_to_the_account() -> None:
    one = sold(4900, day(1, 31, 12), account=make_account(at=day(1), timezone="Pacific/Auckland"))
    movement = MrrMovement.objects.get()
    assert (movement.on, movement.at) == (date(2026, 2, 1), day(1, 31))
    assert [step.name for step in movements(year())][-1] == "2026-02"
    days = movements(Period(date(2026, 1, 30), date(2026, 2, 3), Interval.DAY, day(2, 3)))
    assert [(step.name, step.opening, step.closing) for step in days] == [
        ("2026-02-03", 4900, 4900), ("2026-02-02", 4900, 4900), ("2026-02-01", 0, 4900),
    ]  # fmt: skip
    assert moved(one) == [("new", 4900)]


@pytest.mark.django_db
def test_thirds_of_a_yen_add_up_in_whole_ones() -> None:
    """Three customers at 1,000 yen a year: 83.33 each, 250 together, and no step loses or gains one."""
    for month in (1, 2, 3):
        sold(1000, day(month), currency="JPY", interval="year")
    leaving = sold(100, day(4), currency="JPY", interval="year")
    cancel(subscription_id=leaving.pk, at=day(5), actor=ACTOR)
    steps = list(reversed(movements(Period(date(2026, 1, 1), date(2026, 5, 31), Interval.MONTH, day(5, 31)))))
    assert [(step.opening, step.amount(Movement.NEW), step.amount(Movement.CHURN), step.closing) for step in steps] == [
        (0, 83, 0, 83), (83, 84, 0, 167), (167, 83, 0, 250), (250, 8, 0, 258), (258, 0, 8, 250),
    ]  # fmt: skip
    assert sum(each.amount for each in MrrMovement.objects.all()) == Decimal("249.999999999999")


@given(
    st.fractions(0, 10**9, max_denominator=1200),
    st.lists(st.fractions(0, 10**6, max_denominator=1200), min_size=7, max_size=7),
)
def test_what_is_shown_always_adds_up(opening: Fraction, sizes: list[Fraction]) -> None:
    parts = [*sizes[:3], *(-size for size in sizes[3:])]
    if opening + sum(parts) < 0:
        opening -= sum(parts)
    first, found, last = shown(opening, parts)
    assert first + sum(found) == last
    assert (first, last) == (rounded(opening), rounded(opening + sum(parts)))
    assert all(abs(each - exact) < 1 for each, exact in zip(found, parts, strict=True))


@pytest.mark.django_db
def test_a_coupon_of_some_periods_counts_in_each_of_them_and_no_longer() -> None:
    coupon = make_coupon(percent_off=Decimal(50), duration="repeating", duration_periods=2)
    one = sold(1000, day(1, 1), coupon=coupon.code)
    for month in (2, 3, 4):
        assert recount(at=day(month, 1, 9), actor=ACTOR) == 0
        due.run(day(month, 2), Scope())
    found = MrrMovement.objects.order_by("sequence").values_list("kind", "amount", "on")
    assert list(found) == [("new", 500, date(2026, 1, 1)), ("expansion", 500, date(2026, 3, 2))]
    assert moved(one) == [("new", 500), ("expansion", 500)]


@pytest.mark.django_db
def test_a_life_on_a_test_clock_is_told_apart_and_dated_by_it() -> None:
    life = clocked(date(2020, 5, 17))
    on_it = sold(4900, life.frozen_time, account=make_account(at=life.frozen_time, test_clock_id=life.pk))
    sold(1000, day(1))
    assert [step.name for step in movements(year())][-1] == "2026-01"
    may = Period(*months_of(date(2020, 5, 1), date(2020, 5, 1)), Interval.MONTH, life.frozen_time, "", life.pk)
    assert [(step.closing, step.name) for step in movements(may)] == [(4900, "2020-05")]
    assert moved(on_it) == [("new", 4900)]


@pytest.mark.django_db
def test_a_preview_moves_nothing() -> None:
    account = make_account(at=day(1))
    plan = make_plan(at=day(1), prices={"USD": 4900})
    answer = Api().post("/subscriptions/preview", {"account_id": str(account.pk), "plan_id": str(plan.pk)})
    assert answer.status_code == 200
    assert not MrrMovement.objects.exists()


@pytest.mark.django_db
def test_what_was_changed_beside_the_verbs_is_mended_within_the_hour() -> None:
    first, second = sold(4900, day(1)), sold(1000, day(1))
    Subscription.objects.filter(pk=first.pk).update(quantity=2)
    [found] = [each for each in broken() if each.invariant.name == "mrr_is_of_active_subscriptions"]
    assert str(first.account_id) in found.faults[0]
    at = day(1, 20, 15)
    assert WORK.due(at, Scope()) == at
    assert WORK.run(at, Scope()) == 1
    assert WORK.due(at + timedelta(minutes=59), Scope()) is None, "once an hour"
    assert WORK.due(at + timedelta(hours=1), Scope()) is not None
    assert WORK.due(at, Scope(second.pk)) is None, "clocks are counted with the others"
    assert moved(first) == [("new", 4900), ("expansion", 4900)]
    assert Recount.objects.get().mended == 1
    assert recount(at=at, actor=ACTOR) == 0
    assert broken() == []
    assert WORK in schedule.registered()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fields",
    [
        {"sequence": 1},  # it follows what another follows
        {"kind": "new"},
        {"kind": "churn", "amount": -1000, "level": 1},
        {"kind": "contraction", "amount": 1, "level": 1001},
        {"kind": "expansion", "amount": 1000, "level": 1000},
        {"involuntary": True},
    ],
)
def test_what_does_not_add_up_cannot_be_stored(fields: dict[str, Any]) -> None:
    one = MrrMovement.objects.get(account_id=sold(1000, day(1)).account_id)
    right = {
        "account_id": one.account_id, "sequence": 2, "currency": "USD", "at": one.at, "on": one.on,
        "kind": "expansion", "amount": 1, "level": 1001,
    }  # fmt: skip
    with pytest.raises(DatabaseError, match="analytics_mrr"), transaction.atomic():
        MrrMovement.objects.create(**{**right, **fields})
    MrrMovement.objects.create(**right)
    for change_it in (MrrMovement.objects.all().delete, lambda: MrrMovement.objects.update(amount=2)):
        with pytest.raises(DatabaseError, match="rows are final"), transaction.atomic():
            change_it()


def test_whatever_changes_a_subscription_is_heard() -> None:
    assert set(subscriber("analytics.movements").types) == set(subscriber("dunning.entitlements").types)


def test_two_changes_at_once_follow_each_other(committed_db: str) -> None:
    account = make_account(at=day(1))
    start = threading.Barrier(4)

    def subscribe(number: int) -> None:
        try:
            plan = make_plan(key=f"plan-{number}", at=day(1), prices={"USD": 1000 + number})
            start.wait(10)
            make_subscription(account=account, plan=plan, at=day(1))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as many:
        list(many.map(subscribe, range(4)))
    found = list(MrrMovement.objects.order_by("sequence"))
    assert [each.sequence for each in found] == [1, 2, 3, 4]
    assert found[-1].level == sum(each.amount for each in found) == 4006
    assert all(later.level - before.level == later.amount for before, later in pairwise(found))
    assert broken() == []


def test_who_is_locked_is_left_for_the_next_hour(committed_db: str) -> None:
    one, other = sold(4900, day(1)), sold(1000, day(1))
    Subscription.objects.update(quantity=2)
    held, counted = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with unit_of_work(ACTOR):
                Account.objects.select_for_update(no_key=True).get(pk=one.account_id)
                held.set()
                assert counted.wait(10)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as somebody:
        done = somebody.submit(hold)
        assert held.wait(10)
        assert recount(at=day(2), actor=ACTOR) == 1
        counted.set()
        done.result()
    assert moved(other) == [("new", 1000), ("expansion", 1000)]
    assert recount(at=day(3), actor=ACTOR) == 1
    assert moved(one) == [("new", 4900), ("expansion", 4900)]


@pytest.mark.django_db
def test_a_report_is_one_statement_that_its_index_answers() -> None:
    sold(1000, day(1))
    with CaptureQueriesContext(connection) as captured:
        movements(year())
    assert len(captured) == 1
    asked: Callable[[UUID | None], str] = report._clock
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for clock_id in (None, UUID(int=1)):
            statement = report._STATEMENT.format(clock=asked(clock_id))
            cursor.execute("EXPLAIN " + statement, report._asked(year(clock_id=clock_id)))
            plan = "\n".join(row[0] for row in cursor.fetchall())
            assert "analytics_mrr_on" in plan
            assert "Seq Scan" not in plan


@pytest.mark.django_db
@pytest.mark.fr("FR-119", "FR-120")
def test_routes_and_files_say_the_same() -> None:
    leaving = sold(1000, day(1))
    sold(3000, day(1), currency="EUR")
    cancel(subscription_id=leaving.pk, at=day(2), actor=ACTOR)
    api, query = Api(), "from=2026-01&to=2026-03"
    for name in ("mrr", "churn", "ltv", "revenue"):
        answer = api.get(f"/analytics/{name}?{query}").json()["data"]
        file = api.get(f"/analytics/export?report={name}&{query}")
        assert file["Content-Disposition"] == f'attachment; filename="{name}.csv"'
        lines = list(csv.DictReader(b"".join(file.streaming_content).decode().splitlines()))
        assert lines == [
            {field: "" if value is None else str(value) for field, value in row.items()} for row in answer
        ], name
        assert len(answer) == {"ltv": 2}.get(name, 6)
    assert [row["closing"] for row in api.get(f"/analytics/mrr?{query}&currency=USD").json()["data"]] == [0, 0, 1000]
    by_day = api.get("/analytics/mrr?interval=day&from=2026-02-09&to=2026-02-10&currency=USD").json()["data"]
    assert [(row["period"], row["churn"]) for row in by_day] == [("2026-02-10", 1000), ("2026-02-09", 0)]
    file = api.get(f"/analytics/export?report=movements&{query}&currency=USD")
    lines = list(csv.DictReader(b"".join(file.streaming_content).decode().splitlines()))
    assert [(line["kind"], line["amount"], line["mrr"], line["local_date"]) for line in lines] == [
        ("new", "1000.000000000000", "1000.000000000000", "2026-01-10"),
        ("churn", "-1000.000000000000", "0.000000000000", "2026-02-10"),
    ]


@pytest.mark.django_db
@pytest.mark.fr("FR-119", "FR-128")
@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("mrr?interval=week", "interval_unknown"), ("ltv?interval=day", "unknown_parameter"),
        ("export?report=ltv&interval=day", "interval_unknown"), ("mrr?interval=day&from=2026-04", "parameter_invalid"),
        ("mrr?interval=day&from=2026-02-30", "parameter_invalid"), ("churn?from=2026-13", "parameter_invalid"),
        ("mrr?interval=day&from=2024-01-01&to=2026-01-01", "range_invalid"),
        ("churn?from=9999-12", "parameter_invalid"),
        ("mrr?interval=day&from=2026-01-02&to=2026-01-01", "range_invalid"), ("ltv?currency=usd", "currency_unknown"),
        ("usage?interval=hour", "interval_unknown"), ("revenue?metric=x", "unknown_parameter"),
        ("export", "report_unknown"), ("export?report=all", "report_unknown"),
        ("churn?test_clock_id=1", "test_clock_unknown"), ("mrr?account=1", "unknown_parameter"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked(path: str, code: str) -> None:
    refused = Api().get(f"/analytics/{path}")
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert refused.json()["hint"]


def test_every_file_has_a_heading() -> None:
    assert set(FILES) >= {"mrr", "churn", "ltv", "usage", "revenue", "recovery", "movements"}
