"""Current usage over the API: what was used by now and what it would cost, in a fixed number of queries."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.kernel import clock
from apps.subscriptions.models import Subscription
from apps.usage.actions.record import record
from tests.accounts.calls import Api
from tests.factories.plans import make_plan
from tests.factories.subscriptions import make_subscription
from tests.factories.usage import event
from tests.subscriptions.test_usage import TIERS

pytestmark = [pytest.mark.django_db, pytest.mark.fr("FR-074")]


def begun(**price: Any) -> Subscription:
    charge = {"key": "calls", "metric": "api_calls", "model": "graduated", "prices": {"USD": {"tiers": TIERS, **price}}}
    return make_subscription(plan=make_plan(charges=[charge]), at=clock.wall() - timedelta(days=3))


def use(made: Subscription, quantity: int) -> None:
    sent = event(made.pk, quantity=quantity, timestamp=clock.wall() - timedelta(minutes=1))
    assert not record([sent], at=clock.wall()).refused


def test_it_shows_what_was_used_and_what_it_would_cost() -> None:
    made = begun(minimum=99999)
    use(made, 1000)
    use(made, 345)
    api = Api()
    shown = api.get(f"/subscriptions/{made.pk}/usage").json()
    (charge,) = shown["charges"]
    assert (charge["quantity"], charge["events"], charge["amount"], charge["billed"]) == ("1345", 2, 345, 0)
    assert [part["amount"] for part in charge["breakdown"]] == [0, 345]
    assert shown["estimated"] == charge["minimum"] > 345
    upcoming = api.get(f"/invoices/upcoming?subscription_id={made.pk}").json()["invoice"]
    assert [(line["kind"], line["estimated"]) for line in upcoming["lines"]] == [
        ("recurring", False), ("usage", True), ("minimum", True),
    ]  # fmt: skip
    with CaptureQueriesContext(connection) as few:
        api.get(f"/subscriptions/{made.pk}/usage")
    for _ in range(30):
        use(made, 1)
    with CaptureQueriesContext(connection) as many:
        api.get(f"/subscriptions/{made.pk}/usage")
    assert len(few) == len(many) <= 14


def test_without_a_meter_there_is_nothing() -> None:
    shown = Api().get(f"/subscriptions/{make_subscription().pk}/usage").json()
    assert (shown["charges"], shown["estimated"]) == ([], 0)


@pytest.mark.parametrize(("role", "status"), [("finance_viewer", 200), ("support_rep", 200), (None, 401)])
def test_who_may_look(role: str | None, status: int) -> None:
    assert Api(role).get(f"/subscriptions/{make_subscription().pk}/usage").status_code == status


def test_an_unknown_subscription_is_not_found() -> None:
    assert Api().get("/subscriptions/01a22181-8894-7e1a-8a62-cda18fbb7298/usage").status_code == 404


@pytest.mark.fr("B-02")
def test_a_preview_holds_while_usage_goes_on() -> None:
    made = begun()
    use(made, 2000)
    api = Api()
    shown = api.post(f"/subscriptions/{made.pk}/cancel", {"preview": True}).json()
    assert [(line["kind"], line["estimated"]) for line in shown["invoice"]["lines"]] == [
        ("proration_credit", False), ("usage", True), ("credit_to_balance", False),
    ]  # fmt: skip
    use(made, 500)
    done = api.post(f"/subscriptions/{made.pk}/cancel", {}, If_Match=f'"{shown["hash"]}"')
    assert (done.status_code, done.json()["status"]) == (200, "CANCELLED")
    assert "estimated" not in done.json()["latest_invoice"]["lines"][1]
    following = api.post("/subscriptions/preview", {"account_id": str(made.account_id), "plan_id": str(made.plan_id)})
    assert [line["estimated"] for line in following.json()["next_invoice"]["lines"]] == [False]
