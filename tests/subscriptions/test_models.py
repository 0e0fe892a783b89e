"""What PostgreSQL itself keeps, whoever asks."""

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from apps.subscriptions.models import BilledPeriod, Subscription
from apps.subscriptions.rules.lifecycle import BILLING, TRANSITIONS, Status
from tests.factories.subscriptions import make_subscription

pytestmark = pytest.mark.django_db

EVERY_STEP = [(state, step) for state in Status for step in Status if state is not step]


def stand(subscription: Subscription, status: Status) -> None:
    billing = {} if status in BILLING else {"next_billing_at": None}
    ended = {"cancelled_at": subscription.created_at} if status == Status.CANCELLED else {}
    Subscription.objects.filter(pk=subscription.pk).update(
        status=status, **billing, **ended, **paused(subscription, status)
    )


def paused(subscription: Subscription, status: Status) -> dict[str, Any]:
    """What a pause has, and nothing else."""
    instant = subscription.created_at if status == Status.PAUSED else None
    return {"paused_on": instant and instant.date(), "paused_at": instant, "wakes_at": instant}


@pytest.mark.fr("FR-027")
@pytest.mark.parametrize(("state", "step"), EVERY_STEP, ids=[f"{state}-{step}" for state, step in EVERY_STEP])
def test_only_the_steps_of_the_rules_can_be_stored(state: Status, step: Status) -> None:
    made = make_subscription(trial_days=7)
    begins = made.next_billing_at
    way: dict[Status, list[Status]] = {Status.TRIAL: [], Status.PAUSED: [Status.ACTIVE, Status.PAUSED]}
    for station in way.get(state, [state]):
        stand(made, station)
    change: dict[str, Any] = {
        "status": step,
        "next_billing_at": begins if step in BILLING else None,
        "cancelled_at": begins if step == Status.CANCELLED else None,
        **paused(made, step),
    }
    if step in TRANSITIONS[state]:
        Subscription.objects.filter(pk=made.pk).update(**change)
    else:
        with pytest.raises(IntegrityError, match="may not go from"), transaction.atomic():
            Subscription.objects.filter(pk=made.pk).update(**change)
    made.refresh_from_db()
    assert made.status == (step if step in TRANSITIONS[state] else state)


@pytest.mark.parametrize(
    "change",
    [
        {"status": "LOST"},
        {"quantity": 0},
        {"next_billing_at": None},
        {"status": "PAUSED"},
        {"status": "PAUSED", "next_billing_at": None},
        {"paused_on": "2026-04-02"},
        {"pause_resumes_on": "2026-04-02"},
        {"ends_on": "2026-04-01"},
        {"status": "CANCELLED", "next_billing_at": None},
    ],
)
def test_what_makes_no_sense_cannot_be_stored(change: dict[str, Any]) -> None:
    made = make_subscription()
    with pytest.raises(IntegrityError), transaction.atomic():
        Subscription.objects.filter(pk=made.pk).update(**change)


@pytest.mark.fr("FR-035")
def test_a_second_live_one_cannot_be_stored() -> None:
    made = make_subscription()
    twin = Subscription.objects.get(pk=made.pk)
    twin.pk = None
    with pytest.raises(IntegrityError, match="subscriptions_one_live_per_plan"), transaction.atomic():
        twin.save(force_insert=True)


def test_billed_days_are_final_but_for_their_release() -> None:
    made = make_subscription()
    for statement in (
        "UPDATE subscriptions_billedperiod SET waived = true",
        "DELETE FROM subscriptions_billedperiod",
        "TRUNCATE subscriptions_billedperiod",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    row = BilledPeriod.objects.get()
    BilledPeriod.objects.update(released_by=made.pk)
    BilledPeriod.objects.create(subscription=made, days=row.days)
    with pytest.raises(IntegrityError), transaction.atomic():
        BilledPeriod.objects.update(released_by=None)


def test_they_name_themselves() -> None:
    made = make_subscription(external_key="k")
    assert (str(made), str(BilledPeriod.objects.get())) == ("k", f"{made.pk} recurring [2026-04-01, 2026-05-01)")
