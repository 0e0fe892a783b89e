"""Dry runs and held runs: what a run would bill is what it bills, nothing is billed before somebody approved."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from apps.accounts.models import Account
from apps.invoices.models import Invoice
from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.errors import Conflict, DomainError
from apps.kernel.schedule import Scope
from apps.subscriptions import due
from apps.subscriptions.actions import forecast as forecasting
from apps.subscriptions.actions import run as running
from apps.subscriptions.actions.cancel import cancel
from apps.subscriptions.actions.change import change
from apps.subscriptions.actions.forecast import dry_run, forecast
from apps.subscriptions.actions.hold import approve, pause, resume
from apps.subscriptions.actions.pause import pause as pause_subscription
from apps.subscriptions.actions.run import run_due
from apps.subscriptions.models import BillingRun, RunForecast, Subscription
from tests.factories.accounts import make_account
from tests.factories.coupons import make_coupon
from tests.factories.plans import make_plan
from tests.factories.subscriptions import ACTOR, AT, make_subscription
from tests.factories.tax import rate, registered
from tests.subscriptions.lives import MAY, WALL, many, without_price

pytestmark = [pytest.mark.django_db, pytest.mark.fr("B-05")]
ADA, GRACE = Actor("user", "1"), Actor("user", "2")


@pytest.fixture
def watched(settings: Any) -> Any:
    """A deployment that holds runs of three and more that change by over 10 %, or where more than one stops."""
    settings.BILLING_RUN_HOLD_PERCENT = Decimal(10)
    settings.BILLING_RUN_HOLD_STOPPED = 1
    settings.BILLING_RUN_HOLD_FROM = 3
    return settings


def sums(run: BillingRun) -> dict[str, dict[str, int]]:
    """By currency, what is not zero."""
    names = [field.name for field in RunForecast._meta.concrete_fields if field.name not in ("id", "run", "currency")]
    return {
        row.currency: {name: getattr(row, name) for name in names if getattr(row, name)} for row in run.forecasts.all()
    }


def company() -> dict[str, Any]:
    """Seven customers, each of whom will be billed otherwise in May than in April, and a run that ended in April."""
    plan = make_plan(prices={"USD": 3000, "JPY": 1980})
    made = {
        name: make_subscription(plan=plan) for name in ("same", "cheaper", "more", "gone", "ends", "resting", "stuck")
    }
    made["yen"] = make_subscription(plan=plan, account=make_account(currency="JPY", at=AT), quantity=2)
    made["short"] = make_subscription(plan=plan, at=AT + timedelta(days=11), billing_anchor_date=date(2026, 5, 1))
    made["trial"] = make_subscription(plan=plan, trial_days=30)
    made["coupon"] = make_subscription(plan=plan, coupon=make_coupon(percent_off=Decimal(50), duration="once").code)
    BillingRun.objects.create(at=AT, status="FINISHED", finished_at=clock.wall())
    later: dict[str, Any] = {"at": AT + timedelta(days=5), "actor": ACTOR, "expected_version": None}
    small = make_plan(prices={"USD": 1000})
    change(subscription_id=made["cheaper"].pk, plan_id=small.pk, effective="period_end", **later)
    change(subscription_id=made["more"].pk, quantity=3, effective="period_end", **later)
    cancel(subscription_id=made["gone"].pk, at_period_end=False, **later)
    cancel(subscription_id=made["ends"].pk, at_period_end=True, **later)
    pause_subscription(subscription_id=made["resting"].pk, **later)
    without_price(made["stuck"])
    return made


def test_a_dry_run_says_why_each_currency_changes_and_bills_nothing() -> None:
    made = company()
    before = Invoice.objects.count(), list(Subscription.objects.order_by("pk").values())
    run = dry_run(at=MAY, scope=WALL, actor=ADA)
    assert (run.status, run.due, run.forecasted, run.forecast_invoices, run.forecast_stopped) == (
        "FINISHED", 9, 9, 7, 1,
    )  # fmt: skip
    assert sums(run) == {
        "JPY": {"last": 3960, "next": 3960},
        "USD": {
            # Seven at 3000 that were billed in April (two of them gone since), 19 of 30 days, and half of 3000.
            "last": 21000 + 1900 + 1500,
            "next": 3000 + 1000 + 9000 + 3000 + 3000 + 3000,
            "new": 3000, "lost": -9000, "stopped": -3000, "price": -2000, "quantity": 6000, "proration": 1100,
            "discount": 1500,
        },
    }  # fmt: skip
    assert (Invoice.objects.count(), list(Subscription.objects.order_by("pk").values())) == before
    assert not made["stuck"].run_failures.exists()


@pytest.mark.parametrize("batch", [1, 2, 500])
def test_what_was_forecast_is_what_is_billed(batch: int, settings: Any, watched: Any) -> None:
    settings.BILLING_RENEWAL_BATCH = batch
    settings.BILLING_RUN_HOLD_PERCENT, settings.BILLING_RUN_HOLD_STOPPED = Decimal(1000), 5
    registered("US")
    rate("US", "7.25")
    company()
    known = set(Invoice.objects.values_list("pk", flat=True))
    ran = run_due(at=MAY, scope=WALL, actor=ACTOR)
    assert ran is not None
    assert ran.run.status == "FINISHED"
    made = Invoice.objects.exclude(pk__in=known)
    for row in ran.run.forecasts.all():
        assert row.next == sum(each.total for each in made.filter(currency=row.currency)), row.currency
    assert ran.run.forecast_invoices == ran.run.invoices == made.count()
    assert ran.run.forecast_stopped == ran.run.failed == 1


def test_one_that_is_months_late_is_billed_further_periods() -> None:
    make_subscription(plan=make_plan(prices={"USD": 500}))
    run = dry_run(at=datetime(2026, 7, 2, tzinfo=UTC), scope=WALL, actor=ADA)
    assert sums(run) == {"USD": {"last": 500, "next": 1500, "further": 1000}}


def test_an_account_with_one_invoice_a_day_is_counted_once(settings: Any) -> None:
    settings.BILLING_RENEWAL_BATCH = 2
    payer = make_account(invoice_grouping="account", at=AT)
    for price in (100, 200, 300, 400, 500):
        make_subscription(account=payer, plan=make_plan(prices={"USD": price}))
    many(2)
    run = dry_run(at=MAY, scope=WALL, actor=ADA)
    total = 1500 + 2 * 4900
    assert (run.forecasted, sums(run)) == (7, {"USD": {"last": total, "next": total}})


def test_a_run_beyond_the_thresholds_waits_until_it_is_approved(watched: Any) -> None:
    watched.BILLING_RUN_HOLD_PERCENT = Decimal("9.8")
    company()
    count = Invoice.objects.count()
    ran = run_due(at=MAY, scope=WALL, actor=ACTOR)
    assert ran is not None
    run = ran.run
    assert (run.status, run.approvals_needed, run.done) == ("HELD", 1, 0)
    assert [why["code"] for why in run.held_because] == ["total_USD"]
    # Nothing is due meanwhile: neither the tick nor a second run goes round it.
    assert due.earliest(MAY + timedelta(days=3), WALL) is None
    again = run_due(at=MAY + timedelta(days=3), scope=WALL, actor=ACTOR)
    assert again is not None
    assert (again.run.pk, again.run.status, Invoice.objects.count()) == (run.pk, "HELD", count)
    assert approve(run_id=run.pk, actor=ADA).status == "RUNNING"
    assert due.earliest(MAY, WALL) is not None
    billed = run_due(at=MAY, scope=WALL, actor=ACTOR)
    assert billed is not None
    assert (billed.run.pk, billed.run.status, billed.run.invoices) == (run.pk, "FINISHED", 7)
    assert BillingRun.objects.filter(at=MAY).count() == 1


def test_a_second_person_has_to_approve_where_two_are_needed(watched: Any) -> None:
    watched.BILLING_RUN_APPROVALS, watched.BILLING_RUN_HOLD_PERCENT = 2, Decimal("9.8")
    company()
    run_due(at=MAY, scope=WALL, actor=ACTOR)
    run = BillingRun.objects.get(at=MAY)
    assert approve(run_id=run.pk, actor=ADA).status == "HELD"
    with pytest.raises(Conflict) as twice:
        approve(run_id=run.pk, actor=ADA)
    assert twice.value.code == "billing_run_approved_before"
    assert approve(run_id=run.pk, actor=GRACE).status == "RUNNING"
    with pytest.raises(Conflict) as late:
        approve(run_id=run.pk, actor=Actor("user", "3"))
    assert late.value.code == "billing_run_not_held"


def test_a_run_within_the_thresholds_goes_on_by_itself(watched: Any) -> None:
    many(4)
    ran = run_due(at=MAY, scope=WALL, actor=ACTOR)
    assert ran is not None
    assert (ran.run.status, ran.run.invoices, ran.run.held_because) == ("FINISHED", 4, [])
    assert sums(ran.run) == {"USD": {"last": 4 * 4900, "next": 4 * 4900}}


def test_a_small_run_is_not_held_and_without_thresholds_none_is_forecast(watched: Any) -> None:
    watched.BILLING_RUN_HOLD_FROM = 5
    company_of_four = many(4)
    Subscription.objects.filter(pk=company_of_four[0].pk).update(quantity=100)
    assert run_due(at=MAY, scope=WALL, actor=ACTOR).run.status == "FINISHED"  # type: ignore[union-attr]
    watched.BILLING_RUN_HOLD_PERCENT = watched.BILLING_RUN_HOLD_STOPPED = None
    ran = run_due(at=MAY + timedelta(days=31), scope=WALL, actor=ACTOR)
    assert ran is not None
    assert (ran.run.status, ran.run.forecasted) == ("FINISHED", 0)


def test_a_paused_run_bills_nothing_more_until_it_goes_on(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.BILLING_RENEWAL_BATCH = 2
    many(6)
    renew, calls = running.renew_claimed, []

    def first_then_pause(*args: Any, **options: Any) -> Any:
        calls.append(1)
        renewed = renew(*args, **options)
        if len(calls) == 1:
            pause(run_id=options["run"].pk, actor=ADA)
        return renewed

    monkeypatch.setattr(running, "renew_claimed", first_then_pause)
    ran = run_due(at=MAY, scope=WALL, actor=ACTOR)
    assert ran is not None
    assert (ran.run.status, ran.run.done, due.earliest(MAY, WALL)) == ("PAUSED", 2, None)
    assert run_due(at=MAY, scope=WALL, actor=ACTOR).run.done == 2  # type: ignore[union-attr]
    with pytest.raises(Conflict):
        pause(run_id=ran.run.pk, actor=ADA)
    assert resume(run_id=ran.run.pk, actor=GRACE).status == "RUNNING"
    with pytest.raises(Conflict):
        resume(run_id=ran.run.pk, actor=GRACE)
    assert run_due(at=MAY, scope=WALL, actor=ACTOR).run.status == "FINISHED"  # type: ignore[union-attr]
    assert Invoice.objects.count() == 12


def test_a_forecast_goes_on_where_it_was_left(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.BILLING_RENEWAL_BATCH = 2
    many(5)
    monkeypatch.setattr(forecasting, "AT_ONCE", 0)
    run = dry_run(at=MAY, scope=WALL, actor=ADA)
    assert (run.status, run.forecasted) == ("FORECASTING", 0)
    assert not forecast(run, actor=ACTOR, until=clock.monotonic() - 1)
    batch, add = forecasting._batch, forecasting._add

    def killed(*args: Any) -> None:
        add(*args)
        raise KeyboardInterrupt

    monkeypatch.setattr(forecasting, "_add", killed)
    for counted in (2, 4):
        with pytest.raises(KeyboardInterrupt):
            forecast(BillingRun.objects.get(pk=run.pk), actor=ACTOR)
        run.refresh_from_db()
        assert run.forecasted == counted
    monkeypatch.setattr(forecasting, "_add", add)
    # Two at once on the same batch: one of them counts it.
    mine, other = BillingRun.objects.get(pk=run.pk), BillingRun.objects.get(pk=run.pk)
    add(mine, batch(mine, WALL), ACTOR)
    add(other, batch(other, WALL), ACTOR)
    assert due.earliest_forecast(MAY, WALL) == MAY
    assert due.earliest_forecast(MAY, Scope(run.pk)) is None
    assert due.run_forecasts(MAY, WALL) == 1
    run.refresh_from_db()
    assert (run.status, run.forecasted, sums(run)) == ("FINISHED", 5, {"USD": {"last": 24500, "next": 24500}})
    assert (due.earliest_forecast(MAY, WALL), due.run_forecasts(MAY, WALL)) == (None, 0)


def test_what_cannot_be_asked() -> None:
    for wrong, code in (
        ({"dry": False}, "run_not_by_hand"),
        ({"at": clock.wall() + timedelta(days=32)}, "time_beyond"),
        ({"scope": Scope(make_account().pk)}, "test_clock_unknown"),
    ):
        with pytest.raises(DomainError) as refusal:
            dry_run(**{"scope": WALL, "actor": ADA, **wrong})  # type: ignore[arg-type]
        assert refusal.value.code == code
    assert not BillingRun.objects.exists()


def test_the_database_keeps_it() -> None:
    many(1)
    run = dry_run(at=MAY, scope=WALL, actor=ADA)
    for statement, name in (
        ("UPDATE subscriptions_runforecast SET tax = tax + 1", "subscriptions_forecast_adds_up"),
        ("UPDATE subscriptions_billingrun SET done = 1", "subscriptions_dry_run_bills_nothing"),
        ("UPDATE subscriptions_billingrun SET status = 'HELD'", "may not go from FINISHED to HELD"),
        ("UPDATE subscriptions_billingrun SET finished_at = NULL", "subscriptions_run_finished"),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    BillingRun.objects.create(at=MAY, status="PAUSED")
    for status in ("RUNNING", "HELD", "FORECASTING"):
        with pytest.raises(IntegrityError, match="one_run_per_clock"), transaction.atomic():
            BillingRun.objects.create(at=MAY, status=status)
    assert BillingRun.objects.filter(dry=True, pk=run.pk).exists()
    assert Account.objects.count() == 1
