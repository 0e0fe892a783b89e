"""Making and changing plans: versions, refusals, events, the audit log, two at once."""

from threading import Thread
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connections, transaction

from apps.audit.models import Entry
from apps.events.models import Event
from apps.kernel.errors import Conflict, DomainError, Invalid, NotFound, PreconditionFailed
from apps.plans import actions
from apps.plans.models import Plan, PlanVersion, Price
from apps.plans.objects import plan_objects
from apps.rest.objects import builtins
from tests.accounts.test_actions import wait_for_a_blocked_insert
from tests.factories.plans import ACTOR, AT, make_plan


def change(plan: Plan, *, expected: int | None = None, **changes: Any) -> Plan:
    return actions.update(plan_id=plan.pk, changes=changes, expected_version=expected, at=AT, actor=ACTOR)


def stored(plan: Plan) -> Any:
    return builtins(plan_objects([Plan.objects.get(pk=plan.pk)])[0])


@pytest.mark.django_db
def test_created_is_announced_as_it_stands_in_the_database() -> None:
    plan = make_plan(prices={"USD": 4900, "EUR": 4500}, features={"seats": 5}, metadata={"line": "b2b"})
    event = Event.objects.get()
    assert (event.event_type, event.object_id, event.account_id) == ("plan.created", plan.pk, None)
    assert event.data == {"object": stored(plan), "previous_attributes": None}
    assert event.data["object"]["prices"] == {"EUR": 4500, "USD": 4900}


@pytest.mark.fr("FR-022")
@pytest.mark.django_db
def test_a_price_change_makes_a_version_and_the_old_one_stays() -> None:
    plan = make_plan(trial_days=14, features={"seats": 5})
    changed = change(plan, prices={"USD": 5900, "EUR": 5500})
    one, two = PlanVersion.objects.filter(plan=plan).order_by("version")
    assert (changed.current_version, changed.version) == (2, 2)
    assert {price.currency: price.amount for price in one.prices.all()} == {"USD": 4900}
    assert {price.currency: price.amount for price in two.prices.all()} == {"EUR": 5500, "USD": 5900}
    assert (two.trial_days, two.features, two.interval) == (14, {"seats": 5}, "month")
    event = Event.objects.get(event_type="plan.updated")
    assert event.data == {"object": stored(plan), "previous_attributes": {"prices": {"USD": 4900}, "version": 1}}


@pytest.mark.fr("FR-025")
@pytest.mark.django_db
def test_name_and_metadata_make_no_version() -> None:
    plan = make_plan(name="Pro")
    changed = change(plan, name="Prime", metadata={"a": True}, active=False)
    assert (changed.current_version, changed.version, PlanVersion.objects.count()) == (1, 2, 1)
    assert changed.updated_at > plan.updated_at
    previous = Event.objects.get(event_type="plan.updated").data["previous_attributes"]
    assert previous == {"name": "Pro", "metadata": {}, "active": True}


@pytest.mark.django_db
def test_equal_content_changes_nothing() -> None:
    plan = make_plan(prices={"USD": 1, "EUR": 2}, features={"b": 1, "a": 2})
    same = change(plan, name="Pro", prices={"EUR": 2, "USD": 1}, features={"a": 2, "b": 1}, trial_usage="free")
    assert (same.version, same.updated_at, same.current_version) == (1, plan.updated_at, 1)
    assert Event.objects.count() == PlanVersion.objects.count() == 1
    assert Entry.objects.filter(table_name="plans_plan", operation="UPDATE").count() == 0


@pytest.mark.django_db
def test_a_feature_that_turns_from_one_to_true_is_another_version() -> None:
    assert change(make_plan(features={"sso": 1}), features={"sso": True}).current_version == 2


@pytest.mark.django_db
def test_changes_of_plans_are_in_the_audit_log() -> None:
    change(make_plan(name="Pro"), name="Prime")
    made, changed = Entry.objects.filter(table_name="plans_plan").order_by("id")
    assert (made.operation, made.actor, made.after["name"]) == ("INSERT", "system:tests", "Pro")
    assert (changed.before["name"], changed.after["name"]) == ("Pro", "Prime")


@pytest.mark.fr("FR-024")
@pytest.mark.django_db
def test_refusals_leave_nothing_behind() -> None:
    plan = make_plan(key="pro", interval="day", interval_count=300)
    cases: list[tuple[type[DomainError], str, Any]] = [
        (NotFound, "plan_not_found", lambda: change(Plan(pk=uuid4()), name="x")),
        (PreconditionFailed, "version_changed", lambda: change(plan, name="x", expected=2)),
        (Conflict, "plan_key_taken", lambda: make_plan(key="pro")),
        (Invalid, "plan_invalid", lambda: make_plan(prices={})),
        (Invalid, "plan_invalid", lambda: make_plan(prices={"USD": 10**15 + 1})),
        (Invalid, "plan_invalid", lambda: change(plan, prices={"USD": -1}, name="x")),
        (Invalid, "plan_invalid", lambda: change(plan, interval="year", name="x")),
    ]
    for expected, code, act in cases:
        with pytest.raises(expected) as refused:
            act()
        assert refused.value.code == code
        assert refused.value.hint
    assert Plan.objects.get().name == "Pro"
    assert Event.objects.count() == PlanVersion.objects.count() == Price.objects.count() == 1


def test_who_comes_second_at_the_same_moment_is_told_so(committed_db: str) -> None:
    refusals: list[DomainError] = []

    def second() -> None:
        try:
            make_plan(key="pro")
        except DomainError as error:
            refusals.append(error)
        finally:
            connections.close_all()

    thread = Thread(target=second)
    with transaction.atomic():
        make_plan(key="pro")
        thread.start()
        wait_for_a_blocked_insert()
    thread.join(10)
    assert [(type(error), error.code) for error in refusals] == [(Conflict, "plan_key_taken")]
    assert Plan.objects.count() == PlanVersion.objects.count() == Event.objects.count() == 1


def test_price_changes_at_once_take_turns(committed_db: str) -> None:
    plan = make_plan()

    def reprice(amount: int) -> None:
        try:
            change(plan, prices={"USD": amount})
        finally:
            connections.close_all()

    threads = [Thread(target=reprice, args=(amount,)) for amount in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(PlanVersion.objects.values_list("version", flat=True)) == [1, 2, 3, 4, 5]
    assert Plan.objects.get().current_version == 5


@pytest.mark.django_db
def test_the_cost_of_each(django_assert_num_queries: Any) -> None:
    prices = dict.fromkeys(("USD", "EUR", "JPY", "KWD"), 1)
    # savepoint, actor, key check, plan, prices, version, shown (3), event, release
    with django_assert_num_queries(11):
        plan = make_plan(prices=prices)
    # savepoint, actor, lock, shown (3), prices, version, update, read, shown (3), event, release
    with django_assert_num_queries(15):
        change(plan, prices={"USD": 2})
    # savepoint, actor, lock, update, read, shown (3), event, release; again: savepoint, actor, lock, release
    for cost in (10, 4):
        with django_assert_num_queries(cost):
            actions.delete(plan_id=plan.pk, expected_version=None, at=AT, actor=ACTOR)


@pytest.mark.django_db
def test_other_integrity_errors_are_not_called_a_taken_key() -> None:
    with pytest.raises(IntegrityError, match="plans_version_interval"), transaction.atomic():
        make_plan(interval="hour")
