"""Plan changes, pauses and a day's changes that end as one: the figures of the rules, through the verbs."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from apps.accounts.models import Account
from apps.credits import queries as credits
from apps.invoices.actions.one_off import Sale, add_pending
from apps.invoices.actions.settle import record_payment
from apps.invoices.models import Invoice, Line
from apps.invoices.queries import balances
from apps.kernel.errors import DomainError
from apps.kernel.ids import uuid7
from apps.ledger.rules import LedgerAccount
from apps.monitoring.invariants import broken
from apps.plans.models import Plan
from apps.subscriptions.actions.cancel import cancel
from apps.subscriptions.actions.change import change
from apps.subscriptions.actions.pause import pause
from apps.subscriptions.actions.renew import renew
from apps.subscriptions.actions.resume import resume, wake
from apps.subscriptions.actions.void import void
from apps.subscriptions.models import BilledPeriod, ScheduledChange, Subscription
from apps.subscriptions.rules.lifecycle import Status
from tests.factories.accounts import make_account
from tests.factories.plans import make_plan
from tests.factories.subscriptions import ACTOR, make_subscription
from tests.factories.tax import registered


def noon(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T12:00:00+00:00")


def plan(price: int, currency: str = "USD", **fields: Any) -> Plan:
    return make_plan(prices={currency: price}, **fields)


def begun(day: str, price: int, account: Account | None = None, **fields: Any) -> Subscription:
    """On a monthly plan at `price`, unless the plan is told."""
    payer = account or make_account()
    sold = fields.pop("plan", None) or plan(price, payer.currency)
    return make_subscription(account=payer, plan=sold, at=noon(day), **fields)


def to(made: Subscription, sold: Plan, day: str, **more: Any) -> Subscription:
    return change(subscription_id=made.pk, plan_id=sold.pk, at=noon(day), actor=ACTOR, **more)


def pay(invoice: Invoice, day: str) -> None:
    """All of it, at the bank."""
    amount = balances([invoice.pk])[invoice.pk].balance
    record_payment(
        invoice_id=invoice.pk,
        payment_id=uuid7(),
        amount=amount,
        paid_at=noon(day),
        actor=ACTOR,
        into=LedgerAccount.BANK,
    )


def newest(made: Subscription) -> Invoice:
    found = Invoice.objects.filter(lines__subscription_id=made.pk).order_by("-created_at", "-number").first()
    assert found is not None
    return found


def amounts(invoice: Invoice) -> list[tuple[str, int]]:
    return [(line.kind, line.amount) for line in Line.objects.filter(invoice=invoice).order_by("position")]


def standing(made: Subscription) -> list[tuple[str, str, bool]]:
    rows = BilledPeriod.objects.filter(subscription=made, released_by=None).order_by("days")
    return [(str(row.days.lower), str(row.days.upper), row.waived) for row in rows]


def whole(made: Subscription) -> Subscription:
    """The books hold, and the row is as it is stored."""
    assert broken() == []
    return Subscription.objects.get(pk=made.pk)


@pytest.mark.django_db
@pytest.mark.fr("FR-030", "SC-009")
def test_a_dearer_plan_in_the_middle_of_april() -> None:
    made = begun("2026-04-01", 4900)
    to(made, plan(9900), "2026-04-15")
    invoice = newest(made)
    assert amounts(invoice) == [("proration_credit", -2613), ("proration_charge", 5280)]
    assert (invoice.kind, invoice.total) == ("proration", 2667)
    assert whole(made).billed_to == date(2026, 5, 1)


@pytest.mark.django_db
@pytest.mark.fr("FR-030", "SC-009")
def test_an_anchor_on_the_31st() -> None:
    made = begun("2026-01-31", 2999)
    renew([made.pk], at=noon("2026-02-28"), actor=ACTOR)
    to(made, plan(7999), "2026-03-10")
    assert amounts(newest(made)) == [("proration_credit", -2032), ("proration_charge", 5419)]
    whole(made)


@pytest.mark.django_db
@pytest.mark.fr("FR-030")
@pytest.mark.parametrize(("taxed", "left"), [(False, 45935), (True, 54663)])
def test_from_a_paid_year_to_months(taxed: bool, left: int) -> None:
    payer = make_account(country="DE")
    if taxed:
        registered("DE")
    made = begun("2026-01-10", 0, payer, plan=plan(99900, interval="year"))
    pay(newest(made), "2026-01-10")
    to(made, plan(9900), "2026-06-20")
    invoice = newest(made)
    assert amounts(invoice) == [("proration_credit", -55835), ("recurring", 9900), ("credit_to_balance", left)]
    assert (invoice.total, invoice.tax, invoice.status) == (0, -8728 if taxed else 0, "PAID")
    assert credits.balances([payer.pk]) == {payer.pk: left}
    row = whole(made)
    assert (row.billing_anchor_date, row.billed_to) == (date(2026, 6, 20), date(2026, 7, 20))
    assert standing(made) == [("2026-01-10", "2026-06-20", False), ("2026-06-20", "2026-07-20", False)]


@pytest.mark.django_db
@pytest.mark.fr("FR-030")
def test_an_unpaid_year_is_reduced_first() -> None:
    made = begun("2026-01-10", 0, plan=plan(99900, interval="year"))
    year = newest(made)
    to(made, plan(9900), "2026-06-20")
    assert balances([year.pk])[year.pk].balance == 53965
    assert credits.balances([made.account_id])[made.account_id] == 0
    whole(made)


@pytest.mark.django_db
@pytest.mark.fr("FR-030")
def test_two_changes_of_one_day_are_one() -> None:
    made = begun("2026-04-01", 4900)
    to(made, plan(9900), "2026-04-15")
    first = newest(made)
    to(made, plan(3000), "2026-04-15")
    first.refresh_from_db()
    assert (first.status, first.void_reason) == ("VOID", "superseded")
    assert amounts(newest(made))[:2] == [("proration_credit", -2613), ("proration_charge", 1600)]
    assert standing(made) == [("2026-04-01", "2026-04-15", False), ("2026-04-15", "2026-05-01", False)]
    whole(made)


@pytest.mark.django_db
@pytest.mark.fr("FR-030")
def test_what_is_paid_stands() -> None:
    made = begun("2026-04-01", 4900)
    to(made, plan(9900), "2026-04-15")
    pay(newest(made), "2026-04-15")
    to(made, plan(3000), "2026-04-15")
    assert amounts(newest(made))[:2] == [("proration_credit", -5280), ("proration_charge", 1600)]
    whole(made)


@pytest.mark.django_db
@pytest.mark.fr("FR-030")
def test_there_and_back_on_one_day_is_nothing() -> None:
    made = begun("2026-04-01", 4900)
    sold = made.plan
    renewal = newest(made)
    to(made, plan(120000, interval="year"), "2026-04-15")
    to(made, sold, "2026-04-15")
    assert Invoice.objects.exclude(status="VOID").get() == renewal
    row = whole(made)
    assert (row.billing_anchor_date, row.billed_to, str(row.next_billing_at)) == (
        date(2026, 4, 1), date(2026, 5, 1), "2026-05-01 00:00:00+00:00",
    )  # fmt: skip
    assert standing(made) == [("2026-04-01", "2026-05-01", False)]


@pytest.mark.django_db
@pytest.mark.fr("FR-030")
def test_on_the_day_of_creation_every_invoice_is_made_again() -> None:
    made = begun("2026-04-10", 3000, start_date=date(2026, 2, 10))
    assert Invoice.objects.count() == 3
    change(subscription_id=made.pk, quantity=2, at=noon("2026-04-10"), actor=ACTOR)
    assert sorted(Invoice.objects.values_list("status", "total")) == [("OPEN", 6000)] * 3 + [("VOID", 3000)] * 3
    assert len(standing(made)) == 3
    whole(made)


@pytest.mark.django_db
@pytest.mark.fr("FR-030")
def test_the_renewal_of_the_day_is_made_again() -> None:
    made = begun("2026-04-01", 4900)
    renew([made.pk], at=noon("2026-05-01"), actor=ACTOR)
    to(made, plan(9900), "2026-05-01")
    assert amounts(newest(made)) == [("recurring", 9900)]
    assert newest(made).kind == "subscription"
    assert whole(made).billed_to == date(2026, 6, 1)


@pytest.mark.django_db
@pytest.mark.fr("FR-030")
def test_lines_wait_for_the_next_invoice() -> None:
    made = begun("2026-04-01", 4900)
    to(made, plan(9900), "2026-04-15", proration_behavior="create_prorations")
    assert Invoice.objects.count() == 1
    renew([made.pk], at=noon("2026-05-01"), actor=ACTOR)
    assert amounts(newest(made)) == [("recurring", 9900), ("proration_credit", -2613), ("proration_charge", 5280)]
    whole(made)


@pytest.mark.django_db
@pytest.mark.fr("FR-031")
def test_a_change_waits_for_the_end_of_the_period() -> None:
    made = begun("2026-04-01", 4900)
    year = plan(99900, interval="year")
    to(made, year, "2026-04-15", effective="period_end")
    waits = ScheduledChange.objects.get()
    assert (waits.due_date, waits.outcome) == (date(2026, 5, 1), "waiting")
    assert Subscription.objects.get(pk=made.pk).plan_id == made.plan_id
    renew([made.pk], at=noon("2026-05-01"), actor=ACTOR)
    assert amounts(newest(made)) == [("recurring", 99900)]
    row = whole(made)
    assert (row.plan_id, row.billed_to, row.billing_anchor_date) == (year.pk, date(2027, 5, 1), date(2026, 5, 1))


@pytest.mark.django_db
@pytest.mark.fr("FR-033")
def test_a_pause_and_its_end() -> None:
    made = begun("2026-04-01", 3000)
    pause(subscription_id=made.pk, resume_at=date(2026, 5, 11), at=noon("2026-04-16"), actor=ACTOR)
    assert amounts(newest(made))[0] == ("proration_credit", -1500)
    assert Subscription.objects.get(pk=made.pk).status == Status.PAUSED
    assert renew([made.pk], at=noon("2026-05-02"), actor=ACTOR).periods == 0
    assert not wake(subscription_id=made.pk, at=noon("2026-05-10"), actor=ACTOR)
    assert wake(subscription_id=made.pk, at=noon("2026-05-11"), actor=ACTOR)
    assert amounts(newest(made)) == [("proration_charge", 2032)]  # 21 of 31 days
    row = whole(made)
    assert (row.status, row.billed_to, row.paused_at) == (Status.ACTIVE, date(2026, 6, 1), None)
    assert standing(made) == [
        ("2026-04-01", "2026-04-16", False), ("2026-04-16", "2026-05-11", True), ("2026-05-11", "2026-06-01", False),
    ]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.fr("FR-033")
@pytest.mark.parametrize("day", ["2026-04-16", "2026-04-01"])
def test_paused_and_resumed_on_one_day_is_nothing(day: str) -> None:
    made = begun("2026-04-01", 3000)
    pause(subscription_id=made.pk, at=noon(day), actor=ACTOR)
    resume(subscription_id=made.pk, at=noon(day), actor=ACTOR)
    standing_invoice = Invoice.objects.exclude(status="VOID").get()
    assert (standing_invoice.total, balances([standing_invoice.pk])[standing_invoice.pk].balance) == (3000, 3000)
    assert standing(made) == [("2026-04-01", "2026-05-01", False)]
    assert whole(made).billed_to == date(2026, 5, 1)


@pytest.mark.django_db
@pytest.mark.fr("FR-034")
def test_ninety_days_and_no_more() -> None:
    made = begun("2026-01-01", 3000)
    pause(subscription_id=made.pk, at=noon("2026-01-01"), actor=ACTOR)
    assert not wake(subscription_id=made.pk, at=noon("2026-04-01"), actor=ACTOR)
    assert wake(subscription_id=made.pk, at=noon("2026-04-02"), actor=ACTOR)
    row = whole(made)
    assert (row.status, row.cancellation_reason, str(row.cancelled_at)) == (
        Status.CANCELLED, "paused_too_long", "2026-04-02 00:00:00+00:00",
    )  # fmt: skip


@pytest.mark.django_db
@pytest.mark.fr("FR-027")
def test_illegal_steps_name_the_legal_ones() -> None:
    trial = begun("2026-04-01", 3000, trial_days=10)
    active = begun("2026-04-01", 3000)
    with pytest.raises(DomainError) as refusal:
        pause(subscription_id=trial.pk, at=noon("2026-04-02"), actor=ACTOR)
    assert (refusal.value.status, refusal.value.code) == (409, "transition_illegal")
    assert "change, cancel" in refusal.value.hint
    with pytest.raises(DomainError) as refusal:
        resume(subscription_id=active.pk, at=noon("2026-04-02"), actor=ACTOR)
    assert "pause" in refusal.value.hint


@pytest.mark.django_db
@pytest.mark.fr("FR-029")
def test_cancelled_on_the_day_it_began() -> None:
    made = begun("2026-04-01", 3000)
    cancel(subscription_id=made.pk, at=noon("2026-04-01"), actor=ACTOR)
    assert Invoice.objects.get().status == "VOID"
    assert standing(made) == []
    assert whole(made).status == Status.CANCELLED


@pytest.mark.django_db
def test_ends_on_charges_its_days_and_expires() -> None:
    made = begun("2026-04-01", 3000, ends_on=date(2026, 5, 11))
    renew([made.pk], at=noon("2026-05-01"), actor=ACTOR)
    assert amounts(newest(made)) == [("recurring", 968)]  # 10 of 31 days
    renew([made.pk], at=noon("2026-05-11"), actor=ACTOR)
    row = whole(made)
    assert (row.status, row.cancelled_at, row.next_billing_at) == (Status.EXPIRED, None, None)


@pytest.mark.django_db
@pytest.mark.fr("FR-030")
def test_a_country_moved_between() -> None:
    registered("DE")
    registered("FR")
    payer = make_account(country="DE", currency="EUR")
    made = begun("2026-04-01", 4900, payer)
    Account.objects.filter(pk=payer.pk).update(country="FR")
    to(made, plan(9900, "EUR"), "2026-04-15")
    invoice = newest(made)
    assert [(line.amount, line.tax_amount, line.tax_rate) for line in invoice.lines.all()] == [
        (-2613, -496, Decimal(19)), (5280, 1056, Decimal(20)),
    ]  # fmt: skip
    assert invoice.total == 3227
    whole(made)


@pytest.mark.django_db
@pytest.mark.fr("FR-050")
def test_void_of_a_renewal_with_lines_that_had_waited() -> None:
    made = begun("2026-04-01", 4900)
    to(made, plan(9900), "2026-04-15", proration_behavior="create_prorations")
    renew([made.pk], at=noon("2026-05-01"), actor=ACTOR)
    void(invoice_id=newest(made).pk, reason="a mistake", at=noon("2026-05-02"), actor=ACTOR)
    # April stands as it was charged first; May is billed again.
    assert amounts(newest(made)) == [("recurring", 9900)]
    assert standing(made) == [("2026-04-01", "2026-05-01", False), ("2026-05-01", "2026-06-01", False)]
    whole(made)


@pytest.mark.django_db
@pytest.mark.fr("FR-050")
def test_what_a_waiting_line_credits_is_not_voided() -> None:
    made = begun("2026-04-01", 4900)
    to(made, plan(9900), "2026-04-15", proration_behavior="create_prorations")
    with pytest.raises(DomainError) as refusal:
        void(invoice_id=newest(made).pk, reason="x", at=noon("2026-04-16"), actor=ACTOR)
    assert (refusal.value.code, "waits" in refusal.value.detail) == ("invoice_credited", True)
    whole(made)


@pytest.mark.django_db
@pytest.mark.fr("FR-030")
def test_an_invoice_with_something_sold_beside_stands() -> None:
    made = begun("2026-04-01", 4900)
    add_pending(
        account_id=made.account_id,
        sale=Sale(description="Express", unit_amount=Decimal(1900)),
        at=noon("2026-04-20"),
        actor=ACTOR,
    )
    renew([made.pk], at=noon("2026-05-01"), actor=ACTOR)
    to(made, plan(9900), "2026-05-01")
    assert amounts(newest(made)) == [("proration_credit", -4900), ("proration_charge", 9900)]
    assert Invoice.objects.filter(status="VOID").count() == 0
    whole(made)


@pytest.mark.django_db
@pytest.mark.fr("FR-050")
def test_void_of_a_pause_s_credit_gives_the_days_back() -> None:
    made = begun("2026-04-01", 3000)
    pause(subscription_id=made.pk, at=noon("2026-04-16"), actor=ACTOR)
    void(invoice_id=newest(made).pk, reason="x", at=noon("2026-04-17"), actor=ACTOR)
    assert whole(made).billed_to == date(2026, 5, 1)
    resume(subscription_id=made.pk, at=noon("2026-04-20"), actor=ACTOR)
    row = whole(made)
    assert (row.status, row.billed_to, str(row.next_billing_at)) == (
        "ACTIVE", date(2026, 5, 1), "2026-05-01 00:00:00+00:00",
    )  # fmt: skip
    assert standing(made) == [("2026-04-01", "2026-05-01", False)]


@pytest.mark.django_db
@pytest.mark.fr("FR-050")
def test_void_of_a_change_of_interval_lets_the_year_serve() -> None:
    made = begun("2026-01-10", 0, plan=plan(99900, interval="year"))
    to(made, plan(9900), "2026-06-20")
    void(invoice_id=newest(made).pk, reason="x", at=noon("2026-06-21"), actor=ACTOR)
    row = whole(made)
    assert (row.billed_to, str(row.next_billing_at)) == (date(2027, 1, 10), "2027-01-10 00:00:00+00:00")
    renew([made.pk], at=noon("2027-01-10"), actor=ACTOR)
    assert amounts(newest(made)) == [("recurring", 3194)]  # 10 of 31 days, up to the new anchor
    whole(made)
