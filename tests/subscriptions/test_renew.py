"""Renewal of a batch: what it writes and tells, and that one bad member stops alone."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test.utils import CaptureQueriesContext

from apps.accounts.actions import update as update_account
from apps.accounts.models import Account
from apps.events.models import Event
from apps.invoices.models import Invoice, Line
from apps.monitoring.invariants import broken
from apps.payments.models import Payment
from apps.rest.objects import builtins
from apps.subscriptions import due
from apps.subscriptions.actions.cancel import cancel
from apps.subscriptions.actions.pause import pause
from apps.subscriptions.actions.renew import renew
from apps.subscriptions.metrics import renewal_failures_total
from apps.subscriptions.models import BilledPeriod, BillingRun, Subscription
from apps.subscriptions.objects import subscription_objects
from tests.factories.accounts import make_account
from tests.factories.plans import make_plan
from tests.factories.subscriptions import ACTOR, AT, make_subscription, with_card
from tests.subscriptions.lives import MAY, WALL, many, periods, without_price


@pytest.mark.django_db
@pytest.mark.fr("FR-028", "FR-018")
def test_a_trial_becomes_active_with_its_first_invoice_at_its_end() -> None:
    account = make_account()
    with_card(account)
    made = make_subscription(account=account, trial_days=14)
    ends = datetime(2026, 4, 15, tzinfo=UTC)
    assert due.earliest(ends - timedelta(seconds=1), WALL) is None
    assert due.run(ends - timedelta(seconds=1), WALL) == 0
    assert due.earliest(ends, WALL) == ends
    assert due.run(ends, WALL) == 1
    made.refresh_from_db()
    assert (made.status, made.version, made.next_billing_at) == ("ACTIVE", 2, datetime(2026, 5, 15, tzinfo=UTC))
    assert periods(made) == [(date(2026, 4, 15), date(2026, 5, 15), 4900)]
    assert Payment.objects.get().status == "PENDING"
    event = Event.objects.get(event_type="subscription.trial_ended")
    assert event.data["object"] == builtins(subscription_objects([made], versions={made.plan_version_id: 1})[0])
    assert event.data["previous_attributes"] == {
        "status": "TRIAL", "current_period_start": "2026-04-01T00:00:00Z",
        "current_period_end": "2026-04-15T00:00:00Z", "next_billing_at": "2026-04-15T00:00:00Z",
    }  # fmt: skip
    assert (event.lane, event.effective_at) == ("run", ends)
    assert not Event.objects.filter(event_type="subscription.updated").exists()
    assert broken() == []


@pytest.mark.django_db
def test_a_renewal_is_announced_with_what_changed() -> None:
    made = make_subscription()
    renew([made.pk], at=MAY, actor=ACTOR)
    made.refresh_from_db()
    event = Event.objects.get(event_type="subscription.updated")
    assert event.data["object"] == builtins(subscription_objects([made], versions={made.plan_version_id: 1})[0])
    assert set(event.data["previous_attributes"]) == {"current_period_start", "current_period_end", "next_billing_at"}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT actor, after ->> 'billed_to' FROM audit_entry WHERE table_name = 'subscriptions_subscription'"
            " AND row_id = %s AND operation = 'UPDATE'", [str(made.pk)],
        )  # fmt: skip
        assert cursor.fetchall() == [(str(ACTOR), "2026-06-01")]


@pytest.mark.django_db
def test_what_is_not_due_is_left_alone() -> None:
    made, paused = make_subscription(), make_subscription()
    pause(subscription_id=paused.pk, at=AT, actor=ACTOR)
    renewed = renew([made.pk, paused.pk], at=made.next_billing_at - timedelta(microseconds=1), actor=ACTOR)
    assert (renewed.periods, renewed.invoice_ids, renewed.failures) == (0, [], {})
    assert renew([made.pk, paused.pk], at=MAY, actor=ACTOR).periods == 1
    assert renew([], at=MAY, actor=ACTOR).periods == 0


@pytest.mark.django_db
def test_a_free_period_moves_on_without_an_invoice() -> None:
    made = make_subscription(plan=make_plan(prices={"USD": 0}))
    renewed = renew([made.pk], at=MAY, actor=ACTOR)
    assert (renewed.periods, renewed.invoice_ids) == (1, [])
    made.refresh_from_db()
    assert made.billed_to == date(2026, 6, 1)
    assert broken() == []


@pytest.mark.django_db
@pytest.mark.fr("FR-037")
def test_a_new_time_zone_counts_from_the_next_boundary() -> None:
    made = make_subscription(account=make_account(timezone="Pacific/Auckland"))
    promised = made.next_billing_at
    assert promised == datetime(2026, 5, 1, 12, tzinfo=UTC)  # 2 May there: it was created on the 2nd
    update_account(
        account_id=made.account_id, changes={"timezone": "America/New_York"}, expected_version=None, at=AT, actor=ACTOR
    )
    assert renew([made.pk], at=promised - timedelta(seconds=1), actor=ACTOR).periods == 0
    assert renew([made.pk], at=promised, actor=ACTOR).periods == 1
    made.refresh_from_db()
    assert (made.current_period_start, made.current_period_end) == (promised, datetime(2026, 6, 2, 4, tzinfo=UTC))
    line = Line.objects.get(subscription_id=made.pk, service_days__startswith=date(2026, 5, 2))
    assert (line.period_start, line.period_end) == (made.current_period_start, made.current_period_end)
    assert broken() == []


def billed_already(subscription: Subscription) -> None:
    """PostgreSQL itself refuses its next period: a day of it is billed."""
    BilledPeriod.objects.create(subscription=subscription, days=(date(2026, 5, 20), date(2026, 5, 21)))


def nowhere(subscription: Subscription) -> None:
    """Its days cannot be told: there is no such time zone."""
    Account.objects.filter(pk=subscription.account_id).update(timezone="Nowhere/Nothing")


@pytest.mark.django_db
@pytest.mark.fr("FR-032")
@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (without_price, "price_missing: "),
        (billed_already, "IntegrityError: conflicting key value violates exclusion constraint"),
        (nowhere, "timezone_unknown: "),
    ],
)
def test_one_that_cannot_be_billed_stops_alone(
    fault: Callable[[Subscription], None], reason: str, caplog: pytest.LogCaptureFixture, capfd: Any
) -> None:
    made = many(5)
    bad = made[2]
    fault(bad)
    counted = renewal_failures_total._value.get()
    renewed = renew([each.pk for each in made], at=MAY, actor=ACTOR)
    assert (renewed.periods, len(renewed.invoice_ids), set(renewed.failures)) == (4, 4, {bad.pk})
    assert renewal_failures_total._value.get() == counted + 1
    logged = "".join(capfd.readouterr()) + caplog.text
    assert "renewal_stopped" in logged
    bad.refresh_from_db()
    assert bad.billing_error.startswith(reason)
    assert len(bad.billing_error.splitlines()) == 1
    assert (bad.billed_to, bad.version) == (date(2026, 5, 1), 1)
    assert [len(periods(each)) for each in made] == [2, 2, 1, 2, 2]
    assert sorted(Invoice.objects.values_list("number", flat=True))[-1] == "INV-2026-000009"


@pytest.mark.django_db
def test_as_many_queries_for_two_hundred_as_for_one() -> None:
    plan = make_plan()
    many(1, plan)
    due.run(MAY, WALL)  # whatever is read once is read
    counts = []
    for size in (1, 10, 200):
        ids = [each.pk for each in many(size, plan)]
        run = BillingRun.objects.create(at=MAY)
        with CaptureQueriesContext(connection) as captured:
            assert renew(ids, at=MAY, actor=ACTOR, run=run).periods == size
        BillingRun.objects.update(status="FINISHED", finished_at=MAY)
        counts.append(len(captured))
    assert counts == [26, 28, 28], "a few events and deliveries, or lines and taxes, are one statement"


@pytest.mark.django_db
@pytest.mark.fr("FR-032")
@pytest.mark.parametrize(
    ("first", "last", "refused"),
    [("2026-04-30", "2026-05-01", True), ("2026-03-01", "2026-04-02", True), ("2026-05-01", "2026-05-02", False)],
)
def test_a_day_cannot_be_billed_twice_by_anybody(first: str, last: str, refused: bool) -> None:
    made = make_subscription()
    insert = (
        "INSERT INTO subscriptions_billedperiod (id, created_at, subscription_id, component, days, waived)"
        " VALUES (gen_random_uuid(), now(), %s, %s, daterange(%s, %s), %s)"
    )
    with connection.cursor() as cursor:
        for waived in (False, True):
            if not refused:
                cursor.execute(insert, [made.pk, "recurring", first, last, False])
                break
            with pytest.raises(IntegrityError, match="subscriptions_each_day_billed_once"), transaction.atomic():
                cursor.execute(insert, [made.pk, "recurring", first, last, waived])
        cursor.execute(insert, [made.pk, "api_calls", first, last, False])


@pytest.mark.django_db
def test_a_day_billed_twice_is_refused_before_numbers_are_taken() -> None:
    made = make_subscription()
    BilledPeriod.objects.create(subscription=made, days=DateRange(date(2026, 5, 10), date(2026, 5, 11)))
    with CaptureQueriesContext(connection) as asked:
        assert renew([made.pk], at=MAY, actor=ACTOR).failures.keys() == {made.pk}
    assert not [query for query in asked.captured_queries if "invoices_numberseries" in query["sql"]]


@pytest.mark.django_db
@pytest.mark.fr("FR-029")
@pytest.mark.parametrize(
    ("trial_days", "at", "ends"),
    [
        (0, MAY, datetime(2026, 5, 1, tzinfo=UTC)),
        (0, datetime(2026, 9, 9, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)),  # after an outage
        (14, MAY, datetime(2026, 4, 15, tzinfo=UTC)),
    ],
)
def test_a_cancellation_that_has_come_ends_it_without_an_invoice(trial_days: int, at: datetime, ends: datetime) -> None:
    made, other = make_subscription(trial_days=trial_days), make_subscription()
    cancel(subscription_id=made.pk, at_period_end=True, reason="too dear", at=AT, actor=ACTOR)
    before = periods(made)
    assert due.run(ends - timedelta(seconds=1), WALL) == 0
    assert due.run(at, WALL) >= 2
    made.refresh_from_db()
    assert (made.status, made.cancelled_at, made.next_billing_at) == ("CANCELLED", ends, None)
    assert (periods(made), made.billed_to) == (before, ends.date())
    assert made.scheduled_changes.get().outcome == "applied"
    event = Event.objects.get(event_type="subscription.cancelled")
    assert event.data["object"] == builtins(subscription_objects([made], versions={made.plan_version_id: 1})[0])
    assert event.data["object"]["cancellation_reason"] == "too dear"
    assert event.data["previous_attributes"] == {
        "status": "TRIAL" if trial_days else "ACTIVE",
        "cancel_at_period_end": True,
        "cancelled_at": None,
        "next_billing_at": ends.isoformat().replace("+00:00", "Z"),
        "scheduled_change": {
            "kind": "cancel",
            "due_date": str(ends.date()),
            "plan_id": None,
            "plan_version": None,
            "quantity": None,
        },
    }
    assert not Event.objects.filter(event_type="subscription.trial_ended").exists()
    assert len(periods(other)) > 1
    run = BillingRun.objects.get()
    assert (run.due, run.done, run.failed) == (2, 2, 0)
    assert broken() == []
