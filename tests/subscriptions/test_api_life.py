"""PATCH, cancel and uncancel of /v1/subscriptions as callers see them."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.invoices.models import Invoice
from apps.kernel import clock
from apps.subscriptions.actions.cancel import cancel
from tests.accounts.calls import Api, faults
from tests.factories.plans import make_plan
from tests.factories.subscriptions import ACTOR, make_subscription

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(db: None) -> Api:
    return Api()


def path(**fields: Any) -> str:
    """A subscription of today."""
    return f"/subscriptions/{make_subscription(at=clock.wall(), **fields).pk}"


@pytest.mark.fr("FR-039", "FR-041")
def test_patch_answers_with_the_invoice_of_the_change(api: Api) -> None:
    made = path()
    answer = api.patch(made, {"quantity": 3, "metadata": {"team": "x"}}, If_Match='"v-1"')
    shown = answer.json()
    assert (answer.status_code, answer["ETag"], shown["quantity"], shown["metadata"]) == (
        200, '"v-2"', 3, {"team": "x"},
    )  # fmt: skip
    invoice = shown["latest_invoice"]
    # On its first day the invoice is made again.
    assert (invoice["kind"], invoice["total"]) == ("subscription", 14700)
    assert [line["amount"] for line in invoice["lines"]] == [14700]
    assert api.get(made).json() == {**shown, "latest_invoice": invoice["id"]}
    late = api.patch(made, {"quantity": 4}, If_Match='"v-1"')
    assert (late.status_code, late.json()["code"]) == (412, "version_changed")


@pytest.mark.fr("FR-029")
def test_cancel_uncancel_and_cancel_now(api: Api) -> None:
    made = path()
    shown = api.post(f"{made}/cancel", {"at_period_end": True, "reason": "later"}).json()
    assert (shown["cancel_at_period_end"], shown["status"], shown["cancellation_reason"]) == (True, "ACTIVE", "later")
    assert shown["scheduled_change"] == {
        "kind": "cancel", "due_date": shown["current_period_end"][:10], "plan_id": None, "plan_version": None,
        "quantity": None,
    }  # fmt: skip
    assert api.get(made).json()["scheduled_change"] == shown["scheduled_change"]
    again = api.post(f"{made}/uncancel").json()
    assert (again["cancel_at_period_end"], again["scheduled_change"], again["cancellation_reason"]) == (
        False, None, None,
    )  # fmt: skip
    nothing = api.post(f"{made}/uncancel")
    assert (nothing.status_code, nothing.json()["code"]) == (409, "cancellation_not_scheduled")
    ended = api.post(f"{made}/cancel", {"credit_unused": False}).json()
    assert (ended["status"], ended["next_billing_at"], ended["cancelled_at"] is None) == ("CANCELLED", None, False)
    for call in (api.post(f"{made}/cancel", {}), api.post(f"{made}/uncancel"), api.patch(made, {"quantity": 2})):
        assert (call.status_code, call.json()["code"]) == (409, "already_cancelled")
        assert call.json()["hint"]


def test_faults_of_bodies(api: Api) -> None:
    made = path()
    unknown = api.patch(made, {"plan_id": 7, "plan_version": 0, "status": "ACTIVE", "quantity": 0, "effective": "soon"})
    assert unknown.status_code == 422
    assert faults(unknown) == {
        ("/plan_id", "wrong_type"), ("/plan_version", "too_small"), ("/status", "unknown_field"),
        ("/quantity", "too_small"), ("/effective", "invalid_choice"),
    }  # fmt: skip
    for behavior, code in (("sometimes", "invalid_choice"), (1, "wrong_type")):
        answer = api.patch(made, {"quantity": 2, "proration_behavior": behavior})
        assert (answer.status_code, faults(answer)) == (422, {("/proration_behavior", code)})
    wrong = api.post(f"{made}/cancel", {"at_period_end": "yes", "credit_unused": 1, "reason": "x" * 256, "when": "now"})
    assert faults(wrong) == {
        ("/at_period_end", "wrong_type"), ("/credit_unused", "wrong_type"), ("/reason", "too_long"),
        ("/when", "unknown_field"),
    }  # fmt: skip
    assert faults(api.post(f"{made}/uncancel", {"reason": "x"})) == {("/reason", "unknown_field")}
    for verb in ("cancel", "uncancel"):
        assert api.post(f"/subscriptions/{uuid4()}/{verb}", {}).status_code == 404
        assert api.post(f"{made}/{verb}", "{").status_code == 400
    assert Invoice.objects.count() == 1


@pytest.mark.parametrize(
    ("role", "patched", "cancelled"),
    [("billing_admin", 200, 200), ("support_rep", 403, 200), ("finance_viewer", 403, 403), (None, 401, 401)],
)
def test_who_may(role: str | None, patched: int, cancelled: int) -> None:
    made, caller = path(), Api(role)
    assert caller.patch(made, {"quantity": 2}).status_code == patched
    assert caller.post(f"{made}/cancel", {"at_period_end": True}).status_code == cancelled
    assert caller.post(f"{made}/uncancel").status_code == cancelled


def test_a_repeated_call_is_done_once(api: Api) -> None:
    made = path()
    first, second = (api.patch(made, {"quantity": 2}, Idempotency_Key="one") for _ in range(2))
    assert (first.json(), second["Idempotent-Replayed"]) == (second.json(), "true")
    ends = [api.post(f"{made}/cancel", {}, Idempotency_Key="two") for _ in range(2)]
    assert [each.status_code for each in ends] == [200, 200]
    assert ends[0].json() == ends[1].json()
    assert sorted(Invoice.objects.values_list("status", flat=True)) == ["VOID", "VOID"]


def test_query_budgets(api: Api) -> None:
    plan = make_plan()

    def scheduled() -> None:
        made = make_subscription(plan=plan, at=clock.wall())
        cancel(subscription_id=made.pk, at_period_end=True, at=clock.wall(), actor=ACTOR)

    def asked(call: Any) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert call().status_code == 200
        return len(captured)

    scheduled()
    api.get("/subscriptions")
    few = asked(lambda: api.get("/subscriptions?limit=100"))
    for _ in range(10):
        scheduled()
    assert asked(lambda: api.get("/subscriptions?limit=100")) == few <= 5
    made = path(plan=plan)
    budgets = [
        asked(lambda: api.patch(made, {"quantity": 2})),
        asked(lambda: api.post(f"{made}/cancel", {"at_period_end": True})),
        asked(lambda: api.post(f"{made}/uncancel")),
        asked(lambda: api.post(f"{made}/cancel", {})),
    ]
    assert all(count <= 80 for count in budgets), budgets


@pytest.mark.fr("FR-029", "FR-039")
@pytest.mark.parametrize("verb", ["cancel", "cancel at period end", "change"])
def test_if_match_names_what_was_read_before_the_call_caught_up(api: Api, verb: str) -> None:
    """Two periods behind: they are billed by the call, so the version that was read is that of before them."""
    made = f"/subscriptions/{make_subscription(at=clock.wall() - timedelta(days=70)).pk}"

    def call(tag: str) -> Any:
        if verb == "change":
            return api.patch(made, {"quantity": 2}, If_Match=tag)
        return api.post(f"{made}/cancel", {"at_period_end": verb != "cancel"}, If_Match=tag)

    refused = call('"v-7"')
    assert (refused.status_code, refused.json()["code"]) == (412, "version_changed")
    assert (api.get(made)["ETag"], Invoice.objects.count()) == ('"v-1"', 1)  # nothing was billed for a refusal
    assert (call('"v-1"').status_code, api.get(made)["ETag"]) == (200, '"v-4"')
    assert call('"v-1"').status_code == 412
