"""Why a bill is not what the one before was: cause by cause, to the last cent, in the customer's language."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.explain.bill_change import _WORDS, LANGUAGES, why_changed
from apps.explain.rules import Derived, DerivedLine, Group, Invoice, Line, Share
from apps.explain.rules.change import Cause, changes
from apps.invoices.document import content
from apps.invoices.document_figures import Figures
from apps.invoices.models import Invoice as Stored
from apps.subscriptions.actions.change import change
from apps.subscriptions.actions.void import void
from apps.subscriptions.due import run
from tests.factories.accounts import make_account
from tests.factories.plans import make_plan
from tests.factories.subscriptions import ACTOR, AT, make_subscription
from tests.factories.tax import registered
from tests.subscriptions.lives import MAY, WALL

SUBSCRIPTIONS = [uuid4() for _ in range(3)]


def line(kind: str, subscription: UUID, unit: int, quantity: int, **fields: Any) -> Line:
    given = {
        "id": uuid4(), "position": 1, "kind": kind, "description": f"{kind} {unit}", "quantity": Decimal(quantity),
        "unit_amount": Decimal(unit), "amount": 0, "discount_amount": 0, "inclusive": False, "jurisdiction": "DE",
        "tax_name": "VAT", "category": "standard", "rate": Decimal(19), "reason": "", "tax_amount": 0,
        "days": (date(2026, 4, 1), date(2026, 5, 1)), "plan_version": 1, "source": {"name": "Pro"},
        "subscription_id": subscription,
    }  # fmt: skip
    return Line(**{**given, **fields})


def bill(lines: Sequence[DerivedLine]) -> Derived:
    tax = sum(each.tax for each in lines)
    net = sum(each.net for each in lines)
    stub = Invoice(
        id=uuid4(), number="n", kind="subscription", currency="EUR", subtotal=0, discount=0, tax=0, total=0,
        lines=[each.line for each in lines], groups=[], rates={},
    )  # fmt: skip
    group = Group(jurisdiction="DE", rate=Decimal(19), category="standard", reason="", taxable_amount=net, amount=tax)
    return Derived(stub, list(lines), [group], [])


@st.composite
def derived_lines(draw: Any) -> DerivedLine:
    kind = draw(st.sampled_from(["recurring", "usage", "minimum", "one_off", "proration_credit", "credit_to_balance"]))
    gross = draw(st.integers(-50_000, 50_000))
    days = draw(st.integers(1, 31))
    made = line(
        kind, draw(st.sampled_from(SUBSCRIPTIONS)), draw(st.integers(0, 9900)), draw(st.integers(1, 9)),
        inclusive=draw(st.booleans()),
        source={"name": draw(st.sampled_from(["Pro", "Max"])), "charge": draw(st.sampled_from(["calls", "seats"]))},
    )  # fmt: skip
    share = Share(days, 31) if kind == "recurring" else None
    return DerivedLine(made, gross, draw(st.integers(-500, 500)), share, tax=draw(st.integers(-900, 900)))


@pytest.mark.fr("B-16")
@given(st.lists(derived_lines(), max_size=6), st.lists(derived_lines(), max_size=6))
def test_the_causes_always_sum_to_the_difference(was: list[DerivedLine], now: list[DerivedLine]) -> None:
    before, after = bill(was), bill(now)
    found = changes(before, after)
    assert sum(each.amount for each in found) == after.total - before.total
    assert all(each.amount for each in found)


def full(unit: int, quantity: int = 1, days: int = 30, of: int = 30, **fields: Any) -> DerivedLine:
    made = line("recurring", SUBSCRIPTIONS[0], unit, quantity, **fields)
    return DerivedLine(made, unit * quantity * days // of, 0, Share(days, of))


@pytest.mark.fr("B-16")
def test_price_quantity_and_days_apart() -> None:
    found = changes(bill([full(1000, 2)]), bill([full(1500, 5, 15)]))
    assert [(each.cause, each.amount, each.before, each.after) for each in found] == [
        (Cause.PRICE, 1000, Decimal(1000), Decimal(1500)),
        (Cause.QUANTITY, 4500, Decimal(2), Decimal(5)),
        (Cause.DAYS, -3750, Decimal(30), Decimal(15)),
    ]
    assert changes(bill([full(1000, days=30)]), bill([full(1000, days=31, of=31)])) == [], "a month is a month"
    moved = changes(bill([full(1000)]), bill([full(4000, source={"name": "Max"})]))
    assert [(each.cause, each.amount, each.before, each.after) for each in moved] == [(Cause.PLAN, 3000, "Pro", "Max")]


def monthly(currency: str = "EUR", **fields: Any) -> Stored:
    """Two bills of one subscription, three seats at first and five then; returns the second."""
    registered("DE")
    plan = make_plan(name="Team", prices={currency: 1000})
    made = make_subscription(
        account=make_account(country="DE", currency=currency, **fields), plan=plan, at=AT, quantity=3
    )
    change(subscription_id=made.pk, quantity=5, effective="period_end", at=AT, actor=ACTOR)
    run(MAY, WALL)
    return Stored.objects.order_by("-pk")[0]


@pytest.mark.django_db
@pytest.mark.fr("B-16")
@pytest.mark.parametrize(
    ("locale", "title", "seats", "tax"),
    [
        ("en_US", "Why did my bill change?", "Quantity of Team: 5 instead of 3", "Tax"),
        ("de_DE", "Warum hat sich meine Rechnung geändert?", "Menge von Team: 5 statt 3", "Steuer"),
        ("fr_FR", "Pourquoi ma facture a-t-elle changé ?", "Quantité de Team : 5 au lieu de 3", "Taxes"),
        ("ja_JP", "Why did my bill change?", "Quantity of Team: 5 instead of 3", "Tax"),
    ],
)
def test_on_the_document(locale: str, title: str, seats: str, tax: str) -> None:
    second = monthly(locale=locale)
    figures = Figures(locale, "EUR")
    shown = content(second)["changes"]
    first = Stored.objects.order_by("pk")[0]
    assert shown["title"] == title
    assert [row[0] for row in shown["rows"]][:2] == [seats, tax]
    assert [row[1] for row in shown["rows"]] == [f"+{figures.money(amount)}" for amount in (2000, 380, 2380)]
    assert str(first.number) in shown["rows"][-1][0]
    assert figures.money(3570) in shown["rows"][-1][0]
    assert content(first)["changes"] is None, "there is none before it"


@pytest.mark.django_db
def test_nothing_is_said_where_nothing_changed_or_is_known(django_assert_max_num_queries: Any) -> None:
    second = monthly()
    figures = Figures("en_US", "EUR")
    with django_assert_max_num_queries(10):
        assert why_changed(second, figures) is not None
    run(datetime(2026, 6, 1, 12, tzinfo=UTC), WALL)
    third = Stored.objects.order_by("-pk")[0]
    assert why_changed(third, figures) is None
    first = Stored.objects.order_by("pk")[0]
    void(invoice_id=second.pk, reason="x", at=MAY, actor=ACTOR)
    second.refresh_from_db()
    assert why_changed(second, figures) is None, "a void bill is none"
    corrected = Stored.objects.get(replaces=second)
    said = why_changed(corrected, figures)
    assert said is not None
    assert str(first.number) in said.rows[-1][0]


def test_each_sentence_names_the_same_facts_in_each_language() -> None:
    assert {cause.value for cause in Cause} <= set(_WORDS)
    for name, said in _WORDS.items():
        assert len(said) == len(LANGUAGES), name
        facts = [sorted(re.findall(r"\{(\w+)\}", text)) for text in said]
        assert facts[0] == facts[1] == facts[2], name
