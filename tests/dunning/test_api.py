"""Access, holds and history as callers see them."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.dunning.access import access
from apps.dunning.actions.hold import hold
from tests.accounts.calls import Api, faults
from tests.factories.accounts import make_account
from tests.factories.dunning import ACTOR, clocked, days_later, debtor, give_up, pay
from tests.factories.plans import make_plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(db: None) -> Api:
    return Api()


@pytest.mark.fr("FR-086")
def test_access_through_a_life(api: Api) -> None:
    clock = clocked()
    account, one = debtor(clock)
    path = f"/accounts/{account.pk}/access"
    assert api.get(path).json() == {
        "account_id": str(account.pk), "allowed": True, "reason": None, "overdue_status": "CURRENT", "since": None,
        "invoice_id": None, "due_date": None, "days_overdue": 0, "dispute_hold": False, "url": f"/v1{path}",
        "features": {},
    }  # fmt: skip
    days_later(clock, 8)
    warned = api.get(path).json()
    assert (warned["allowed"], warned["overdue_status"], warned["reason"]) == (True, "WARNING", "overdue")
    assert (warned["days_overdue"], warned["invoice_id"], warned["due_date"]) == (8, str(one.pk), "2026-03-01")
    days_later(clock, 14)
    blocked = api.get(path).json()
    assert (blocked["allowed"], blocked["reason"], blocked["since"]) == (False, "overdue", "2026-03-15T00:00:00Z")
    pay(one, clock.frozen_time)
    restored = api.get(path).json()
    assert (restored["allowed"], restored["reason"], restored["since"]) == (True, None, None)


@pytest.mark.fr("FR-085")
def test_exhausted_retries_are_said_and_no_subscription_is_sold(api: Api) -> None:
    clock = clocked()
    account, one = debtor(clock)
    give_up(one, clock.frozen_time)
    assert api.get(f"/accounts/{account.pk}/access").json()["reason"] == "retries_exhausted"
    wish = {"account_id": str(account.pk), "plan_id": str(make_plan().pk)}
    refused = api.post("/subscriptions", wish)
    assert (refused.status_code, refused.json()["code"]) == (409, "account_blocked")
    pay(one, clock.frozen_time)
    assert api.post("/subscriptions", wish).status_code == 201


def test_access_is_a_few_queries() -> None:
    account = make_account()
    access(account.pk)
    with CaptureQueriesContext(connection) as captured:
        access(account.pk)
    assert len(captured) == 1
    clock = clocked()
    behind, _ = debtor(clock)
    days_later(clock, 14)
    access(behind.pk)
    with CaptureQueriesContext(connection) as captured:
        access(behind.pk)
    assert len(captured) == 3


@pytest.mark.fr("FR-088", "FR-089")
def test_hold_release_and_history(api: Api) -> None:
    clock = clocked()
    account, _ = debtor(clock, card=True)
    path = f"/accounts/{account.pk}/dispute-hold"
    held = api("put", path, {"reason": "Disputes the seats"})
    assert held.status_code == 200
    assert (held.json()["reason"], held.json()["placed_by"]) == ("Disputes the seats", api.actor)
    assert api.get(f"/accounts/{account.pk}").json()["dispute_hold"] is True
    assert api("put", path, {"reason": "Disputes the seats"}).json()["id"] == held.json()["id"]
    other = api("put", path, {"reason": "Another"})
    assert (other.status_code, other.json()["code"]) == (409, "on_hold_already")
    assert api("delete", path).status_code == 204
    again = api("delete", path)
    assert (again.status_code, again.json()["code"]) == (409, "not_on_hold")
    days_later(clock, 14)
    shown = api.get(f"/accounts/{account.pk}/dunning-history?limit=2").json()
    assert [(each["kind"], each["status_after"]) for each in shown["data"]] == [
        ("state", "BLOCKED"), ("release", "CURRENT"),
    ]  # fmt: skip
    assert shown["has_more"] is True
    assert shown["data"][1]["actor"] == api.actor


def test_faults(api: Api) -> None:
    account = make_account()
    path = f"/accounts/{account.pk}/dispute-hold"
    assert faults(api("put", path, {"reason": "", "x": 1})) == {("/reason", "blank"), ("/x", "unknown_field")}
    assert faults(api("put", path, {"reason": "x" * 501})) == {("/reason", "too_long")}
    assert api("put", path, "{").status_code == 400
    for path in ("access", "dunning-history", "dispute-hold"):
        method = "delete" if path == "dispute-hold" else "get"
        assert api(method, f"/accounts/{uuid4()}/{path}").status_code == 404
        assert api(method, f"/accounts/none/{path}").status_code == 404


@pytest.mark.parametrize(
    ("role", "read", "held"),
    [("billing_admin", 200, 403), ("support_rep", 200, 200), ("finance_viewer", 200, 403), (None, 401, 401)],
)
def test_who_may(role: str | None, read: int, held: int) -> None:
    account, caller = make_account(), Api(role)
    assert caller.get(f"/accounts/{account.pk}/access").status_code == read
    assert caller.get(f"/accounts/{account.pk}/dunning-history").status_code == read
    assert caller("put", f"/accounts/{account.pk}/dispute-hold", {"reason": "Why"}).status_code == held


def test_a_repeated_request_holds_once(api: Api) -> None:
    account = make_account()
    path = f"/accounts/{account.pk}/dispute-hold"
    hold(account_id=account.pk, reason="Disputes it", actor=ACTOR)
    first = api("delete", path, Idempotency_Key="one")
    assert first.status_code == api("delete", path, Idempotency_Key="one").status_code == 204
