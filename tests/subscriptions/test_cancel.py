"""Cancellation now and at period end, taken back, and against a renewal at the same moment."""

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import DatabaseError, connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.credits.models import Grant
from apps.events.models import Event
from apps.invoices.models import Invoice, Line
from apps.kernel.errors import DomainError
from apps.monitoring.invariants import broken
from apps.subscriptions.actions.cancel import cancel, uncancel
from apps.subscriptions.actions.renew import renew
from apps.subscriptions.models import ScheduledChange, Subscription
from tests.factories.accounts import make_account
from tests.factories.plans import make_plan
from tests.factories.subscriptions import ACTOR, make_subscription
from tests.factories.tax import registered
from tests.subscriptions.test_change import lines, noon, seats, standing, to


def end(made: Subscription, day: str, **how: Any) -> Subscription:
    return cancel(subscription_id=made.pk, at=noon(day), actor=ACTOR, **how)


def code(call: Callable[[], object]) -> str:
    with pytest.raises(DomainError) as refusal:
        call()
    assert refusal.value.hint
    return refusal.value.code


@pytest.mark.django_db
@pytest.mark.fr("FR-029", "SC-009")
def test_now_credits_the_unused_days_with_their_tax() -> None:
    registered("DE")
    made = seats(1, "2026-04-01", price=4900, account=make_account(country="DE", currency="EUR"))
    ended = end(made, "2026-04-15", reason="too dear")
    assert (ended.status, ended.cancelled_at, ended.cancellation_reason) == (
        "CANCELLED", noon("2026-04-15"), "too dear",
    )  # fmt: skip
    assert (ended.next_billing_at, ended.billed_to) == (None, date(2026, 4, 15))
    credit = Line.objects.get(kind="proration_credit")
    assert (credit.amount, credit.tax_rate, credit.tax_amount) == (-2613, 19, -496)
    assert Line.objects.get(kind="credit_to_balance").amount == 3109
    # The first invoice is open: the credit comes off it, 5831 - 3109.
    assert Grant.objects.get().amount == 3109
    assert standing(made) == [(date(2026, 4, 1), date(2026, 4, 15))]
    event = Event.objects.get(event_type="subscription.cancelled")
    assert event.data["object"]["cancellation_reason"] == "too dear"
    assert event.data["previous_attributes"]["status"] == "ACTIVE"
    assert renew([made.pk], at=noon("2026-05-02"), actor=ACTOR).periods == 0
    assert broken() == []


@pytest.mark.django_db
@pytest.mark.fr("FR-029")
def test_now_without_credit() -> None:
    made = seats(5, "2026-04-01")
    ended = end(made, "2026-04-15", credit_unused=False)
    assert (ended.status, ended.billed_to) == ("CANCELLED", date(2026, 5, 1))
    assert lines(made) == [("recurring", 5000)]
    assert broken() == []


@pytest.mark.django_db
@pytest.mark.fr("FR-029")
def test_a_cancelled_trial_bills_nothing() -> None:
    made = make_subscription(trial_days=14, at=noon("2026-04-01"))
    end(made, "2026-04-15")  # its last day is over, no run has been by
    other = make_subscription(trial_days=14, at=noon("2026-04-01"))
    end(other, "2026-04-03", at_period_end=True)
    renew([other.pk], at=noon("2026-04-15"), actor=ACTOR)
    other.refresh_from_db()
    assert (other.status, str(other.cancelled_at)) == ("CANCELLED", str(other.trial_end))
    assert not Invoice.objects.exists()
    assert broken() == []


@pytest.mark.django_db
@pytest.mark.fr("FR-029")
def test_on_the_day_of_creation_nothing_is_owed() -> None:
    made = seats(5, "2026-04-01")
    end(made, "2026-04-01")
    assert [amount for kind, amount in lines(made) if kind != "credit_to_balance"] == []
    assert set(Invoice.objects.values_list("status", flat=True)) == {"VOID"}
    assert standing(made) == []
    assert broken() == []


