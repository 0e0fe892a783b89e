"""/v1/subscriptions as callers see it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Account
from apps.audit.models import Entry
from apps.clocks.actions import create as make_clock
from apps.events.models import Event
from apps.invoices.models import Invoice
from apps.kernel import clock
from apps.kernel.money import MAX_AMOUNT
from apps.kernel.periods import local_date
from apps.payments.models import Payment
from apps.plans.models import Plan
from apps.subscriptions.models import Subscription
from tests.accounts.calls import Api, faults
from tests.factories.accounts import make_account
from tests.factories.coupons import make_coupon
from tests.factories.plans import make_plan
from tests.factories.subscriptions import ACTOR, make_subscription, with_card

pytestmark = pytest.mark.django_db

LATER = {
    "cancel_at_period_end": False, "cancelled_at": None, "cancellation_reason": None, "paused_at": None,
    "pause_resumes_at": None, "scheduled_change": None, "ends_on": None, "coupons": [],
}  # fmt: skip


@pytest.fixture
def api(db: None) -> Api:
    return Api()


def body(**fields: Any) -> dict[str, Any]:
    named = {"account_id": None, "plan_id": None, **fields}
    account = named["account_id"] or str(make_account(timezone="Pacific/Auckland").pk)
    return {**named, "account_id": account, "plan_id": named["plan_id"] or str(make_plan().pk)}


@pytest.mark.fr("FR-026", "FR-036", "FR-039", "FR-041")
def test_one_call_subscribes_bills_and_wants_to_be_paid(api: Api) -> None:
    account = make_account(timezone="Pacific/Auckland")
    with_card(account)
    asked = body(account_id=str(account.pk), quantity=2, external_key="crm-7", metadata={"team": "x"})
    answer = api.post("/subscriptions", asked)
    assert (answer.status_code, answer["ETag"]) == (201, '"v-1"')
    shown = answer.json()
    invoice = shown.pop("latest_invoice")
    today = str(local_date(clock.wall(), "Pacific/Auckland"))
    assert {name: shown[name] for name in asked} == asked
    assert {name: shown[name] for name in LATER} == LATER
    assert (shown["status"], shown["plan_version"], shown["trial_end"]) == ("ACTIVE", 1, None)
    assert shown["start_date"] == shown["billing_anchor_date"] == today
    assert shown["next_billing_at"] == shown["current_period_end"] > shown["current_period_start"]
    assert (shown["url"], set(shown) - set(asked) - set(LATER)) == (
        f"/v1/subscriptions/{shown['id']}",
        {"id", "status", "plan_version", "start_date", "billing_anchor_date", "trial_end", "current_period_start",
         "current_period_end", "next_billing_at", "created_at", "updated_at", "url"},
    )  # fmt: skip
    assert (invoice["total"], invoice["status"], invoice["issue_date"]) == (9800, "OPEN", today)
    assert invoice == api.get(f"/invoices/{invoice['id']}").json()
    assert invoice["lines"][0]["subscription_id"] == shown["id"]
    assert Payment.objects.get().status == "PENDING"
    # What GET answers, what the event carries and what the list shows is one thing.
    assert api.get(f"/subscriptions/{shown['id']}").json() == {**shown, "latest_invoice": invoice["id"]}
    assert api.get("/subscriptions").json()["data"] == [shown]
    event = Event.objects.get(event_type="subscription.created")
    assert event.data == {"object": shown, "previous_attributes": None}
    assert (event.lane, str(event.account_id)) == ("api", shown["account_id"])


@pytest.mark.fr("FR-026")
def test_the_log_knows_who_did_it(api: Api) -> None:
    identifier = api.post("/subscriptions", body()).json()["id"]
    entry = Entry.objects.get(table_name="subscriptions_subscription", row_id=identifier)
    assert (entry.operation, entry.actor, entry.after["status"]) == ("INSERT", api.actor, "ACTIVE")


@pytest.mark.fr("FR-018")
def test_a_trial_has_no_invoice_yet(api: Api) -> None:
    shown = api.post("/subscriptions", body(trial_days=14)).json()
    assert (shown["status"], shown["latest_invoice"]) == ("TRIAL", None)
    assert api.get(f"/subscriptions/{shown['id']}").json() == shown
    assert shown["trial_end"] == shown["current_period_end"] == shown["next_billing_at"]


@pytest.mark.fr("FR-038")
@pytest.mark.parametrize(
    "wish",
    [
        {"trial_days": 14},
        {"start_date": "2026-05-20", "billing_anchor_date": "2026-06-01"},
        {"coupon": "WELCOME"},
        {"ends_on": "2090-01-01", "metadata": {"team": "x"}, "quantity": 7},
        {"start_date": "2026-05-20", "bill_from": "2026-10-03"},
    ],
)
def test_the_answer_is_what_is_read_afterwards(api: Api, wish: dict[str, Any]) -> None:
    make_coupon(code="WELCOME")
    account = make_account(currency="USD")
    with_card(account)
    plan = make_plan(prices={"USD": 4900})
    shown = api.post("/subscriptions", {"account_id": str(account.pk), "plan_id": str(plan.pk), **wish}).json()
    invoice = shown.pop("latest_invoice")
    read = api.get(f"/subscriptions/{shown['id']}?expand=latest_invoice").json()
    assert (read.pop("latest_invoice"), read) == (invoice, shown)
    if invoice is not None:
        assert invoice == api.get(f"/invoices/{invoice['id']}").json()
    asked = api.get(f"/subscriptions/{shown['id']}").json()
    assert asked["latest_invoice"] == (invoice and invoice["id"])


def test_the_latest_invoice_is_that_of_the_newest_period(api: Api) -> None:
    start = local_date(clock.wall(), "Pacific/Auckland") - timedelta(days=70)
    shown = api.post("/subscriptions", body(start_date=str(start))).json()
    assert Invoice.objects.count() == 3
    assert shown["latest_invoice"]["lines"][0]["period_start"] == shown["current_period_start"]
    assert shown["latest_invoice"]["number"].endswith("-000003")


def test_expansions(api: Api) -> None:
    identifier = api.post("/subscriptions", body()).json()["id"]
    shown = api.get(f"/subscriptions/{identifier}?expand=plan,latest_invoice").json()
    assert shown["plan"] == api.get(f"/plans/{shown['plan_id']}").json()
    assert shown["latest_invoice"]["subscription_id"] == identifier
    assert api.get(f"/subscriptions/{identifier}?expand=secrets").status_code == 422


def test_all_faults_are_told_at_once(api: Api) -> None:
    answer = api.post("/subscriptions", {
        "account_id": 5, "quantity": 0, "trial_days": 731, "start_date": "yesterday", "bill_from": 20260401,
        "billing_anchor_date": "2026-02-30", "external_key": " x", "metadata": [], "quantitty": 2, "status": "ACTIVE",
        "ends_on": "2027-01-01",
    })  # fmt: skip
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    assert {pointer for pointer, _ in faults(answer)} == {
        "/account_id", "/plan_id", "/quantity", "/trial_days", "/start_date", "/bill_from", "/billing_anchor_date",
        "/external_key", "/metadata", "/quantitty", "/status",
    }  # fmt: skip
    codes = dict(faults(answer))
    assert (codes["/account_id"], codes["/plan_id"], codes["/bill_from"], codes["/quantitty"]) == (
        "wrong_type", "required", "wrong_type", "unknown_field",
    )  # fmt: skip
    assert not Subscription.objects.exists()


@pytest.mark.fr("FR-041")
@pytest.mark.parametrize(
    ("quantity", "code"),
    [(0, "too_small"), (-1, "too_small"), (10**9 + 1, "too_large"), (2**63, "too_large"), ("2", "wrong_type"),
     (1.5, "wrong_type"), (True, "wrong_type"), (None, "null_not_allowed")],
)  # fmt: skip
def test_a_quantity_is_a_whole_number_within_bounds(api: Api, quantity: Any, code: str) -> None:
    answer = api.post("/subscriptions", body(quantity=quantity))
    assert (answer.status_code, faults(answer)) == (422, {("/quantity", code)})


def test_refusals_of_the_action(api: Api) -> None:
    account = make_account()
    plan = make_plan()
    dear = make_plan(prices={"USD": MAX_AMOUNT})
    blocked = make_account()
    Account.objects.filter(pk=blocked.pk).update(overdue_status="BLOCKED")
    api.post("/subscriptions", body(account_id=str(account.pk), plan_id=str(plan.pk), external_key="k"))
    tomorrow = str(clock.wall().date() + timedelta(days=2))
    for fields, status, code in (
        ({"account_id": str(uuid4())}, 422, "account_unknown"),
        ({"plan_id": str(uuid4())}, 422, "plan_unknown"),
        ({"account_id": str(account.pk), "plan_id": str(plan.pk)}, 409, "subscription_exists"),
        ({"external_key": "k"}, 409, "external_key_taken"),
        ({"account_id": str(blocked.pk)}, 409, "account_blocked"),
        ({"account_id": str(make_account(currency="JPY").pk)}, 422, "price_missing"),
        ({"plan_id": str(dear.pk), "quantity": 2}, 422, "amount_too_large"),
        ({"start_date": tomorrow}, 422, "start_in_future"),
        ({"start_date": "1900-01-01"}, 422, "too_many_periods"),
        ({"start_date": "2026-01-01", "bill_from": "2025-12-31"}, 422, "bill_from_outside"),
    ):
        answer = api.post("/subscriptions", body(**fields))
        assert (answer.status_code, answer.json()["code"]) == (status, code), fields
        assert answer.json()["hint"]
    Plan.objects.filter(pk=plan.pk).update(active=False)
    assert api.post("/subscriptions", body(plan_id=str(plan.pk))).json()["code"] == "plan_inactive"
    assert Subscription.objects.count() == 1


def test_who_may_what() -> None:
    made = make_subscription()
    path = f"/subscriptions/{made.pk}"
    assert [Api(None).get(path).status_code, Api(None).post("/subscriptions", body()).status_code] == [401, 401]
    for role, status in (("super_admin", 201), ("billing_admin", 201), ("support_rep", 403), ("finance_viewer", 403)):
        caller = Api(role)
        assert caller.get(path).status_code == caller.get("/subscriptions").status_code == 200
        assert caller.post("/subscriptions", body()).status_code == status, role


def test_unknown_paths_methods_and_broken_bodies(api: Api) -> None:
    for path in (f"/subscriptions/{uuid4()}", "/subscriptions/1", "/subscriptions/x%00y"):
        assert api.get(path).status_code == 404
    made = make_subscription()
    assert api("delete", f"/subscriptions/{made.pk}").status_code == 405
    for broken, status in (("{", 400), (b"\xff", 400), ("[]", 422)):
        assert api.post("/subscriptions", broken).status_code == status
    assert api("post", "/subscriptions", body(external_key="a\x00b")).json()["code"] in ("invalid", "invalid_character")


def test_a_repeated_request_is_answered_once_more_and_done_once(api: Api) -> None:
    asked = body()
    first, second = (api.post("/subscriptions", asked, Idempotency_Key="one") for _ in range(2))
    assert (first.status_code, second.status_code, second["Idempotent-Replayed"]) == (201, 201, "true")
    assert second.json() == first.json()
    assert (Subscription.objects.count(), Invoice.objects.count()) == (1, 1)
    other = api.post("/subscriptions", {**asked, "quantity": 2}, Idempotency_Key="one")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.fr("FR-036", "FR-039")
def test_filters(api: Api) -> None:
    one = make_subscription(external_key="k-1", metadata={"team": "x", "size": 5})
    two = make_subscription(trial_days=7)

    def found(query: str) -> list[str]:
        answer = api.get(f"/subscriptions?{query}")
        assert answer.status_code == 200, answer.content
        return [each["id"] for each in answer.json()["data"]]

    assert found("") == [str(two.pk), str(one.pk)]
    for query, wanted in (
        (f"account_id={one.account_id}", one), (f"plan_id={two.plan_id}", two), ("status=TRIAL", two),
        ("status=ACTIVE", one), ("external_key=k-1", one), ("metadata[team]=x", one), ("metadata[size]=5", one),
    ):  # fmt: skip
        assert found(query) == [str(wanted.pk)], query
    assert found("created_before=2020-01-01T00:00:00Z") == []
    for nonsense in ("status=LOST", "account_id=x", "color=red"):
        assert api.get(f"/subscriptions?{nonsense}").status_code in (400, 422)


def test_pages(api: Api) -> None:
    made = [str(make_subscription().pk) for _ in range(3)]
    first = api.get("/subscriptions?limit=2").json()
    rest = api.get(f"/subscriptions?limit=2&cursor={first['next_cursor']}").json()
    assert [each["id"] for each in first["data"] + rest["data"]] == made[::-1]
    assert (first["has_more"], rest["has_more"]) == (True, False)


def queries(call: Any) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert call().status_code in (200, 201)
    return len(captured)


def test_query_budgets(api: Api) -> None:
    plan = make_plan()
    make_subscription(plan=plan)
    api.get("/subscriptions")
    few = queries(lambda: api.get("/subscriptions?limit=100"))
    for _ in range(20):
        make_subscription(plan=plan)
    assert queries(lambda: api.get("/subscriptions?limit=100")) == few <= 5
    once = body(plan_id=str(plan.pk))
    late = body(plan_id=str(plan.pk), start_date=str(clock.wall().date() - timedelta(days=700)))
    # Events of more than a few invoices, and their deliveries, are two statements.
    assert queries(lambda: api.post("/subscriptions", once)) == 24
    assert queries(lambda: api.post("/subscriptions", late)) == 26


@pytest.mark.fr("FR-026")
def test_on_a_test_clock_it_is_the_clocks_day(api: Api) -> None:
    frozen = make_clock(name="c", frozen_time=datetime(2031, 7, 31, 12, tzinfo=UTC), actor=ACTOR)
    shown = api.post("/subscriptions", body(account_id=str(make_account(test_clock_id=frozen.pk).pk))).json()
    assert (shown["start_date"], shown["next_billing_at"]) == ("2031-07-31", "2031-08-31T00:00:00Z")
    assert shown["latest_invoice"]["issue_date"] == "2031-07-31"
