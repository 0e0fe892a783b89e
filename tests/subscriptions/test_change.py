"""A quantity that changes: what is credited, what is charged, and which days stand billed by what."""

import threading
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import DatabaseError, connections

from apps.accounts.actions import update as update_account
from apps.accounts.models import Account
from apps.analytics.actions import recount
from apps.credits.models import Grant
from apps.events.models import Event
from apps.invoices.models import Invoice, Line
from apps.invoices.queries import balances
from apps.kernel.errors import DomainError
from apps.monitoring.invariants import broken
from apps.subscriptions.actions.cancel import cancel
from apps.subscriptions.actions.change import change
from apps.subscriptions.actions.renew import renew
from apps.subscriptions.models import BilledPeriod, Subscription
from tests.factories.accounts import make_account
from tests.factories.plans import make_plan
from tests.factories.subscriptions import ACTOR, make_subscription
from tests.factories.tax import registered
from tests.subscriptions.lives import without_price


def noon(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T12:00:00+00:00")


def seats(quantity: int, day: str, price: int = 1000, account: Account | None = None, **plan: Any) -> Subscription:
    payer = account or make_account()
    sold = make_plan(**{"prices": {payer.currency: price}, **plan})
    return make_subscription(account=payer, plan=sold, at=noon(day), quantity=quantity)


def to(made: Subscription, quantity: int, day: str, **more: Any) -> Subscription:
    return change(subscription_id=made.pk, quantity=quantity, at=noon(day), actor=ACTOR, **more)


def lines(made: Subscription) -> list[tuple[str, int]]:
    """Kind and amount on invoices that stand, from the oldest to the newest."""
    rows = Line.objects.filter(subscription_id=made.pk).exclude(invoice__status="VOID")
    rows = rows.order_by("invoice__number", "position")
    return [(row.kind, row.amount) for row in rows]


def standing(made: Subscription) -> list[tuple[date, date]]:
    rows = BilledPeriod.objects.filter(subscription=made, released_by=None).order_by("days")
    return [(row.days.lower, row.days.upper) for row in rows]


@pytest.mark.django_db
@pytest.mark.fr("FR-041", "SC-009")
def test_more_seats_on_a_leap_year_s_11_february() -> None:
    made = seats(5, "2028-02-01")
    changed = to(made, 8, "2028-02-11")
    assert lines(made) == [("recurring", 5000), ("proration_credit", -3276), ("proration_charge", 5241)]
    invoice = Invoice.objects.get(kind="proration")
    assert (invoice.total, invoice.status, str(invoice.issue_date)) == (1965, "OPEN", "2028-02-11")
    assert standing(made) == [(date(2028, 2, 1), date(2028, 2, 11)), (date(2028, 2, 11), date(2028, 3, 1))]
    assert (changed.quantity, changed.version, changed.billed_to) == (8, 2, date(2028, 3, 1))
    event = Event.objects.get(event_type="subscription.updated")
    assert event.data["previous_attributes"] == {"quantity": 5}
    assert event.data["object"]["quantity"] == 8
    credit, charged = Line.objects.filter(invoice=invoice).order_by("position")
    assert credit.source["reverses"] == str(Line.objects.get(kind="recurring").pk)
    assert (credit.period_start, credit.period_end) == (charged.period_start, charged.period_end)
    assert (credit.description, charged.description) == ("Unused: Pro x 5 (19 of 29 days)", "Pro x 8 (19 of 29 days)")
    # The renewal bills the new quantity.
    renew([made.pk], at=noon("2028-03-01"), actor=ACTOR)
    assert lines(made)[-1] == ("recurring", 8000)
    assert broken() == []


@pytest.mark.django_db
@pytest.mark.fr("FR-041", "SC-009")
def test_later_changes_count_from_what_was_charged() -> None:
    made = seats(2, "2026-07-01")
    to(made, 5, "2026-07-10")
    to(made, 3, "2026-07-20")
    assert lines(made)[1:5] == [
        ("proration_credit", -1419), ("proration_charge", 3548),
        ("proration_credit", -1935), ("proration_charge", 1161),
    ]  # fmt: skip
    # 774 more was credited than charged: it comes off the open invoice that charged those days.
    newest = Invoice.objects.filter(kind="proration").order_by("number")
    assert [invoice.total for invoice in newest] == [2129, 0]
    assert balances([newest[0].pk])[newest[0].pk].balance == 2129 - 774
    assert standing(made) == [
        (date(2026, 7, 1), date(2026, 7, 10)), (date(2026, 7, 10), date(2026, 7, 20)),
        (date(2026, 7, 20), date(2026, 8, 1)),
    ]  # fmt: skip
    assert broken() == []


@pytest.mark.django_db
@pytest.mark.fr("FR-041")
def test_on_the_day_of_creation_the_whole_is_made_again() -> None:
    made = seats(3, "2026-04-01", price=3333)
    to(made, 4, "2026-04-01")
    assert lines(made) == [("recurring", 13332)]
    to(made, 3, "2026-04-01")
    assert lines(made) == [("recurring", 9999)]
    assert standing(made) == [(date(2026, 4, 1), date(2026, 5, 1))]
    assert broken() == []


@pytest.mark.django_db
@pytest.mark.fr("FR-041", "SC-009")
def test_yen_have_no_fractions() -> None:
    made = seats(1, "2026-04-01", price=1980, account=make_account(currency="JPY"))
    to(made, 2, "2026-04-14")
    assert lines(made) == [("recurring", 1980), ("proration_credit", -1122), ("proration_charge", 2244)]
    assert broken() == []


@pytest.mark.django_db
@pytest.mark.fr("FR-041", "SC-009")
def test_an_anchor_on_the_31st() -> None:
    made = seats(2, "2026-01-31", price=2999)
    renew([made.pk], at=noon("2026-02-28"), actor=ACTOR)
    to(made, 3, "2026-03-10")  # 21 of the 31 days from 28 February
    assert lines(made)[2:] == [("proration_credit", -4063), ("proration_charge", 6095)]
    assert broken() == []


@pytest.mark.django_db
@pytest.mark.fr("FR-041")
@pytest.mark.parametrize(("hour", "days"), [(11, 17), (12, 16)])
def test_the_day_is_the_customer_s(hour: int, days: int) -> None:
    payer = make_account(timezone="Pacific/Auckland")
    made = make_subscription(
        account=payer, plan=make_plan(prices={"USD": 3000}), at=datetime(2026, 3, 31, 12, tzinfo=UTC)
    )
    assert made.start_date == date(2026, 4, 1)
    # Midnight there is at noon in UTC: the 14th until then, the 15th after.
    change(subscription_id=made.pk, quantity=2, at=datetime(2026, 4, 14, hour, 59, tzinfo=UTC), actor=ACTOR)
    assert lines(made)[1:] == [("proration_credit", -100 * days), ("proration_charge", 200 * days)]
    assert broken() == []


@pytest.mark.django_db
@pytest.mark.fr("FR-041")
def test_credits_carry_the_tax_of_the_line_they_reverse() -> None:
    registered("DE")
    payer = make_account(country="DE", currency="EUR")
    made = seats(1, "2026-04-01", price=4900, account=payer)
    update_account(
        account_id=payer.pk, changes={"tax_exempt": True}, expected_version=None, at=noon("2026-04-10"), actor=ACTOR
    )
    to(made, 2, "2026-04-15")
    credit, charged = Line.objects.filter(invoice__kind="proration").order_by("position")
    assert (credit.amount, credit.tax_rate, credit.tax_amount) == (-2613, 19, -496)
    assert (charged.amount, charged.tax_rate, charged.tax_amount, charged.tax_reason) == (5227, 0, 0, "exempt")
    assert Invoice.objects.get(kind="proration").total == 5227 - 2613 - 496
    assert broken() == []


@pytest.mark.django_db
@pytest.mark.fr("FR-041")
def test_inclusive_prices_prorate_gross() -> None:
    registered("DE")
    made = seats(
        1, "2026-04-01", price=4900, account=make_account(country="DE", currency="EUR"), tax_behavior="inclusive"
    )
    to(made, 2, "2026-04-15")
    assert Invoice.objects.get(kind="proration").total == 5227 - 2613
    assert broken() == []


@pytest.mark.django_db
@pytest.mark.fr("FR-041")
def test_none_costs_nothing_now() -> None:
    made = seats(5, "2026-04-01")
    to(made, 8, "2026-04-15", proration_behavior="none")
    assert lines(made) == [("recurring", 5000)]
    renew([made.pk], at=noon("2026-05-01"), actor=ACTOR)
    assert lines(made)[-1] == ("recurring", 8000)
    # What was charged counts, not what was agreed meanwhile.
    other = seats(5, "2026-04-01")
    to(other, 8, "2026-04-15", proration_behavior="none")
    to(other, 9, "2026-04-16")
    assert lines(other)[1:] == [("proration_credit", -2500), ("proration_charge", 4500)]
    assert broken() == []


@pytest.mark.django_db
@pytest.mark.fr("FR-041")
def test_a_trial_changes_without_an_invoice() -> None:
    made = make_subscription(trial_days=14, at=noon("2026-04-01"))
    assert to(made, 7, "2026-04-05").quantity == 7
    assert not Invoice.objects.exists()
    renew([made.pk], at=noon("2026-04-15"), actor=ACTOR)
    assert lines(made) == [("recurring", 7 * 4900)]
    assert broken() == []


@pytest.mark.django_db
def test_what_is_free_has_its_days_and_no_line() -> None:
    made = seats(1, "2026-04-01", price=0)
    to(made, 5, "2026-04-15")
    assert not Invoice.objects.exists()
    assert standing(made) == [(date(2026, 4, 1), date(2026, 5, 1))]
    assert broken() == []


@pytest.mark.django_db
def test_equal_content_changes_nothing() -> None:
    made = seats(5, "2026-04-01")
    same = change(subscription_id=made.pk, quantity=5, metadata={}, at=noon("2026-04-15"), actor=ACTOR)
    assert same.version == 1
    assert not Event.objects.filter(event_type="subscription.updated").exists()
    assert lines(made) == [("recurring", 5000)]


@pytest.mark.django_db
@pytest.mark.fr("FR-039")
def test_metadata_is_replaced_whole() -> None:
    made = make_subscription(metadata={"team": "x", "seller": "north"})
    changed = change(subscription_id=made.pk, metadata={"team": "y"}, at=noon("2026-04-15"), actor=ACTOR)
    assert (changed.metadata, changed.version) == ({"team": "y"}, 2)
    assert Event.objects.get(event_type="subscription.updated").data["previous_attributes"] == {
        "metadata": {"team": "x", "seller": "north"}
    }


@pytest.mark.django_db
@pytest.mark.fr("FR-041")
def test_what_fell_due_before_is_billed_as_it_was_agreed() -> None:
    made = seats(5, "2026-04-01")
    to(made, 10, "2026-06-16")  # no run has been by since April
    assert lines(made) == [
        ("recurring", 5000), ("recurring", 5000), ("recurring", 5000), ("proration_credit", -2500),
        ("proration_charge", 5000),
    ]  # fmt: skip
    assert broken() == []


@pytest.mark.django_db
def test_on_the_day_of_renewal_the_new_quantity_is_billed_whoever_is_first() -> None:
    made = seats(5, "2026-04-01")
    to(made, 10, "2026-05-01")
    assert lines(made)[1:] == [("recurring", 10000)]
    assert renew([made.pk], at=noon("2026-05-01"), actor=ACTOR).periods == 0
    renew([made.pk], at=noon("2026-06-01"), actor=ACTOR)
    to(made, 3, "2026-06-01")
    assert lines(made)[2:] == [("recurring", 3000)]


@pytest.mark.django_db
def test_refusals() -> None:
    made = seats(5, "2026-04-01")
    ended = seats(5, "2026-04-01")
    stuck = seats(5, "2026-04-01")
    cancel(subscription_id=ended.pk, at=noon("2026-04-02"), actor=ACTOR)
    without_price(stuck)
    codes = []
    for each, quantity, day, more in (
        (made, 10**15, "2026-04-03", {}), (made, 6, "2026-04-03", {"expected_version": 7}),
        (ended, 6, "2026-04-03", {}), (stuck, 6, "2026-05-03", {}),
    ):  # fmt: skip
        with pytest.raises(DomainError) as refusal:
            to(each, quantity, day, **more)
        assert refusal.value.hint
        codes.append(refusal.value.code)
    assert codes == ["amount_too_large", "version_changed", "already_cancelled", "renewal_stopped"]
    assert lines(made) == [("recurring", 5000)]
    recount(at=noon("2026-05-03"), actor=ACTOR)  # what has no price brings in nothing
    assert broken() == []


@pytest.mark.django_db
def test_a_customer_who_moves_west_over_midnight_keeps_what_is_over() -> None:
    payer = make_account(timezone="Pacific/Auckland")
    made = make_subscription(account=payer, at=datetime(2026, 3, 31, 12, tzinfo=UTC))
    at = datetime(2026, 4, 30, 13, tzinfo=UTC)  # 1 May in Auckland, 30 April in Honolulu
    renew([made.pk], at=at, actor=ACTOR)
    update_account(
        account_id=payer.pk, changes={"timezone": "Pacific/Honolulu"}, expected_version=None, at=at, actor=ACTOR
    )
    change(subscription_id=made.pk, quantity=2, at=at, actor=ACTOR)
    assert lines(made)[2:] == [("proration_credit", -4900), ("proration_charge", 9800)]
    assert broken() == []


@pytest.mark.fr("FR-041")
def test_two_at_once_take_turns(committed_db: str) -> None:
    made = seats(5, "2026-04-01")
    failures: list[Exception] = []

    def change_to(quantity: int) -> None:
        try:
            to(made, quantity, "2026-04-16")
        except (DomainError, DatabaseError) as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=change_to, args=[quantity]) for quantity in (7, 9, 11, 13)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    made.refresh_from_db()
    assert (failures, made.version) == ([], 5)
    newest = Line.objects.filter(kind="proration_charge").order_by("invoice__number").last()
    assert newest is not None
    assert newest.amount == made.quantity * 500
    # Half of April at 5 seats, half at what came last, whoever that was.
    total = sum(amount for kind, amount in lines(made) if kind != "credit_to_balance")
    assert total == 2500 + made.quantity * 500
    assert broken() == []


@pytest.mark.django_db
@pytest.mark.fr("FR-041")
def test_as_many_queries_in_the_tenth_change_as_in_the_second(django_assert_max_num_queries: Any) -> None:
    made = seats(5, "2026-04-01")
    for day in range(2, 11):
        to(made, 5 + day, f"2026-04-{day:02}")
    with django_assert_max_num_queries(60):
        to(made, 30, "2026-04-11")
    assert Grant.objects.count() == 0
