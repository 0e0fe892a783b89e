"""A subscription of a business of another member state: previewed, billed, left and explained without tax."""

from datetime import timedelta
from typing import Any

import pytest

from apps.accounts.models import Account
from apps.explain import queries
from apps.explain.replaying import replayed
from apps.invoices.models import Invoice, Line
from apps.invoices.rules import LineKind
from apps.kernel import clock
from apps.plans.models import Plan
from apps.tax.vat_rules import Status
from tests.accounts.calls import Api
from tests.factories.accounts import make_account
from tests.factories.plans import make_plan
from tests.factories.subscriptions import make_subscription
from tests.factories.tax import answered, registered, seated

pytestmark = [pytest.mark.django_db, pytest.mark.fr("FR-100")]

FRENCH = "FR40303265045"


@pytest.fixture
def body() -> dict[str, Any]:
    """A plan at 45 euros for a French business, whose consumers would be charged tax."""
    seated("DE")
    registered("DE")
    registered("FR")
    account = make_account(tax_id=FRENCH, country="FR", currency="EUR", timezone="Europe/Paris")
    return {"account_id": str(account.pk), "plan_id": str(make_plan(prices={"EUR": 4500}).pk)}


def taxes(invoice: dict[str, Any]) -> list[tuple[int, int, str | None]]:
    return [(row["taxable_amount"], row["amount"], row["reason"]) for row in invoice["tax_breakdown"]]


def test_what_is_previewed_is_billed_and_an_answer_in_between_is_noticed(body: dict[str, Any]) -> None:
    api = Api()
    pending = api.post("/subscriptions/preview", body).json()
    assert taxes(pending["invoice"]) == [(4500, 900, None)]
    answered(FRENCH)
    late = api.post("/subscriptions", body, If_Match=f'"{pending["hash"]}"')
    assert (late.status_code, Invoice.objects.count()) == (412, 0)
    shown = api.post("/subscriptions/preview", body).json()
    assert taxes(shown["invoice"]) == [(4500, 0, "reverse_charge")]
    done = api.post("/subscriptions", body, If_Match=f'"{shown["hash"]}"')
    assert done.status_code == 201, done.content
    assert taxes(done.json()["latest_invoice"]) == [(4500, 0, "reverse_charge")]


def test_days_are_given_back_as_they_were_charged(body: dict[str, Any]) -> None:
    api = Api()
    answered(FRENCH)
    account, plan = Account.objects.get(), Plan.objects.get()
    made = make_subscription(account=account, plan=plan, at=clock.wall() - timedelta(days=10))
    answered(FRENCH, Status.INVALID)
    left = api.post(f"/subscriptions/{made.pk}/cancel", {"credit_unused": True})
    assert left.status_code == 200, left.content
    given = Line.objects.get(kind=LineKind.PRORATION_CREDIT)
    assert given.amount < 0
    assert (given.tax_amount, given.tax_reason, given.tax_jurisdiction) == (0, "reverse_charge", "FR")


def test_its_cents_are_explained_and_derived_again(body: dict[str, Any]) -> None:
    api = Api()
    answered(FRENCH)
    invoice = api.post("/subscriptions", body).json()["latest_invoice"]
    explained = api.get(f"/invoices/{invoice['id']}/explain")
    assert "the customer owes it (reverse charge)" in explained.content.decode()
    (held,) = queries.inputs(list(Invoice.objects.all()))
    assert list(replayed(held)) == []
