"""What plans grant, asked at every door: by one call, right with the commit that changed it."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Account
from apps.dunning.actions import entitle
from apps.dunning.models import Entitlement
from apps.dunning.rules import combined
from apps.events.registry import subscriber
from apps.kernel.actors import system
from apps.kernel.schedule import Scope
from apps.kernel.transactions import unit_of_work
from apps.monitoring.invariants import broken
from apps.subscriptions import due
from apps.subscriptions import events as subscription_events
from apps.subscriptions.actions.cancel import cancel, uncancel
from apps.subscriptions.actions.change import change
from apps.subscriptions.actions.pause import pause
from apps.subscriptions.actions.resume import resume
from apps.subscriptions.queries import granted
from tests.accounts.calls import Api
from tests.factories.accounts import make_account
from tests.factories.dunning import clocked, days_later, debtor
from tests.factories.plans import make_plan
from tests.factories.subscriptions import AT, make_subscription

ACTOR = system("test")


def subscribed(account: Account, key: str, **features: Any) -> Any:
    return make_subscription(account=account, plan=make_plan(key=key, features=features))


def asked(account: Account, feature: str = "") -> Any:
    return Api().get(f"/accounts/{account.pk}/access" + (f"?feature={feature}" if feature else "")).json()


@pytest.mark.parametrize(
    ("grants", "together"),
    [
        ([], {}),
        ([{"sso": True, "seats": 5}], {"seats": 5, "sso": True}),
        ([{"seats": 5}, {"seats": 20}, {"seats": 3}], {"seats": 20}),
        ([{"sso": False}, {"sso": True}], {"sso": True}),
        ([{"sso": True}, {"sso": False}], {"sso": True}),
        ([{"level": "gold"}, {"level": "silver"}], {"level": "gold"}),
        ([{"seats": "many"}, {"seats": 3}], {"seats": "many"}),
    ],
)
def test_what_several_grant_together(grants: list[dict[str, Any]], together: dict[str, Any]) -> None:
    assert combined(grants) == together


@pytest.mark.django_db
@pytest.mark.fr("B-17")
def test_features_and_limits_of_all_live_subscriptions() -> None:
    account = make_account()
    assert asked(account, "sso")["reason"] == "feature_not_granted"
    subscribed(account, "base", seats=5, sso=False)
    more = subscribed(account, "more", seats=20, sso=True, level="gold")
    assert asked(account)["features"] == {"level": "gold", "seats": 20, "sso": True}
    found = asked(account, "seats")
    assert (found["allowed"], found["reason"], found["features"]) == (True, None, {"seats": 20})
    cancel(subscription_id=more.pk, at_period_end=False, at=AT, actor=ACTOR)
    assert asked(account)["features"] == {"seats": 5, "sso": False}
    assert (asked(account, "sso")["allowed"], asked(account, "seats")["features"]) == (False, {"seats": 5})


@pytest.mark.django_db
def test_a_paused_subscription_grants_nothing() -> None:
    account = make_account()
    one = subscribed(account, "base", sso=True)
    pause(subscription_id=one.pk, at=AT.replace(day=3), actor=ACTOR)
    assert (asked(account, "sso")["allowed"], asked(account)["features"]) == (False, {})


@pytest.mark.django_db
@pytest.mark.fr("B-17")
def test_a_blocked_account_may_not_use_what_it_is_granted() -> None:
    clock = clocked()
    account, _ = debtor(clock)
    days_later(clock, 15)
    found = asked(account, "sso")
    assert (found["allowed"], found["reason"], found["overdue_status"]) == (False, "overdue", "BLOCKED")


@pytest.mark.django_db
@pytest.mark.parametrize(("query", "status"), [("feature=" + "x" * 101, 422), ("other=1", 422), ("feature=%00", 422)])
def test_what_is_no_feature_is_refused(query: str, status: int) -> None:
    assert Api().get(f"/accounts/{make_account().pk}/access?{query}").status_code == status


@pytest.mark.django_db
@pytest.mark.fr("B-17")
def test_it_is_as_many_queries_however_many_subscriptions_there_are() -> None:
    account, api = make_account(), Api()
    path = f"/accounts/{account.pk}/access?feature=seats"

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert api.get(path).status_code == 200
        return len(captured)

    api.get(path)
    few = queries()
    for number in range(5):
        subscribed(account, f"plan-{number}", seats=number)
    # Asked for the first time since, it is read and kept; then once more than the key alone.
    assert queries() > few == queries() == 2


@pytest.mark.django_db
@pytest.mark.fr("B-17")
def test_what_is_kept_is_right_after_whatever_is_done_to_a_subscription() -> None:
    account = make_account()
    plan, other = make_plan(key="base", features={"seats": 5}), make_plan(key="large", features={"seats": 50})
    verbs: list[Callable[[UUID, datetime], Any]] = [
        lambda id, at: change(subscription_id=id, plan_id=other.pk, at=at, actor=ACTOR),
        lambda id, at: pause(subscription_id=id, at=at, actor=ACTOR),
        lambda id, at: resume(subscription_id=id, at=at, actor=ACTOR),
        lambda id, at: cancel(subscription_id=id, at_period_end=True, at=at, actor=ACTOR),
        lambda id, at: uncancel(subscription_id=id, at=at, actor=ACTOR),
        lambda id, at: cancel(subscription_id=id, at_period_end=False, at=at, actor=ACTOR),
    ]
    assert asked(account)["features"] == {}
    one = make_subscription(account=account, plan=plan)
    found = [asked(account)["features"].get("seats")]
    for day, verb in enumerate(verbs, start=2):
        verb(one.pk, AT.replace(day=day))
        found.append(asked(account)["features"].get("seats"))
        assert broken() == []
    assert found == [5, 50, None, 50, 50, 50, None]


def test_whatever_changes_a_subscription_is_heard() -> None:
    """A trial may end with other terms, and only that it ended is announced."""
    told = {each.type for each in vars(subscription_events).values() if hasattr(each, "type")}
    changing = {type for type in told if type.startswith("subscription.")} - {"subscription.trial_will_end"}
    assert set(subscriber("dunning.entitlements").types) == changing


@pytest.mark.django_db
@pytest.mark.fr("B-17")
def test_a_trial_that_ends_with_another_plan_grants_what_that_one_grants() -> None:
    account = make_account()
    plan, other = make_plan(key="base", features={"seats": 5}), make_plan(key="large", features={"seats": 50})
    one = make_subscription(account=account, plan=plan, trial_days=7)
    change(subscription_id=one.pk, plan_id=other.pk, effective="period_end", at=AT, actor=ACTOR)
    assert asked(account)["features"] == {"seats": 5}
    due.run(AT + timedelta(days=8), Scope())
    one.refresh_from_db()
    assert (one.status, one.plan_id) == ("ACTIVE", other.pk)
    assert asked(account)["features"] == {"seats": 50}
    assert broken() == []


def test_while_somebody_changes_the_account_it_is_answered_and_not_kept(committed_db: str) -> None:
    account = make_account()
    one = subscribed(account, "base", seats=5)
    changed, looked = threading.Event(), threading.Event()

    def changing() -> None:
        try:
            with unit_of_work(ACTOR):
                cancel(subscription_id=one.pk, at_period_end=False, at=AT, actor=ACTOR)
                changed.set()
                assert looked.wait(10)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as other:
        done = other.submit(changing)
        assert changed.wait(10)
        # Not committed: it holds what held before; and it waits for nobody.
        assert asked(account)["features"] == {"seats": 5}
        assert not Entitlement.objects.exists()
        looked.set()
        done.result()
    assert asked(account)["features"] == {}
    assert Entitlement.objects.get().granted == []


def test_nobody_changes_a_subscription_between_reading_and_keeping(
    committed_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = make_account()
    one = subscribed(account, "base", seats=5)
    ended = threading.Event()

    def ending() -> None:
        try:
            cancel(subscription_id=one.pk, at_period_end=False, at=AT, actor=ACTOR)
            ended.set()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as other:
        submitted = []

        def slowly(account_id: UUID) -> list[dict[str, Any]]:
            found = granted(account_id)
            submitted.append(other.submit(ending))
            assert not ended.wait(0.5), "it was changed after it was read"
            return found

        monkeypatch.setattr(entitle, "granted", slowly)
        assert asked(account)["features"] == {"seats": 5}
        submitted[0].result()
        monkeypatch.undo()
    assert not Entitlement.objects.exists()
    assert asked(account)["features"] == {}


@pytest.mark.django_db
def test_a_preview_forgets_nothing() -> None:
    account, api = make_account(), Api()
    subscribed(account, "base", seats=5)
    asked(account)
    plan = make_plan(key="more", features={"seats": 9})
    wish = {"account_id": str(account.pk), "plan_id": str(plan.pk)}
    assert api.post("/subscriptions/preview", wish).status_code == 200
    assert asked(account)["features"] == {"seats": 5}
    assert Entitlement.objects.get().granted == [{"seats": 5}]
