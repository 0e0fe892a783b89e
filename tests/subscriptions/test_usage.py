"""Usage on invoices: the figures of the rules, through the verbs, with what was billed before."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from apps.accounts.models import Account
from apps.invoices.models import Invoice, Line
from apps.kernel.ids import uuid7
from apps.monitoring.invariants import broken
from apps.plans.models import Plan
from apps.subscriptions.actions.cancel import cancel
from apps.subscriptions.actions.change import change
from apps.subscriptions.actions.pause import pause
from apps.subscriptions.actions.renew import renew
from apps.subscriptions.actions.resume import resume, wake
from apps.subscriptions.models import Subscription, UsageBill
from apps.usage.actions.record import record
from apps.usage.rules.event import EventInput
from tests.explain.holding import unexplained
from tests.factories.accounts import make_account
from tests.factories.coupons import make_coupon
from tests.factories.plans import make_plan
from tests.factories.subscriptions import ACTOR, make_subscription
from tests.factories.tax import registered

# Real commits: which events an invoice holds is a matter of which transactions it has seen.
pytestmark = [pytest.mark.usefixtures("committed_db"), pytest.mark.fr("FR-019", "FR-075", "FR-076", "FR-078")]

TIERS = [{"up_to": "1000", "unit_price": "0"}, {"up_to": "10000", "unit_price": "1"}, {"unit_price": "0.5"}]


def time(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+00:00")


def metered(
    model: str = "graduated", tiers: Any = None, *, price: int = 3000, currency: str = "USD", key: str = "calls",
    metric: str = "api_calls", charge: Any = None, plan: Any = None, **money: Any,
) -> Plan:  # fmt: skip
    """A monthly plan with one metered charge."""
    made = {"key": key, "metric": metric, "model": model, **(charge or {})}
    made["prices"] = {currency: {"tiers": TIERS if tiers is None else tiers, **money}}
    return make_plan(prices={currency: price}, charges=[made], **(plan or {}))


def begun(plan: Plan, at: str = "2026-04-01T09:00", account: Account | None = None, **fields: Any) -> Subscription:
    return make_subscription(account=account or make_account(), plan=plan, at=time(at), **fields)


def event(made: Subscription, quantity: object, at: str, **more: Any) -> EventInput:
    given = {"metric": "api_calls", "quantity": str(quantity), "timestamp": time(at), **more}
    return EventInput(idempotency_key=str(uuid7()), subscription_id=str(made.pk), **given)


def use(
    made: Subscription, quantity: object, at: str, *, metric: str = "api_calls", received: str = "", **more: Any
) -> None:
    receipt = record([event(made, quantity, at, metric=metric, **more)], at=time(received or at))
    assert not receipt.refused, receipt.refused


def bill(made: Subscription, at: str) -> None:
    while renew([made.pk], at=time(at), actor=ACTOR).pieces:
        pass


def lines(made: Subscription) -> list[tuple[str, int]]:
    rows = (
        Line.objects.filter(subscription_id=made.pk).exclude(invoice__status="VOID").exclude(kind="credit_to_balance")
    )
    return [(row.kind, row.amount) for row in rows.order_by("invoice__number", "position")]


def whole() -> None:
    assert broken() == []
    assert unexplained() == []


@pytest.mark.parametrize(
    ("model", "tiers", "charge", "amount"),
    [
        ("graduated", TIERS, {}, 10173), ("volume", TIERS, {}, 6173),
        ("package", [{"unit_price": "500"}], {"package_size": "1000"}, 6500),
        ("per_unit", [{"unit_price": "2"}], {}, 24690),
    ],
)  # fmt: skip
@pytest.mark.fr("FR-020")
def test_usage_is_billed_by_the_renewal_after_it(model: str, tiers: Any, charge: Any, amount: int) -> None:
    made = begun(metered(model, tiers, charge=charge))
    use(made, 12000, "2026-04-03T10:00")
    use(made, 345, "2026-04-30T23:59")
    use(made, 5, "2026-05-01T00:00", received="2026-05-01T00:00")
    bill(made, "2026-05-01T01:00")
    assert lines(made) == [("recurring", 3000), ("recurring", 3000), ("usage", amount)]
    line = Line.objects.get(kind="usage")
    assert (line.quantity, str(line.service_days.lower), str(line.service_days.upper)) == (
        Decimal(12345), "2026-04-01", "2026-05-01",
    )  # fmt: skip
    assert line.breakdown is not None
    assert sum(part["amount"] for part in line.breakdown) == amount
    assert line.source["events"] == 2
    whole()


def test_nothing_used_is_nothing_billed() -> None:
    made = begun(metered(price=0))
    bill(made, "2026-06-01T01:00")
    assert (lines(made), Invoice.objects.count(), UsageBill.objects.count()) == ([], 0, 0)
    whole()


@pytest.mark.fr("FR-020")
def test_a_minimum_and_a_commitment_are_lines_of_their_own() -> None:
    made = begun(metered(tiers=[{"unit_price": "1"}], minimum=5000, plan={"commitment": {"USD": 10000}}))
    use(made, 1200, "2026-04-03T10:00")
    bill(made, "2026-05-01T01:00")
    # 3000 price + 1200 usage + 3800 to the minimum: 2000 missing to 10000.
    assert lines(made)[1:] == [("recurring", 3000), ("usage", 1200), ("minimum", 3800), ("minimum", 2000)]
    whole()


def test_what_is_missing_is_prorated_by_days_of_the_segment() -> None:
    made = begun(metered(tiers=[{"unit_price": "1"}], minimum=10000))
    use(made, 3000, "2026-04-03T10:00")
    cancel(subscription_id=made.pk, at=time("2026-04-15T08:00"), actor=ACTOR)
    assert lines(made)[1:] == [("proration_credit", -1600), ("usage", 3000), ("minimum", 1667)]
    whole()


@pytest.mark.fr("FR-033")
def test_a_pause_bills_its_usage_and_tiers_go_on_after_it() -> None:
    made = begun(metered())
    use(made, 1500, "2026-04-03T10:00")
    pause(subscription_id=made.pk, at=time("2026-04-11T08:00"), actor=ACTOR)
    assert lines(made)[1:] == [("proration_credit", -2000), ("usage", 500)]
    resume(subscription_id=made.pk, at=time("2026-04-21T08:00"), actor=ACTOR)
    use(made, 100, "2026-04-21T07:00", received="2026-04-21T08:00")
    bill(made, "2026-05-01T01:00")
    assert lines(made)[3:] == [("proration_charge", 1000), ("recurring", 3000), ("usage", 100)]
    whole()


@pytest.mark.fr("FR-033")
def test_paused_and_resumed_on_one_day_is_as_if_nothing_had_been() -> None:
    made = begun(metered())
    use(made, 1500, "2026-04-03T10:00")
    pause(subscription_id=made.pk, at=time("2026-04-11T08:00"), actor=ACTOR)
    resume(subscription_id=made.pk, at=time("2026-04-11T09:00"), actor=ACTOR)
    assert lines(made) == [("recurring", 3000)]
    use(made, 500, "2026-04-11T08:30", received="2026-04-11T09:30")
    bill(made, "2026-05-01T01:00")
    assert lines(made) == [("recurring", 3000), ("recurring", 3000), ("usage", 1000)]
    whole()


@pytest.mark.fr("FR-030")
def test_equal_tiers_go_on_over_a_change_and_others_start_anew() -> None:
    made = begun(metered())
    use(made, 900, "2026-04-03T10:00")
    change(subscription_id=made.pk, plan_id=metered(price=6000, key="pro").pk, at=time("2026-04-16T12:00"), actor=ACTOR)
    use(made, 900, "2026-04-16T01:00", received="2026-04-16T13:00")
    bill(made, "2026-05-01T01:00")
    assert lines(made)[3:] == [("recurring", 6000), ("usage", 800)]
    dear = metered("per_unit", [{"unit_price": "10"}], price=6000)
    use(made, 1100, "2026-05-02T10:00")
    change(subscription_id=made.pk, plan_id=dear.pk, at=time("2026-05-11T12:00"), actor=ACTOR)
    use(made, 7, "2026-05-11T00:30", received="2026-05-11T13:00")
    bill(made, "2026-06-01T01:00")
    assert lines(made)[7:] == [("recurring", 6000), ("usage", 100), ("usage", 70)]
    whole()


@pytest.mark.fr("FR-030")
def test_another_interval_bills_usage_on_its_invoice() -> None:
    made = begun(metered(price=99900, plan={"interval": "year"}), "2026-01-10T09:00")
    use(made, 1500, "2026-03-03T10:00")
    change(subscription_id=made.pk, plan_id=metered(price=9900).pk, at=time("2026-06-20T12:00"), actor=ACTOR)
    assert lines(made)[1:] == [
        ("proration_credit", -55835),
        ("recurring", 9900),
        ("usage", 500),
    ]
    use(made, 1100, "2026-06-20T01:00", received="2026-06-20T13:00")
    bill(made, "2026-07-20T01:00")
    assert lines(made)[4:] == [("recurring", 9900), ("usage", 100)]
    whole()


def test_a_change_of_quantity_restarts_nothing() -> None:
    made = begun(metered())
    use(made, 900, "2026-04-03T10:00")
    change(subscription_id=made.pk, quantity=2, at=time("2026-04-16T12:00"), actor=ACTOR)
    use(made, 200, "2026-04-17T10:00")
    bill(made, "2026-05-01T01:00")
    assert lines(made)[-1] == ("usage", 100)
    whole()


@pytest.mark.fr("FR-018", "FR-028")
@pytest.mark.parametrize(("billing", "expected"), [("free", []), ("bill", [("usage", 500)])])
def test_usage_in_a_trial(billing: str, expected: Any) -> None:
    made = begun(metered(plan={"trial_days": 14, "trial_usage": billing}, minimum=700))
    use(made, 1500, "2026-04-03T10:00")
    bill(made, "2026-04-15T01:00")
    assert lines(made) == [("recurring", 3000), *expected]
    use(made, 1500, "2026-04-15T10:00")
    bill(made, "2026-05-15T01:00")
    assert lines(made)[-3:] == [("recurring", 3000), ("usage", 500), ("minimum", 200)]
    whole()


def test_a_cancelled_trial_bills_nothing() -> None:
    made = begun(metered(plan={"trial_days": 14, "trial_usage": "bill"}))
    use(made, 1500, "2026-04-03T10:00")
    cancel(subscription_id=made.pk, at=time("2026-04-10T08:00"), actor=ACTOR)
    assert lines(made) == []
    later = begun(metered(plan={"trial_days": 14, "trial_usage": "bill"}))
    use(later, 1500, "2026-04-03T10:00")
    cancel(subscription_id=later.pk, at_period_end=True, at=time("2026-04-10T08:00"), actor=ACTOR)
    bill(later, "2026-04-15T01:00")
    assert lines(later) == []
    whole()


@pytest.mark.fr("FR-029")
@pytest.mark.parametrize("credit", [True, False])
def test_cancelled_now_usage_up_to_the_instant_is_billed(credit: bool) -> None:
    made = begun(metered())
    use(made, 1500, "2026-04-16T07:59")
    cancel(subscription_id=made.pk, credit_unused=credit, at=time("2026-04-16T08:00"), actor=ACTOR)
    assert lines(made)[1:] == [*([("proration_credit", -1500)] if credit else []), ("usage", 500)]
    whole()


@pytest.mark.fr("FR-029")
def test_cancelled_at_the_end_the_closing_usage_is_billed() -> None:
    made = begun(metered())
    cancel(subscription_id=made.pk, at_period_end=True, at=time("2026-04-10T08:00"), actor=ACTOR)
    use(made, 1500, "2026-04-16T07:59")
    bill(made, "2026-05-01T01:00")
    assert lines(made) == [("recurring", 3000), ("usage", 500)]
    expired = begun(metered(), ends_on=time("2026-04-11T00:00").date())
    use(expired, 1300, "2026-04-05T07:59")
    bill(expired, "2026-05-01T01:00")
    assert lines(expired) == [("recurring", 1000), ("usage", 300)]
    whole()


def test_downtime_bills_each_period_its_own_usage() -> None:
    made = begun(metered())
    for month in (4, 5, 6):
        use(made, 1000 + month, f"2026-0{month}-03T10:00", received="2026-06-29T10:00")
    bill(made, "2026-07-01T01:00")
    assert [amount for kind, amount in lines(made) if kind == "usage"] == [4, 5, 6]
    assert Invoice.objects.count() == 4
    whole()


def test_tax_discount_and_currencies_without_minor_units() -> None:
    registered("DE")
    payer = make_account(currency="JPY", country="DE", timezone="Pacific/Auckland")
    code = make_coupon(percent_off=Decimal(10), duration="forever").code
    made = begun(metered("per_unit", [{"unit_price": "0.3"}], price=1980, currency="JPY"), account=payer, coupon=code)
    use(made, "12345.5", "2026-04-20T10:00")
    bill(made, "2026-05-02T01:00")
    line = Line.objects.get(kind="usage")
    assert (line.amount, line.discount_amount, line.tax_amount) == (3704, 370, 633)
    whole()


@pytest.mark.fr("FR-074")
def test_groups_are_one_line() -> None:
    made = begun(metered(charge={"group_by": ["region"]}))
    use(made, 1500, "2026-04-03T10:00", properties={"region": "eu"})
    use(made, 1200, "2026-04-03T10:00", properties={"region": "us"})
    bill(made, "2026-05-01T01:00")
    line = Line.objects.get(kind="usage")
    assert line.amount == 700
    assert line.breakdown is not None
    assert [(part["group"], part["amount"]) for part in line.breakdown] == [
        (["eu"], 0), (["eu"], 500), (["us"], 0), (["us"], 200),
    ]  # fmt: skip
    whole()


@pytest.mark.fr("FR-033")
def test_a_pause_over_the_end_of_the_period_and_a_scheduled_change() -> None:
    made = begun(metered(plan={"commitment": {"USD": 2000}}))
    change(
        subscription_id=made.pk,
        plan_id=metered(price=6000).pk,
        effective="period_end",
        at=time("2026-04-02T09:00"),
        actor=ACTOR,
    )
    use(made, 1500, "2026-04-03T10:00")
    pause(subscription_id=made.pk, at=time("2026-04-11T08:00"), resume_at=time("2026-05-11T00:00").date(), actor=ACTOR)
    wake(subscription_id=made.pk, at=time("2026-05-11T00:00"), actor=ACTOR)
    # 10 of 30 days: 667 of the commitment, and 1000 + 500 were billed.
    assert lines(made)[3:] == [("proration_charge", 4065)]
    use(made, 1001, "2026-05-12T10:00")
    bill(made, "2026-06-01T01:00")
    assert lines(made)[4:] == [("recurring", 6000), ("usage", 1)]
    whole()
