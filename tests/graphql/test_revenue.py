"""`mrr` and `accountMrr`: the figures of the gauges, for whoever may read analytics, at a bounded cost."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from graphql import parse

from apps.access.rules import Role, may
from apps.analytics import readings
from apps.graphql.limits import SUMMED, measure
from apps.graphql.schema import schema
from apps.subscriptions.actions.cancel import cancel
from tests.factories.coupons import make_coupon
from tests.factories.invoices import payer
from tests.factories.plans import make_plan
from tests.factories.subscriptions import ACTOR, AT, make_subscription
from tests.graphql.conftest import Ask, asking, key_of

pytestmark = pytest.mark.django_db

OF_ACCOUNT = "query ($id: ID!) { accountMrr(accountId: $id) { accountId currency amount } }"


def sold(amount: int, quantity: int = 1, currency: str = "USD", account_id: UUID | None = None, **plan: str) -> UUID:
    """The account that has it."""
    account = payer(currency=currency) if account_id is None else None
    made = make_plan(key=f"plan-{uuid4().hex[:8]}", prices={currency: amount}, **plan)
    return make_subscription(account=account, plan=made, quantity=quantity).account_id


@pytest.mark.fr("FR-117")
def test_revenue_of_a_currency_is_what_the_gauges_say(ask: Ask) -> None:
    sold(99_900, 12, interval="year")
    sold(4_900, 3)
    sold(5_000, currency="JPY")
    answer = ask('{ usd: mrr(currency: "USD") { currency amount customers } jpy: mrr(currency: "JPY") { amount } }')
    assert answer["data"] == {"usd": {"currency": "USD", "amount": 114_600, "customers": 2}, "jpy": {"amount": 5_000}}
    assert {labels[0]: value for labels, value in readings.mrr()} == {"USD": 1146.0, "JPY": 5000.0}


def test_a_currency_of_nobody_is_nothing_and_one_of_nowhere_is_refused(ask: Ask) -> None:
    assert ask('{ mrr(currency: "CHF") { amount customers } }')["data"]["mrr"] == {"amount": 0, "customers": 0}
    for code in ("usd", "XXY", "", "x" * 1000):
        answer = ask("query ($code: String!) { mrr(currency: $code) { amount } }", code=code)
        assert answer["data"] == {"mrr": None}
        assert answer["errors"][0]["extensions"]["code"] == "currency_unknown"
        assert len(answer["errors"][0]["message"]) < 100


@pytest.mark.fr("FR-117")
def test_revenue_of_an_account_is_of_its_subscriptions_alone(ask: Ask) -> None:
    account = payer(currency="EUR")
    coupon = make_coupon(percent_off=Decimal("33.33"), duration="forever")
    plans = [make_plan(key=f"p{n}", prices={"EUR": amount}) for n, amount in enumerate((9_999, 2_000, 700))]
    make_subscription(account=account, plan=plans[0], coupon=coupon.code)
    make_subscription(account=account, plan=plans[1], quantity=2)
    make_subscription(account=account, plan=plans[2], trial_days=14)
    sold(8_000, currency="EUR")
    answer = ask(OF_ACCOUNT, id=str(account.pk))
    # 9,999 less a third is 6,666.33 a month: rounded once, at the end.
    assert answer["data"]["accountMrr"] == {"accountId": str(account.pk), "currency": "EUR", "amount": 6_666 + 4_000}
    whole = ask('{ mrr(currency: "EUR") { amount customers } }')["data"]["mrr"]
    assert whole == {"amount": 6_666 + 4_000 + 8_000, "customers": 2}
    idle = payer(currency="KWD")
    assert ask(OF_ACCOUNT, id=str(idle.pk))["data"]["accountMrr"]["amount"] == 0


@pytest.mark.parametrize("id", ["018f0000-0000-7000-8000-000000000000", "", "x"])
def test_an_account_that_is_not_there_is_null(ask: Ask, id: str) -> None:
    assert ask(OF_ACCOUNT, id=id) == {"data": {"accountMrr": None}}


@pytest.mark.fr("FR-139")
@pytest.mark.parametrize("role", list(Role))
def test_the_row_analytics_of_the_role_table_decides(role: Role) -> None:
    account = sold(1_000)
    ask = asking(key_of(role))
    answers = [ask('{ mrr(currency: "USD") { amount } }'), ask(OF_ACCOUNT, id=str(account))]
    for answer, name in zip(answers, ("mrr", "accountMrr"), strict=True):
        if may(role, "analytics", "read"):
            assert answer["data"][name]["amount"] == 1_000
        else:
            assert answer["data"] == {name: None}
            assert answer["errors"][0]["extensions"]["code"] == "forbidden"


def test_many_at_once_cost_the_queries_of_one(ask: Ask) -> None:
    ids = [sold(1_000) for _ in range(6)]
    ask("{ __typename }")  # the key's use is written once a minute

    def queries(number: int) -> int:
        fields = " ".join(f'a{n}: accountMrr(accountId: "{id}") {{ amount }}' for n, id in enumerate(ids[:number]))
        sums = " ".join(f'm{n}: mrr(currency: "USD") {{ amount }}' for n in range(number))
        with CaptureQueriesContext(connection) as asked:
            answer = ask(f"{{ {fields} {sums} }}")
        assert "errors" not in answer, answer
        assert {each["amount"] for each in answer["data"].values()} == {1_000, 6_000}
        return len(asked)

    assert queries(1) == queries(6)


def test_what_it_costs(ask: Ask) -> None:
    for query, cost in (('{ mrr(currency: "USD") { amount } }', SUMMED["mrr"]), (
        '{ accountMrr(accountId: "x") { amount } }', SUMMED["accountMrr"],
    ), ('{ churn(currency: "USD") { customerRate } }', SUMMED["churn"])):  # fmt: skip
        document = parse(query)
        assert measure(schema.graphql_schema, document, document.definitions[0], {}).cost == cost  # type: ignore[arg-type]
    fields = " ".join(f'm{n}: mrr(currency: "USD") {{ amount }}' for n in range(11))
    assert ask(f"{{ {fields} }}")["errors"][0]["extensions"]["code"] == "graphql_too_costly"


@pytest.mark.fr("FR-118")
def test_churn_of_a_month_is_what_the_route_says(ask: Ask) -> None:
    ends = make_subscription(account=payer(), plan=make_plan(key="ends", prices={"USD": 4900}))
    cancel(subscription_id=ends.pk, at=AT + timedelta(days=40), actor=ACTOR)
    query = """query ($currency: String!, $month: String, $clock: ID) {
        churn(currency: $currency, month: $month, testClockId: $clock) {
            period customers customersVoluntary customerRate revenue revenueChurned revenueRate } }"""
    assert ask(query, currency="USD", month="2026-05")["data"]["churn"] == {
        "period": "2026-05", "customers": 1, "customersVoluntary": 1, "customerRate": "1.0000", "revenue": 4900,
        "revenueChurned": 4900, "revenueRate": "1.0000",
    }  # fmt: skip
    assert ask(query, currency="USD")["data"]["churn"]["customers"] == 0, "of this month"
    assert ask(query, currency="EUR", month="2026-05")["data"]["churn"] is None
    for given, code in (
        ({"currency": "usd"}, "currency_unknown"), ({"currency": "USD", "month": "2026-13"}, "parameter_invalid"),
        ({"currency": "USD", "clock": "x"}, "test_clock_unknown"),
    ):  # fmt: skip
        assert ask(query, **given)["errors"][0]["extensions"]["code"] == code
