"""What e-invoices are made of, without a database: prices, numbers, elements, each check and what fails it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.invoices.einvoice import cii, lines, parties, taxes, ubl
from apps.invoices.einvoice.checks import check
from apps.invoices.einvoice.elements import element, money, shown
from apps.invoices.einvoice.terms import Category, Document, Line, Party, Period, Rated, TaxGroup, Totals, TypeCode
from apps.kernel.errors import Conflict
from apps.tax.rules import Reason

NINETEEN = Rated(Category.STANDARD, Decimal(19))
DAY = date(2026, 4, 1)


def one(number: int = 1, net: str = "100.00", rated: Rated = NINETEEN) -> Line:
    amount = Decimal(net)
    return Line(number=number, name="Pro", quantity=Decimal(1), price=amount, base=None, net=amount, rated=rated)


SELLER = Party(name="Nordlicht", country="DE", vat_id="DE136695976")
RIGHT = Document(
    number="INV-1", issue_date=DAY, due_date=DAY, type_code=TypeCode.INVOICE, currency="EUR", buyer_reference="",
    purchase_order="", notes=(), seller=SELLER, buyer=Party(name="Müller", country="DE"), means=None, terms="",
    period=None, preceding=None, lines=(one(),), taxes=(TaxGroup(NINETEEN, Decimal("100.00"), Decimal("19.00")),),
    totals=Totals(Decimal("100.00"), Decimal("19.00"), Decimal("119.00"), Decimal(0), Decimal("119.00")),
)  # fmt: skip
ZERO = Rated(Category.ZERO, Decimal(0))


@given(
    amount=st.integers(-(10**12), 10**12),
    discount=st.integers(-(10**6), 10**6),
    quantity=st.decimals("-1000000", "1000000", places=12),
    unit_amount=st.none() | st.decimals("-1000000", "1000000", places=12),
    exponent=st.sampled_from([0, 2, 3]),
)
def test_quantity_times_price_is_the_amount(
    amount: int, discount: int, quantity: Decimal, unit_amount: Decimal | None, exponent: int
) -> None:
    priced = lines.Priced(amount, discount, quantity, unit_amount)
    made = lines.line(1, "x", priced, NINETEEN, None, discount="Discount", exponent=exponent)
    product = Fraction(made.quantity) * Fraction(made.price) / Fraction(made.base or 1)
    minor = Fraction(10) ** exponent
    assert abs(product * minor - amount) <= Fraction(1, 2)
    assert made.price >= 0
    assert made.base is None or made.base > 0
    taken = sum(-each.amount if each.adds else each.amount for each in made.adjustments)
    assert Fraction(made.net) * minor == amount - discount == amount - Fraction(taken) * minor


@pytest.mark.parametrize(
    ("country", "number", "known"),
    [
        ("DE", "DE 136.695.976", "DE136695976"), ("GR", "EL094259216", "EL094259216"), ("GR", "GR094259216", ""),
        ("GB", "XI123456789", "XI123456789"), ("DE", "136695976", ""), ("DE", "12/345/67890", ""), ("DE", "DEMO", ""),
        ("CH", "CHE-123.456.788 MWST", "CHE123456788MWST"), ("FR", "de136695976", ""), ("DE", "", ""), ("", "1", ""),
    ],
)  # fmt: skip
def test_what_is_a_vat_number(country: str, number: str, known: str) -> None:
    assert taxes.vat_id(country, number) == known


def test_the_number_of_where_it_is_taxed() -> None:
    numbers = [("AT", "ATU1"), ("DE", "DE1"), ("FR", "FR1")]
    assert taxes.registered(numbers, ["FR"], "DE") == ("FR", "FR1")
    assert taxes.registered(numbers, [], "DE") == ("DE", "DE1")
    assert taxes.registered(numbers, ["IT"], "IT") == ("AT", "ATU1")
    assert taxes.registered([], ["IT"], "DE") == ("DE", "")


def test_what_shares_category_and_rate_is_one_group() -> None:
    rows = [
        taxes.Taxed("DE", Decimal("19.0000"), "", 1000, 190), taxes.Taxed("DE", Decimal(19), "", 100, 19),
        taxes.Taxed("DE", Decimal(0), Reason.EXEMPT, 50, 0), taxes.Taxed("DE", Decimal(0), "", 7, 0),
    ]  # fmt: skip
    made = taxes.groups(rows, {"exempt": "Exempt"}, 2)
    assert made == (
        TaxGroup(NINETEEN, Decimal("11.00"), Decimal("2.09")),
        TaxGroup(Rated(Category.EXEMPT, Decimal(0)), Decimal("0.50"), Decimal("0.00"), "Exempt"),
        TaxGroup(ZERO, Decimal("0.07"), Decimal("0.00")),
    )


def test_a_local_number_of_the_buyer_is_its_legal_one() -> None:
    assert parties.buyer_party({"country": "DE", "tax_id": "12/345/67890"}, outside=False).legal_id == "12/345/67890"
    assert parties.buyer_party({}, outside=True) == Party(name="", country="")


def test_the_last_day_is_part_of_a_period() -> None:
    assert lines.days(DAY, date(2026, 5, 1)) == Period(DAY, date(2026, 4, 30))
    assert lines.days(DAY, DAY) == Period(DAY, DAY)
    assert lines.whole([None]) is None


def test_elements_hold_something_that_xml_can_hold() -> None:
    assert element("cbc:ID", "", None, element("cbc:Name", " \x00\ud800\ufffe"), schemeID="EM") is None
    assert shown("a\x0b]]>\U0001f600\tb ") == "a]]>\U0001f600\tb"
    assert shown(Decimal("1E+3")) == "1000"
    assert [str(money(Decimal(text))) for text in ("12.340", "12", "0.5")] == ["12.34", "12", "0.5"]


def test_what_is_right_passes_and_is_written() -> None:
    check(RIGHT, frozenset({"DE"}))
    for write in (ubl.write, cii.write):
        assert b"INV-1" in write(RIGHT)


def sums(**changed: str) -> Document:
    return replace(RIGHT, totals=replace(RIGHT.totals, **{name: Decimal(text) for name, text in changed.items()}))


def taxed(**changed: Any) -> Document:
    return replace(RIGHT, taxes=(replace(RIGHT.taxes[0], **changed),))


OUTSIDE = Rated(Category.OUTSIDE, None)


@pytest.mark.parametrize(
    ("wrong", "rules"),
    [
        (replace(RIGHT, lines=()), {"BR-16", "BR-CO-10", "BR-S-08"}),
        (replace(RIGHT, lines=(one(), one(2, "0.01"))), {"BR-CO-10", "BR-S-08"}),
        (replace(RIGHT, lines=(one(), one(2, "0.00", ZERO))), {"BR-CO-18"}),
        (replace(RIGHT, taxes=()), {"BR-CO-18", "BR-CO-14"}),
        (sums(lines="99.00"), {"BR-CO-10", "BR-CO-15"}),
        (sums(tax="19.01"), {"BR-CO-14", "BR-CO-15"}),
        (sums(total="119.01"), {"BR-CO-15", "BR-CO-16"}),
        (sums(prepaid="0.01"), {"BR-CO-16"}),
        (replace(RIGHT, due_date=None), {"BR-CO-25"}),
        (taxed(taxable=Decimal(99)), {"BR-S-08"}),
        (taxed(tax=Decimal("20.00")), {"BR-CO-14", "BR-CO-17"}),
        (replace(RIGHT, currency="BGN"), {"BR-CL-04"}),
        (sums(prepaid="0.001", due="118.999"), {"BR-DEC-23"}),
    ],
)
def test_each_rule_is_broken_by_a_document(wrong: Document, rules: set[str]) -> None:
    with pytest.raises(Conflict) as refused:
        check(wrong, frozenset({"DE"}))
    assert refused.value.code == "einvoice_not_expressible"
    assert {fault.detail.partition(":")[0] for fault in refused.value.errors} == rules


@pytest.mark.parametrize(
    ("rate", "tax", "right"), [("0.4", "0.40", True), ("0.4", "0.50", False), ("7.25", "7.25", True)]
)
def test_small_rates(rate: str, tax: str, right: bool) -> None:
    rated = Rated(Category.STANDARD, Decimal(rate))
    document = replace(
        RIGHT,
        lines=(one(rated=rated),),
        taxes=(TaxGroup(rated, Decimal("100.00"), Decimal(tax)),),
        totals=Totals(Decimal("100.00"), Decimal(tax), 100 + Decimal(tax), Decimal(0), 100 + Decimal(tax)),
    )
    if right:
        check(document, frozenset({"DE"}))
    else:
        with pytest.raises(Conflict, match="BR-CO-17"):
            check(document, frozenset({"DE"}))


@pytest.mark.parametrize(
    ("seller", "buyer", "category", "pointers"),
    [
        (Party(name="Your company", country=""), Party(name="", country=""), Category.ZERO,
         {"/seller/legal_name", "/seller/country", "/seller/tax_id", "/bill_to/name", "/bill_to/country"}),
        (replace(SELLER, vat_id="", tax_number="1"), RIGHT.buyer, Category.ZERO, {"/seller/registration"}),
        (SELLER, RIGHT.buyer, Category.REVERSE_CHARGE, {"/bill_to/tax_id"}),
        (replace(SELLER, vat_id=""), RIGHT.buyer, Category.OUTSIDE, {"/seller/registration"}),
    ],
)  # fmt: skip
def test_what_is_missing(seller: Party, buyer: Party, category: Category, pointers: set[str]) -> None:
    group = TaxGroup(Rated(category, Decimal(0)), Decimal(100), Decimal(0))
    with pytest.raises(Conflict) as refused:
        check(replace(RIGHT, seller=seller, buyer=buyer, taxes=(group,)), frozenset())
    assert refused.value.code == "einvoice_incomplete"
    assert {fault.pointer for fault in refused.value.errors} == pointers
