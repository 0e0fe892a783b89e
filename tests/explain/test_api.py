"""GET /v1/invoices/{id}/explain"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from apps.invoices.models import Invoice
from apps.subscriptions.actions.change import change
from tests.accounts.calls import Api
from tests.explain.holding import unexplained
from tests.factories.accounts import make_account
from tests.factories.coupons import make_coupon
from tests.factories.plans import make_plan
from tests.factories.subscriptions import ACTOR, make_subscription
from tests.factories.tax import registered

pytestmark = [pytest.mark.django_db, pytest.mark.fr("B-03")]

APRIL = datetime(2026, 4, 1, 9, tzinfo=UTC)
FIFTEENTH = APRIL + timedelta(days=14)


@pytest.fixture
def api(db: None) -> Api:
    return Api()


def explained(api: Api, invoice: Invoice) -> dict[str, Any]:
    answer = api.get(f"/invoices/{invoice.pk}/explain")
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def newest() -> Invoice:
    return Invoice.objects.order_by("-pk")[0]


def test_a_change_in_the_middle_of_a_month(api: Api) -> None:
    registered("DE")
    small, large = (make_plan(name=name, prices={"EUR": price}) for name, price in (("Small", 4900), ("Large", 9900)))
    made = make_subscription(account=make_account(country="DE", currency="EUR"), plan=small, at=APRIL)
    change(subscription_id=made.pk, plan_id=large.pk, at=FIFTEENTH, actor=ACTOR)
    found = explained(api, newest())
    assert [line["sentence"] for line in found["lines"]] == [
        "16 of 30 days are not used (15 Apr 2026 to 30 Apr 2026): 49.00 EUR x 16/30 = 26.133333, rounded 26.13 EUR, "
        "credited. VAT DE 19 % on -26.13 EUR: -4.96 EUR.",
        "99.00 EUR x 16 of 30 days (15 Apr 2026 to 30 Apr 2026) = 52.80 EUR. VAT DE 19 % on 52.80 EUR: 10.03 EUR.",
    ]
    assert (found["sentence"], found["holds"]) == ("Lines 26.67 EUR, plus tax 5.07 EUR: 31.74 EUR.", True)
    credit = found["lines"][0]
    assert credit["days"] == {"start": "2026-04-15", "end": "2026-05-01", "days": 16, "full_days": 30, "before": 0}
    assert (credit["catalogue_price"], credit["unit_amount"], credit["gross"]) == (4900, "4900", -2613)
    assert credit["reverses_line_id"] == str(Invoice.objects.order_by("pk")[0].lines.get().pk)
    assert found["tax_groups"][0] | {"reason": None} == {
        "jurisdiction": "DE", "rate": "19", "category": "standard", "reason": None, "taxable_amount": 2667,
        "amount": 507,
    }  # fmt: skip


def test_a_coupon_within_an_inclusive_price_and_yen(api: Api) -> None:
    registered("DE")
    plan = make_plan(prices={"JPY": 1980}, tax_behavior="inclusive")
    code = make_coupon(code="HALF", percent_off=Decimal(50)).code
    make_subscription(account=make_account(country="DE", currency="JPY"), plan=plan, at=APRIL, quantity=3, coupon=code)
    (line,) = explained(api, newest())["lines"]
    assert line["sentence"] == (
        "1980 JPY x 3 for 1 Apr 2026 to 30 Apr 2026, a full period of 30 days = 5940 JPY. Coupon HALF takes 50 % off: "
        "-2970 JPY. VAT DE 19 % within the price: 474 JPY, which leaves 2496 JPY net."
    )
    assert unexplained() == []


def test_what_goes_to_the_balance(api: Api) -> None:
    year, month = make_plan(prices={"USD": 99900}, interval="year"), make_plan(prices={"USD": 9900})
    made = make_subscription(account=make_account(country="US"), plan=year, at=datetime(2026, 1, 10, 9, tzinfo=UTC))
    change(subscription_id=made.pk, plan_id=month.pk, at=datetime(2026, 6, 20, 9, tzinfo=UTC), actor=ACTOR)
    found = explained(api, newest())
    assert [(line["kind"], line["amount"]) for line in found["lines"]] == [
        ("proration_credit", -55835), ("recurring", 9900), ("credit_to_balance", 45935),
    ]  # fmt: skip
    assert found["lines"][2]["sentence"] == (
        "The other lines come to -459.35 USD, tax included; it is moved to the account's credit."
    )
    assert found["lines"][0]["tax"]["reason"] == "not_registered"
    assert found["total"] == 0
    assert found["holds"]


def test_refusals(api: Api) -> None:
    assert api.get("/invoices/01890000-0000-7000-8000-000000000000/explain").status_code == 404
    make_subscription(at=APRIL)
    path = f"/invoices/{newest().pk}/explain"
    assert api.post(path, {}).status_code == 405
