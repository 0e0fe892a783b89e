"""Bulk moves: subscribers of a plan come to another version as if each had changed, once, and refusals are kept."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from apps.clocks.actions import create as make_clock
from apps.invoices.models import Invoice
from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.errors import DomainError
from apps.kernel.schedule import Scope
from apps.monitoring.invariants import broken
from apps.plans import actions as plans
from apps.plans.models import Plan
from apps.subscriptions import due
from apps.subscriptions.actions import move as moving
from apps.subscriptions.actions.cancel import cancel
from apps.subscriptions.actions.change import change
from apps.subscriptions.actions.move import begin_move, digest, go_on, preview_move
from apps.subscriptions.actions.renew import renew
from apps.subscriptions.models import BulkMove, ScheduledChange, Subscription
from tests.accounts.calls import Api
from tests.backoffice.desk import actors
from tests.factories.accounts import make_account
from tests.factories.plans import make_plan
from tests.factories.subscriptions import ACTOR, make_subscription
from tests.subscriptions.lives import WALL

pytestmark = [pytest.mark.django_db, pytest.mark.fr("FR-022")]
ADA = Actor("user", "1")


def dearer(plan: Plan, prices: dict[str, int]) -> int:
    """A new version of it; its number."""
    changed = plans.update(
        plan_id=plan.pk, changes={"prices": prices}, expected_version=None, at=clock.wall(), actor=ACTOR
    )
    return int(changed.current_version)


@pytest.fixture
def sold() -> Plan:
    """Five subscribers, one of yen, who joined at 49.00; it costs 59.00 now, and nothing in yen."""
    plan, now = make_plan(prices={"USD": 4900, "JPY": 500}), clock.wall()
    for quantity in (1, 2, 3, 4):
        make_subscription(plan=plan, quantity=quantity, at=now)
    make_subscription(plan=plan, account=make_account(currency="JPY", at=now), at=now)
    ended = make_subscription(plan=plan, at=now)
    cancel(subscription_id=ended.pk, at_period_end=False, at=now, actor=ACTOR)
    dearer(plan, {"USD": 5900})
    make_subscription(plan=plan, at=now)
    return plan


def finished(move: BulkMove) -> tuple[int, int, int]:
    go_on(move, until=clock.monotonic() + 60)
    move.refresh_from_db()
    assert move.finished_at is not None
    return move.due, move.moved, move.refused


def refused(**wanted: Any) -> str:
    with pytest.raises(DomainError) as refusal:
        begin_move(**{"actor": ADA, **wanted})
    return refusal.value.code


def test_who_would_be_moved_by_currency(sold: Plan) -> None:
    assert [(each.currency, each.subscriptions, each.before, each.after)
            for each in preview_move(plan_id=sold.pk, to_version=2)] == [
        ("JPY", 1, 500, None), ("USD", 4, 10 * 4900, 10 * 5900),
    ]  # fmt: skip
    assert [each.currency for each in preview_move(plan_id=sold.pk, to_version=1, from_version=2)] == ["USD"]


def test_they_are_moved_at_the_end_of_their_period(sold: Plan) -> None:
    count = Invoice.objects.count()
    move = begin_move(plan_id=sold.pk, to_version=2, actor=ADA)
    assert finished(move) == (5, 4, 1)
    assert [refusal.reason.partition(":")[0] for refusal in move.refusals.all()] == ["price_missing"]
    assert Invoice.objects.count() == count
    one = Subscription.objects.get(plan=sold, quantity=3)
    assert (ScheduledChange.objects.count(), one.plan_version.version) == (4, 1)
    assert one.next_billing_at is not None
    renew([one.pk], at=one.next_billing_at, actor=ACTOR)
    one.refresh_from_db()
    assert (one.plan_version.version, Invoice.objects.latest("pk").total) == (2, 3 * 5900)
    assert str(ADA) in actors("subscriptions_scheduledchange", ScheduledChange.objects.first().pk, "INSERT")  # type: ignore[union-attr]
    assert broken() == []


def test_they_are_moved_now_with_proration(sold: Plan) -> None:
    before = Invoice.objects.count()
    assert finished(begin_move(plan_id=sold.pk, to_version=2, effective="now", actor=ADA)) == (5, 4, 1)
    assert set(Subscription.objects.filter(plan=sold, status="ACTIVE").values_list(
        "account__currency", "plan_version__version"
    )) == {("USD", 2), ("JPY", 1)}  # fmt: skip
    # The day of their creation: each invoice of it is made again.
    assert Invoice.objects.count() == before + 4
    assert Invoice.objects.filter(status="VOID").count() == 5
    assert refused(plan_id=sold.pk, to_version=2, from_version=3) == "nothing_to_move"


def test_whoever_has_a_change_of_their_own_waiting_keeps_it(sold: Plan) -> None:
    own = Subscription.objects.get(plan=sold, quantity=2)
    change(subscription_id=own.pk, quantity=9, effective="period_end", at=clock.wall(), actor=ACTOR)
    move = begin_move(plan_id=sold.pk, to_version=2, actor=ADA)
    assert finished(move) == (5, 3, 2)
    assert {refusal.reason.partition(":")[0] for refusal in move.refusals.all()} == {"change_waits", "price_missing"}
    assert ScheduledChange.objects.get(subscription=own).details["quantity"] == 9


def test_killed_in_the_middle_and_two_at_once_move_each_once(sold: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    move = begin_move(plan_id=sold.pk, to_version=2, actor=ADA)
    done, one = [], moving._one

    def killed(*args: Any, **options: Any) -> bool:
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(one(*args, **options))
        return True

    monkeypatch.setattr(moving, "_one", killed)
    with pytest.raises(KeyboardInterrupt):
        go_on(BulkMove.objects.get(pk=move.pk), until=clock.monotonic() + 60)
    monkeypatch.setattr(moving, "_one", one)
    late = BulkMove.objects.get(pk=move.pk)
    assert (late.moved, late.finished_at) == (2, None)
    third = Subscription.objects.filter(plan=sold, status="ACTIVE", pk__gt=late.reached).order_by("pk")[0]
    first, second = BulkMove.objects.get(pk=move.pk), BulkMove.objects.get(pk=move.pk)
    found = {"at": clock.wall(), "actor": ADA}
    assert moving._one(first, third.pk, 2, **found) is True
    assert moving._one(second, third.pk, 2, **found) is False
    assert due.earliest_move(clock.wall(), WALL) is not None
    assert due.earliest_move(clock.wall(), Scope(move.pk)) is None
    assert due.run_moves(clock.wall(), WALL) == 2
    move.refresh_from_db()
    assert (move.moved, move.refused, due.run_moves(clock.wall(), WALL)) == (4, 1, 0)
    assert ScheduledChange.objects.count() == 4


def test_each_lives_at_its_own_time(settings: Any) -> None:
    settings.BILLING_TEST_CLOCKS = True
    frozen = make_clock(name="x", frozen_time=datetime.fromisoformat("2031-04-10T00:00:00Z"), actor=ACTOR)
    plan = make_plan()
    made = make_subscription(
        plan=plan, account=make_account(test_clock_id=frozen.pk, at=frozen.frozen_time), at=frozen.frozen_time
    )
    dearer(plan, {"USD": 5900})
    finished(begin_move(plan_id=plan.pk, to_version=2, actor=ADA))
    assert str(ScheduledChange.objects.get(subscription=made).due_date) == "2031-05-10"


def test_what_cannot_be(sold: Plan) -> None:
    assert refused(plan_id=sold.pk, to_version=9) == "plan_version_unknown"
    assert refused(plan_id=make_plan().pk, to_version=1) == "nothing_to_move"
    stale = digest(preview_move(plan_id=sold.pk, to_version=2))
    make_subscription(plan=sold, at=clock.wall() + timedelta(0))
    cancel(subscription_id=Subscription.objects.get(plan=sold, quantity=4).pk, at_period_end=False, at=clock.wall(),
           actor=ACTOR)  # fmt: skip
    assert refused(plan_id=sold.pk, to_version=2, expected_preview=stale) == "preview_changed"
    move = begin_move(plan_id=sold.pk, to_version=2, actor=ADA)
    assert refused(plan_id=sold.pk, to_version=2) == "move_under_way"
    for column, name in (("due = 0", "move_of_some"), ("effective = 'soon'", "move_effective_known")):
        with pytest.raises(IntegrityError, match=name), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE subscriptions_bulkmove SET {column} WHERE id = %s", [move.pk])


def test_over_the_api(sold: Plan) -> None:
    api = Api("billing_admin")
    body = {"plan_id": str(sold.pk), "to_version": 2}
    shown = api.post("/bulk-moves", {**body, "preview": True})
    assert (shown.status_code, shown.json()["moving"][1]) == (
        200, {"currency": "USD", "subscriptions": 4, "before": 49000, "after": 59000},
    )  # fmt: skip
    assert not BulkMove.objects.exists()
    assert api.post("/bulk-moves", body, if_match='"p-000000000000"').status_code == 412
    made = api.post("/bulk-moves", body, if_match=f'"{shown.json()["hash"]}"')
    assert (made.status_code, made.json()["due"], made.json()["effective"]) == (201, 5, "period_end")
    finished(BulkMove.objects.get())
    found = api.get(f"/bulk-moves/{made.json()['id']}").json()
    assert (found["moved"], found["refused"], found["refusals"][0]["reason"].partition(":")[0]) == (
        4,
        1,
        "price_missing",
    )
    assert api.get(f"/bulk-moves?plan_id={sold.pk}").json()["data"][0]["id"] == found["id"]
    for wrong in ({}, {"plan_id": "x"}, {**body, "to_version": 0}, {**body, "effective": "soon"}, {**body, "x": 1}):
        assert api.post("/bulk-moves", wrong).status_code == 422, wrong
    for role in ("support_rep", "finance_viewer"):
        assert Api(role).get("/bulk-moves").status_code == 403
        assert Api(role).post("/bulk-moves", body).status_code == 403
