"""Previews over the API: nothing is written, and what is then done is what was shown."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from apps.events.models import Event
from apps.invoices.models import Invoice, Line, NumberSeries
from apps.kernel import clock
from apps.kernel.periods import local_date
from apps.ledger.models import Entry
from apps.monitoring.invariants import broken
from apps.subscriptions.models import BilledPeriod, Subscription
from tests.accounts.calls import Api, faults
from tests.factories.accounts import make_account
from tests.factories.plans import make_plan
from tests.factories.subscriptions import make_subscription

pytestmark = [pytest.mark.django_db, pytest.mark.fr("B-02", "FR-055")]

TABLES = (Subscription, BilledPeriod, Invoice, Line, NumberSeries, Event, Entry)


@pytest.fixture
def api(db: None) -> Api:
    return Api()


def written() -> list[Any]:
    """All rows of what a change touches."""
    return [sorted(map(str, table.objects.values_list())) for table in TABLES]


def ten_days_ago(**fields: Any) -> str:
    return f"/subscriptions/{make_subscription(at=clock.wall() - timedelta(days=10), **fields).pk}"


def amounts(invoice: dict[str, Any]) -> Any:
    """What counts of an invoice, without ids and numbers."""
    lines = [
        (line["kind"], line["amount"], line["tax_amount"], line["period_start"], line["period_end"])
        for line in invoice["lines"]
    ]
    return invoice["total"], invoice["credits_applied"], invoice["balance"], lines


CHANGES: list[tuple[str, str, dict[str, Any]]] = [
    ("patch", "", {"quantity": 3}),
    ("patch", "", {"quantity": 3, "proration_behavior": "create_prorations"}),
    ("patch", "", {"quantity": 3, "effective": "period_end"}),
    ("post", "/cancel", {}),
    ("post", "/pause", {}),
]


@pytest.mark.parametrize(("method", "verb", "body"), CHANGES, ids=["now", "waits", "later", "cancel", "pause"])
def test_what_is_shown_is_what_is_done(api: Api, method: str, verb: str, body: dict[str, Any]) -> None:
    made = ten_days_ago()
    before = written()
    looked = (
        api.post(f"{made}/preview", body) if method == "patch" else api.post(made + verb, {**body, "preview": True})
    )
    shown = looked.json()
    assert (looked.status_code, written()) == (200, before), shown
    assert set(shown) == {"hash", "invoice", "invoices", "credit_to_balance", "next_invoice"}
    assert shown["hash"].startswith("p-")
    done = getattr(api, method)(made + verb, body, If_Match=f'"{shown["hash"]}"')
    assert done.status_code == 200
    if shown["invoice"] is not None:
        assert amounts(done.json()["latest_invoice"]) == amounts(shown["invoice"])
        assert shown["invoice"]["number"] is None
    else:
        assert Invoice.objects.count() == 1
    assert broken() == []
    again = getattr(api, method)(made + verb, body, If_Match=f'"{shown["hash"]}"')
    assert (again.status_code, again.json()["code"]) in ((412, "preview_changed"), (409, "already_cancelled"), (
        409, "transition_illegal"))  # fmt: skip


def test_the_next_invoice_is_the_renewal(api: Api) -> None:
    made = ten_days_ago()
    shown = api.post(f"{made}/preview", {"quantity": 3, "proration_behavior": "create_prorations"}).json()
    kinds = [line["kind"] for line in shown["next_invoice"]["lines"]]
    assert kinds == ["recurring", "proration_credit", "proration_charge"]
    assert shown["invoice"] is None
    upcoming = api.get(f"/invoices/upcoming?subscription_id={made.rsplit('/', 1)[1]}").json()
    assert [line["amount"] for line in upcoming["invoice"]["lines"]] == [4900]
    assert api.post(f"{made}/cancel", {"preview": True}).json()["next_invoice"] is None


def test_creation(api: Api) -> None:
    account, plan = make_account(at=clock.wall()), make_plan()
    start = local_date(clock.wall(), account.timezone) - timedelta(days=70)
    body = {"account_id": str(account.pk), "plan_id": str(plan.pk), "start_date": str(start)}
    before = written()
    shown = api.post("/subscriptions/preview", body).json()
    assert written() == before
    assert len(shown["invoices"]) == 3
    dearer = str(make_plan(prices={"USD": 5000}).pk)
    before = written()
    refused = api.post("/subscriptions", {**body, "plan_id": dearer}, If_Match=f'"{shown["hash"]}"')
    assert (refused.status_code, refused.json()["code"]) == (412, "preview_changed")
    assert written() == before
    done = api.post("/subscriptions", body, If_Match=f'"{shown["hash"]}"')
    assert done.status_code == 201
    assert amounts(done.json()["latest_invoice"]) == amounts(shown["invoice"])


def test_a_version_later_it_does_not_hold(api: Api) -> None:
    made = ten_days_ago()
    tag = f'"{api.post(f"{made}/preview", {"quantity": 3}).json()["hash"]}"'
    api.patch(made, {"metadata": {"seen": True}})
    late = api.patch(made, {"quantity": 3}, If_Match=tag)
    assert (late.status_code, late.json()["code"]) == (412, "preview_changed")
    assert api.get(made).json()["quantity"] == 1


def test_void_with_its_replacement(api: Api) -> None:
    made = ten_days_ago()
    invoice = api.get(f"{made}?expand=latest_invoice").json()["latest_invoice"]
    path = f"/invoices/{invoice['id']}/void"
    before = written()
    shown = api.post(path, {"reason": "wrong address", "preview": True}).json()
    assert written() == before
    assert shown["invoice"]["kind"] == "correction"
    done = api.post(path, {"reason": "wrong address"}, If_Match=f'"{shown["hash"]}"').json()
    assert (done["status"], done["void_reason"]) == ("VOID", "wrong address")
    assert done["replacement"]["replaces_id"] == invoice["id"]
    assert amounts(done["replacement"]) == amounts(shown["invoice"])
    assert broken() == []
    again = api.post(path, {"reason": "again"})
    assert (again.status_code, again.json()["code"]) == (409, "invoice_is_void")
    assert faults(api.post(path, {})) == {("/reason", "required")}
    assert api.post(f"/invoices/{uuid4()}/void", {"reason": "x"}).status_code == 404


def test_void_that_waives_the_days(api: Api) -> None:
    made = ten_days_ago()
    invoice = api.get(made).json()["latest_invoice"]
    done = api.post(f"/invoices/{invoice}/void", {"reason": "a gift", "replace": False}).json()
    assert (done["status"], done["replacement"]) == ("VOID", None)
    assert BilledPeriod.objects.get(released_by=None).waived
    assert broken() == []


def test_what_credits_another_is_voided_first(api: Api) -> None:
    made = ten_days_ago()
    first = api.get(made).json()["latest_invoice"]
    change = api.patch(made, {"quantity": 3}).json()["latest_invoice"]
    refused = api.post(f"/invoices/{first}/void", {"reason": "x"}).json()
    assert (refused["code"], change["number"] in refused["detail"]) == ("invoice_credited", True)
    assert api.post(f"/invoices/{change['id']}/void", {"reason": "x"}).json()["replacement"] is None
    assert broken() == []
    assert api.post(f"/invoices/{first}/void", {"reason": "x"}).status_code == 200
    assert broken() == []


def test_history_and_what_waits(api: Api) -> None:
    made = ten_days_ago()
    later = api.patch(made, {"quantity": 7, "effective": "period_end"}).json()
    assert (later["quantity"], later["scheduled_change"]["quantity"], later["cancel_at_period_end"]) == (1, 7, False)
    gone = api("delete", f"{made}/scheduled-change").json()
    assert gone["scheduled_change"] is None
    assert api("delete", f"{made}/scheduled-change").status_code == 404
    history = api.get(f"{made}/history").json()
    assert [each["event_type"] for each in history["data"]] == [
        "subscription.updated", "subscription.updated", "subscription.created",
    ]  # fmt: skip


def test_pause_takes_a_date_or_an_instant(api: Api) -> None:
    made = ten_days_ago()
    today = clock.wall().date()
    late = api.post(f"{made}/pause", {"resume_at": str(today + timedelta(days=100))})
    assert (late.status_code, faults(late)) == (422, {("/resume_at", "resume_at_outside")})
    paused = api.post(f"{made}/pause", {"resume_at": f"{today + timedelta(days=20)}T10:00:00Z"}).json()
    assert (paused["status"], paused["next_billing_at"]) == ("PAUSED", None)
    assert paused["pause_resumes_at"][:10] == str(today + timedelta(days=20))
    resumed = api.post(f"{made}/resume", {}).json()
    assert (resumed["status"], resumed["paused_at"], resumed["pause_resumes_at"]) == ("ACTIVE", None, None)
    assert broken() == []


def test_upcoming_needs_a_subscription(api: Api) -> None:
    for query in ("", "?subscription_id=x", f"?subscription_id={uuid4()}"):
        answer = api.get(f"/invoices/upcoming{query}")
        assert (answer.status_code, faults(answer)) == (422, {("?subscription_id", "subscription_unknown")})


def test_no_lock_of_the_series_is_taken(api: Api) -> None:
    made = ten_days_ago()
    with connection.cursor() as cursor:
        cursor.execute("SELECT last FROM invoices_numberseries")
        last = cursor.fetchall()
        api.post(f"{made}/preview", {"quantity": 9})
        cursor.execute("SELECT last FROM invoices_numberseries")
        assert cursor.fetchall() == last