@pytest.mark.django_db
@pytest.mark.fr("FR-029")
def test_at_period_end_and_taken_back() -> None:
    made = seats(5, "2026-04-01")
    scheduled = end(made, "2026-04-15", at_period_end=True, reason="later")
    assert (scheduled.status, scheduled.next_billing_at) == ("ACTIVE", made.next_billing_at)
    row = ScheduledChange.objects.get()
    assert (row.kind, row.due_date, row.outcome) == ("cancel", date(2026, 5, 1), "waiting")
    event = Event.objects.get(event_type="subscription.updated")
    assert event.data["object"]["cancel_at_period_end"] is True
    assert event.data["object"]["scheduled_change"] == {
        "kind": "cancel", "due_date": "2026-05-01", "plan_id": None, "plan_version": None, "quantity": None,
    }  # fmt: skip
    assert event.data["previous_attributes"] == {
        "cancel_at_period_end": False, "cancellation_reason": None, "scheduled_change": None,
    }  # fmt: skip
    assert code(lambda: end(made, "2026-04-16", at_period_end=True)) == "cancellation_scheduled"
    taken_back = uncancel(subscription_id=made.pk, at=noon("2026-04-20"), actor=ACTOR)
    assert (taken_back.cancellation_reason, taken_back.version) == ("", 3)
    assert ScheduledChange.objects.get().outcome == "removed"
    assert code(lambda: uncancel(subscription_id=made.pk, at=noon("2026-04-20"), actor=ACTOR)) == (
        "cancellation_not_scheduled"
    )
    assert renew([made.pk], at=noon("2026-05-01"), actor=ACTOR).periods == 1
    end(made, "2026-05-02", at_period_end=True)
    # Its day has come: it is too late to take it back, whether or not the run has been by.
    assert code(lambda: uncancel(subscription_id=made.pk, at=noon("2026-06-01"), actor=ACTOR)) == "already_cancelled"
    assert lines(made) == [("recurring", 5000), ("recurring", 5000)]
    assert broken() == []


@pytest.mark.django_db
@pytest.mark.fr("FR-029")
def test_what_is_scheduled_can_still_happen_now() -> None:
    made = seats(2, "2026-04-01")
    end(made, "2026-04-10", at_period_end=True)
    ended = end(made, "2026-04-16")
    assert (ended.status, ScheduledChange.objects.get().outcome) == ("CANCELLED", "removed")
    assert lines(made)[1] == ("proration_credit", -1000)
    assert code(lambda: end(made, "2026-04-16")) == "already_cancelled"
    assert code(lambda: uncancel(subscription_id=made.pk, at=noon("2026-04-16"), actor=ACTOR)) == "already_cancelled"
    assert broken() == []


@pytest.mark.django_db
@pytest.mark.fr("FR-029")
def test_periods_that_began_before_today_are_billed_first() -> None:
    made = seats(5, "2026-04-01")
    end(made, "2026-06-16")
    assert [amount for kind, amount in lines(made) if kind != "credit_to_balance"] == [5000, 5000, 5000, -2500]
    today = seats(5, "2026-04-01")
    end(today, "2026-05-01")  # due today: never billed
    assert lines(today) == [("recurring", 5000)]
    assert broken() == []


@pytest.mark.django_db
@pytest.mark.fr("FR-029", "SC-009")
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.lists(st.tuples(st.integers(1, 28), st.integers(1, 50)), max_size=3),
    last=st.integers(1, 30),
    price=st.integers(1, 9999),
    inclusive=st.booleans(),
)
def test_cancelling_after_changes_never_gives_back_more_than_was_charged(
    changes: list[tuple[int, int]], last: int, price: int, inclusive: bool
) -> None:
    made = seats(3, "2026-04-01", price=price, tax_behavior="inclusive" if inclusive else "exclusive")
    ordered = sorted(changes)
    for day, quantity in ordered:
        to(made, quantity, f"2026-04-{day:02}")
    day = max(last, ordered[-1][0] if ordered else 1)
    end(made, f"2026-04-{day:02}")
    cost = sum(amount for kind, amount in lines(made) if kind != "credit_to_balance")
    in_force, quantity, exact = dict(ordered), 3, 0
    for each in range(1, day):
        quantity = in_force.get(each, quantity)
        exact += price * quantity
    assert cost >= 0
    assert abs(cost * 30 - exact) <= 30 * (len(changes) + 1)
    assert broken() == []


@pytest.mark.fr("FR-029")
def test_against_a_renewal_at_the_same_moment(committed_db: str) -> None:
    at = datetime(2026, 5, 1, 12, tzinfo=UTC)
    plan = make_plan(prices={"USD": 3000})
    made = [make_subscription(plan=plan, at=noon("2026-04-01")) for _ in range(6)]
    failures: list[Exception] = []

    def run(call: Callable[[], object]) -> None:
        try:
            call()
        except (DomainError, DatabaseError) as error:
            failures.append(error)
        finally:
            connections.close_all()

    def cancel_all() -> None:
        for each in made:
            cancel(subscription_id=each.pk, at=at, actor=ACTOR)

    calls = (cancel_all, lambda: renew([each.pk for each in made], at=at, actor=ACTOR))
    threads = [threading.Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    for each in made:
        each.refresh_from_db()
        assert (each.status, each.billed_to) == ("CANCELLED", date(2026, 5, 1))
        # Billed and credited whole, or never billed: May costs nothing.
        assert sum(amount for kind, amount in lines(each) if kind != "credit_to_balance") == 3000
    assert broken() == []
