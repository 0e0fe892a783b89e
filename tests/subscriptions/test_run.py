"""Runs: the row that says how far billing has come, what stopped, and how that is tried again."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from apps.analytics.actions import recount
from apps.clocks.actions import create as make_clock
from apps.kernel import clock
from apps.kernel.errors import Conflict, NotFound
from apps.kernel.schedule import Scope
from apps.monitoring.invariants import broken
from apps.subscriptions import due
from apps.subscriptions.actions import run as running
from apps.subscriptions.actions.run import Ran, retry, run_due
from apps.subscriptions.actions.stop import try_again
from apps.subscriptions.models import BillingRun, RunFailure, Subscription
from tests.factories.accounts import make_account
from tests.factories.subscriptions import ACTOR, AT, make_subscription
from tests.subscriptions.lives import MAY, WALL, an_hour_passes, many, periods, without_price

pytestmark = pytest.mark.django_db
JULY = datetime(2026, 7, 2, tzinfo=UTC)


def ran(at: datetime, scope: Scope = WALL) -> Ran:
    found = run_due(at=at, scope=scope, actor=ACTOR)
    assert found is not None
    return found


def counts(run: BillingRun) -> tuple[Any, ...]:
    run.refresh_from_db()
    return run.status, run.due, run.done, run.periods, run.invoices, run.failed, run.batches


def poisoned() -> tuple[Subscription, Any]:
    made = make_subscription()
    version = made.plan_version_id
    without_price(made)
    return made, version


def mend(subscription: Subscription, version: Any) -> None:
    Subscription.objects.filter(pk=subscription.pk).update(plan_version_id=version)


@pytest.mark.fr("FR-032")
def test_an_outage_of_three_months_is_one_run(settings: Any) -> None:
    settings.BILLING_RENEWAL_BATCH = 2
    made = many(3)
    run = ran(JULY).run
    assert counts(run) == ("FINISHED", 3, 3, 9, 9, 0, 5)
    assert (run.at, run.test_clock_id) == (JULY, None)
    assert run.finished_at is not None
    assert [[start for start, _, _ in periods(each)] for each in made] == [
        [date(2026, month, 1) for month in (4, 5, 6, 7)]
    ] * 3
    assert broken() == []


def test_no_row_where_nothing_is_due() -> None:
    many(1)
    assert run_due(at=AT, scope=WALL, actor=ACTOR) is None
    ran(MAY)
    assert run_due(at=MAY, scope=WALL, actor=ACTOR) is None
    assert BillingRun.objects.count() == 1


def test_a_run_that_was_left_is_gone_on_with_before_a_new_one_begins() -> None:
    made = many(2)
    left = BillingRun.objects.create(at=MAY, due=2)
    assert due.earliest(JULY, WALL) == datetime(2026, 5, 1, tzinfo=UTC)
    new = ran(JULY).run
    assert counts(left) == ("FINISHED", 2, 2, 2, 2, 0, 1)
    assert counts(new) == ("FINISHED", 2, 2, 4, 4, 0, 2)
    assert {len(periods(each)) for each in made} == {4}


@pytest.mark.django_db
@pytest.mark.fr("SC-012")
def test_a_worker_whose_clock_is_behind_joins_a_run_and_bills_what_it_counts() -> None:
    subscription = make_subscription()
    run = BillingRun.objects.create(at=MAY, due=1)
    ran(datetime(2026, 1, 1, tzinfo=UTC))
    run.refresh_from_db()
    assert (run.done, run.periods, run.invoices, run.batches) == (1, 1, 1, 1)
    subscription.refresh_from_db()
    assert subscription.billed_to == date(2026, 6, 1)
    assert len(periods(subscription)) == 2
    assert broken() == []


def test_a_run_that_was_left_with_nothing_to_do_is_ended() -> None:
    left = BillingRun.objects.create(at=MAY, due=2, done=2)
    assert due.earliest(MAY, WALL) == MAY
    assert due.run(MAY, WALL) == 1
    assert counts(left)[0] == "FINISHED"
    assert (due.earliest(MAY, WALL), due.run(MAY, WALL)) == (None, 0)


def test_a_run_whose_time_is_up_is_gone_on_with_by_the_next_tick(monkeypatch: pytest.MonkeyPatch) -> None:
    many(2)
    with monkeypatch.context() as patch:
        patch.setattr(running, "BUDGET", -1.0)
        run = ran(MAY).run
    assert counts(run) == ("RUNNING", 2, 0, 0, 0, 0, 0)
    assert ran(MAY).run == run
    assert counts(run) == ("FINISHED", 2, 2, 2, 2, 0, 1)


@pytest.mark.fr("FR-032")
def test_one_that_stops_is_kept_with_its_reason_and_left_alone_for_an_hour() -> None:
    good, (bad, version) = many(2), poisoned()
    run = ran(MAY).run
    # It alone stopped: the others are one batch.
    assert counts(run) == ("FINISHED", 3, 2, 2, 2, 1, 1)
    failure = RunFailure.objects.get()
    assert (failure.run, failure.subscription) == (run, bad)
    assert failure.reason.startswith("price_missing: ")
    bad.refresh_from_db()
    assert bad.billing_error == failure.reason
    assert bad.billing_retry_at is not None
    assert abs(bad.billing_retry_at - clock.wall() - timedelta(hours=1)) < timedelta(minutes=1)
    assert [len(periods(each)) for each in good] == [2, 2]
    mend(bad, version)
    soon = MAY + timedelta(minutes=1)
    assert run_due(at=soon, scope=WALL, actor=ACTOR) is None
    an_hour_passes()
    assert counts(ran(soon).run) == ("FINISHED", 1, 1, 1, 1, 0, 1)
    bad.refresh_from_db()
    assert (bad.billing_error, bad.billing_retry_at) == ("", None)
    assert broken() == []


def test_one_failure_in_a_run_whoever_meets_it() -> None:
    bad, _ = poisoned()
    run = BillingRun.objects.create(at=MAY, due=1)
    for _ in range(2):
        assert set(running.renew([bad.pk], at=MAY, actor=ACTOR, run=run).failures) == {bad.pk}
    assert counts(run)[5] == 1
    with pytest.raises(IntegrityError, match="one_failure_per_run"), transaction.atomic():
        RunFailure.objects.create(run=run, subscription=bad, reason="again")


def test_on_a_test_clock_each_time_is_tried_once() -> None:
    frozen = make_clock(name="c", frozen_time=AT, actor=ACTOR)
    scope = Scope(frozen.pk)
    mine = make_subscription(account=make_account(test_clock_id=frozen.pk))
    version, other = mine.plan_version_id, make_subscription()
    without_price(mine)
    assert due.earliest(MAY, scope) == datetime(2026, 5, 1, tzinfo=UTC)
    run = ran(MAY, scope).run
    assert run.test_clock_id == frozen.pk
    assert counts(run) == ("FINISHED", 1, 0, 0, 0, 1, 1)
    assert due.earliest(MAY, scope) is None
    later = MAY + timedelta(seconds=1)
    assert due.earliest(later, scope) == later
    mend(mine, version)
    assert counts(ran(later, scope).run) == ("FINISHED", 1, 1, 1, 1, 0, 1)
    assert (len(periods(mine)), len(periods(other))) == (2, 1)
    # Each clock has a run of its own.
    BillingRun.objects.create(at=MAY, due=1)
    BillingRun.objects.create(at=MAY, due=1, test_clock=frozen)
    with pytest.raises(IntegrityError, match="one_run_per_clock"), transaction.atomic():
        BillingRun.objects.create(at=MAY, due=1)
    assert ran(MAY).run.test_clock_id is None
    assert len(periods(other)) == 2


def test_a_retry_bills_what_is_mended_and_says_what_is_not() -> None:
    (mended, version), (bad, _) = poisoned(), poisoned()
    run = ran(JULY).run
    assert counts(run) == ("FINISHED", 2, 0, 0, 0, 2, 1)
    mend(mended, version)
    retried = retry(run_id=run.pk, at=JULY, actor=ACTOR)
    assert (retried.tried, retried.left, retried.renewed.periods) == (2, 0, 3)
    assert set(retried.renewed.failures) == {bad.pk}
    assert counts(run)[:6] == ("FINISHED", 2, 1, 3, 3, 2)
    assert len(periods(mended)) == 4
    again = retry(run_id=run.pk, at=JULY, actor=ACTOR)
    assert (again.tried, again.renewed.periods, len(again.renewed.failures)) == (1, 0, 1)
    recount(at=JULY, actor=ACTOR)  # what has no price brings in nothing
    assert broken() == []


def test_a_retry_leaves_the_rest_to_the_next_tick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "RETRIED_AT_ONCE", 1)
    pairs = [poisoned() for _ in range(3)]
    run = ran(MAY).run
    for pair in pairs:
        mend(*pair)
    retried = retry(run_id=run.pk, at=MAY, actor=ACTOR)
    assert (retried.tried, retried.left, retried.renewed.periods) == (1, 2, 1)
    assert counts(ran(MAY + timedelta(minutes=1)).run) == ("FINISHED", 2, 2, 2, 2, 0, 1)


def test_a_run_that_is_none_cannot_be_retried() -> None:
    with pytest.raises(NotFound) as refusal:
        retry(run_id=make_subscription().pk, at=MAY, actor=ACTOR)
    assert refusal.value.code == "billing_run_not_found"


@pytest.mark.fr("B-14")
def test_one_that_stopped_is_tried_without_waiting_for_its_hour() -> None:
    bad, version = poisoned()
    ran(MAY)
    mend(bad, version)
    soon = MAY + timedelta(minutes=1)
    assert run_due(at=soon, scope=WALL, actor=ACTOR) is None
    try_again(subscription_id=bad.pk, actor=ACTOR)
    assert counts(ran(soon).run) == ("FINISHED", 1, 1, 1, 1, 0, 1)
    for pk in (bad.pk, uuid4()):
        with pytest.raises(Conflict) as refusal:
            try_again(subscription_id=pk, actor=ACTOR)
        assert refusal.value.code == "subscription_not_stopped"
