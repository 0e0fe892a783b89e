"""What plans grant, asked at every door: by one call, right with the commit that changed it."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Account
from apps.dunning.rules import combined
from apps.kernel.actors import system
from apps.subscriptions.actions.cancel import cancel
from apps.subscriptions.actions.pause import pause
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
    assert queries() == few
