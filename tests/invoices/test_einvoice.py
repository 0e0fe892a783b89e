"""E-invoices: every kind of invoice and credit note, judged by EN 16931's own schemas and Schematron rules."""

import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from lxml import etree

from apps.accounts.models import Account
from apps.invoices.actions.credit_note import credit_note
from apps.invoices.einvoice import reading
from apps.invoices.einvoice.rendering import Syntax, render, render_credit_note
from apps.invoices.models import Invoice
from apps.invoices.rules import LineKind
from apps.kernel.currencies import CURRENCIES
from apps.kernel.errors import Conflict
from apps.tax.rules import AppliedRate, Reason
from tests.factories.einvoices import (
    MADE,
    Made,
    american,
    bill,
    buyer,
    changed,
    corrected,
    credited,
    dinars,
    exempt,
    grouped,
    half_exempt,
    in_auckland,
    inclusive,
    metered,
    mixed,
    not_registered,
    plain,
    register,
    reverse_charge,
    selling,
    strange,
    to_the_balance,
    usage,
    yen,
)
from tests.factories.invoices import ACTOR, AT, line, payer
from tests.factories.tax import rate
from tests.invoices.official import faults

# The official rules take two seconds to load: once, in one process.
pytestmark = pytest.mark.django_db
NAMESPACES = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}


def said(xml: bytes, path: str) -> list[str]:
    """The text of the elements of a UBL document that a path leads to."""
    return [str(each.text) for each in etree.fromstring(xml).iterfind(path, NAMESPACES)]


def named(make: Made) -> str:
    return make.__name__


@pytest.mark.parametrize("make", MADE, ids=named)
def test_it_is_valid_by_the_official_rules(make: Made) -> None:
    one = make()
    found = {syntax: faults(render(one, syntax)) for syntax in Syntax}
    assert found == {syntax: [] for syntax in Syntax}
    xml = render(one)
    sold = one.total - sum(each.amount for each in one.lines.filter(kind=LineKind.CREDIT_TO_BALANCE))
    [total] = said(xml, "cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount")
    assert Decimal(total).scaleb(CURRENCIES[one.currency].exponent) == sold
    assert said(xml, "cbc:IssueDate") == [str(one.issue_date)]
    assert list(multiplied(xml)) == []


def multiplied(xml: bytes) -> Iterator[str]:
    """Lines whose net is not quantity x price, less what is taken off: half a unit of the last digit, no more."""
    for each in etree.fromstring(xml).iterfind("cac:InvoiceLine", NAMESPACES):
        quantity, net, price = (
            Decimal(str(each.findtext(path, namespaces=NAMESPACES)))
            for path in ("cbc:InvoicedQuantity", "cbc:LineExtensionAmount", "cac:Price/cbc:PriceAmount")
        )
        base = Decimal(each.findtext("cac:Price/cbc:BaseQuantity", "1", NAMESPACES))
        for one in each.iterfind("cac:AllowanceCharge", NAMESPACES):
            amount = Decimal(str(one.findtext("cbc:Amount", namespaces=NAMESPACES)))
            net -= amount if one.findtext("cbc:ChargeIndicator", namespaces=NAMESPACES) == "true" else -amount
        unit = Decimal(1).scaleb(-2 if "." in str(net) else 0)
        if abs(quantity * price / base - net) > unit / 2 or price < 0:
            yield f"{quantity} x {price} / {base} is not {net}"


@pytest.mark.parametrize("make", [plain, mixed, inclusive, reverse_charge, exempt, not_registered], ids=named)
def test_credit_notes_are_valid_too(make: Made) -> None:
    one = make()
    note = credit_note(invoice_id=one.pk, amount=one.total // 3, reason="a day without service", at=AT, actor=ACTOR)
    found = {syntax: faults(render_credit_note(note, syntax)) for syntax in Syntax}
    assert found == {syntax: [] for syntax in Syntax}
    xml = render_credit_note(note)
    assert said(xml, "cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID") == [one.number]
    assert said(xml, "cac:LegalMonetaryTotal/cbc:PayableAmount") == [f"{Decimal(note.total) / 100:.2f}"]


PLANTED = (
    (b"5831.00", b"5831.01", "BR-CO-15"),
    (b"490</cbc:PriceAmount>", b"-490</cbc:PriceAmount>", "BR-27"),
    (b"DE136695976", b"136695976", "BR-CO-09"),
    (b">EUR<", b">XEU<", "BR-CL-04"),
    (b"<cbc:ID>S</cbc:ID>", b"<cbc:ID>E</cbc:ID>", "BR-E-10"),
    (b"cbc:IssueDate>", b"cbc:IssuedOn>", "schema"),
)


def test_the_official_rules_do_look() -> None:
    """Each fault that is planted is found, in both syntaxes: rules that do not run find nothing."""
    xml, cii = render(plain()), render(Invoice.objects.get(), Syntax.CII)
    for right, wrong, rule in PLANTED:
        broken = xml.replace(right, wrong)
        assert any(fault.startswith(rule) for fault in faults(broken)), rule
    assert any(fault.startswith("BR-CO-15") for fault in faults(cii.replace(b"5831.00", b"5831.01")))
    assert any(fault.startswith("schema") for fault in faults(cii.replace(b"ram:LineID>", b"ram:LineNo>")))


def test_what_a_plain_invoice_says() -> None:
    xml = render(plain())
    supplier, customer = "cac:AccountingSupplierParty/cac:Party/", "cac:AccountingCustomerParty/cac:Party/"
    number = "cac:PartyTaxScheme/cbc:CompanyID"
    expected = {
        "cbc:ID": "INV-2026-000001", "cbc:IssueDate": "2026-04-01", "cbc:DueDate": "2026-05-01",
        "cbc:InvoiceTypeCode": "380", "cbc:DocumentCurrencyCode": "EUR", "cbc:BuyerReference": "04011000-12345-34",
        "cac:OrderReference/cbc:ID": "PO-77", "cac:InvoicePeriod/cbc:StartDate": "2026-04-01",
        "cac:InvoicePeriod/cbc:EndDate": "2026-04-30", supplier + number: "DE136695976",
        customer + number: "DE129273398", customer + "cac:PartyLegalEntity/cbc:RegistrationName": "Müller & Söhne KG",
        "cac:PaymentMeans/cbc:PaymentMeansCode": "58", "cac:PaymentMeans/cbc:PaymentID": "INV-2026-000001",
        "cac:PaymentMeans/cac:PayeeFinancialAccount/cbc:ID": "DE89370400440532013000",
        "cac:PaymentTerms/cbc:Note": "Fällig am: 2026-05-01", "cac:TaxTotal/cbc:TaxAmount": "931.00",
        "cac:TaxTotal/cac:TaxSubtotal/cbc:TaxableAmount": "4900.00",
        "cac:LegalMonetaryTotal/cbc:PayableAmount": "5831.00", "cac:InvoiceLine/cbc:InvoicedQuantity": "10",
        "cac:InvoiceLine/cac:Price/cbc:PriceAmount": "490",
        "cac:InvoiceLine/cac:Item/cac:ClassifiedTaxCategory/cbc:Percent": "19",
    }  # fmt: skip
    assert {path: said(xml, path) for path in expected} == {path: [text] for path, text in expected.items()}


@pytest.mark.parametrize(
    ("make", "path", "texts"),
    [
        (metered, "cac:InvoiceLine/cac:Price/cbc:PriceAmount", ["56.78", "0.005", "10", "0", "3"]),
        (metered, "cac:InvoiceLine/cac:Price/cbc:BaseQuantity", ["1234.5", "1"]),
        (changed, "cac:InvoiceLine/cbc:InvoicedQuantity", ["-1", "1", "3"]),
        (changed, "cac:InvoiceLine/cac:AllowanceCharge/cbc:ChargeIndicator", ["true", "false"]),
        (mixed, "cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory/cbc:Percent", ["19", "7", "0", "5.5"]),
        (reverse_charge, "cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory/cbc:TaxExemptionReasonCode", ["VATEX-EU-AE"]),
        (reverse_charge, "cac:AccountingCustomerParty/cac:Party/cac:PartyTaxScheme/cbc:CompanyID", ["FR40303265045"]),
        (exempt, "cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory/cbc:TaxExemptionReason", ["Steuerbefreit"]),
        (half_exempt, "cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory/cbc:ID", ["S", "E"]),
        (not_registered, "cac:AccountingSupplierParty/cac:Party/cac:PartyTaxScheme/cbc:CompanyID", []),
        (not_registered, "cac:PaymentMeans/cbc:PaymentMeansCode", ["30"]),
        (american, "cac:AccountingCustomerParty/cac:Party/cac:PartyLegalEntity/cbc:CompanyID", ["12-3456789"]),
        (american, "cac:AccountingCustomerParty/cac:Party/cac:PostalAddress/cbc:CountrySubentity", ["TX"]),
        (yen, "cac:LegalMonetaryTotal/cbc:PayableAmount", ["5535"]),
        (dinars, "cac:LegalMonetaryTotal/cbc:PayableAmount", ["12.34"]),
        (in_auckland, "cbc:IssueDate", ["2026-04-02"]),
        (in_auckland, "cac:AccountingSupplierParty/cac:Party/cac:PartyTaxScheme/cac:TaxScheme/cbc:ID", ["LOC"]),
        (to_the_balance, "cac:LegalMonetaryTotal/*", ["-30.00", "-30.00", "-35.70", "-35.70", "0.00"]),
        (to_the_balance, "cbc:Note", ["Credit to your balance: 35.70 EUR"]),
        (to_the_balance, "cac:InvoiceLine/cbc:ID", ["1", "2"]),
        (corrected, "cbc:InvoiceTypeCode", ["384"]),
        (corrected, "cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID", ["INV-2026-000001"]),
        (grouped, "cac:InvoicePeriod/*", ["2026-03-01", "2026-05-31"]),
        (credited, "cac:LegalMonetaryTotal/cbc:PrepaidAmount", ["10.00"]),
        (strange, "cac:AccountingCustomerParty/cac:Party/cac:PostalAddress/cbc:StreetName", []),
        (strange, "cac:AccountingSupplierParty/cac:Party/cac:PartyLegalEntity/cbc:RegistrationName",
         ["A & B <GmbH> ]]>"]),
    ],
)  # fmt: skip
def test_how_it_says_the_rest(make: Made, path: str, texts: list[str]) -> None:
    assert said(render(make()), path) == texts


def test_without_a_bank_it_is_paid_as_agreed() -> None:
    selling(iban="", bic="")
    one = bill()
    assert said(render(one), "cac:PaymentMeans/cbc:PaymentMeansCode") == ["1"]
    assert {syntax: list(faults(render(one, syntax))) for syntax in Syntax} == {syntax: [] for syntax in Syntax}


def _seller(**profile: str) -> Made:
    def make() -> Invoice:
        selling(**profile)
        return bill()

    return make


def _foreign() -> Invoice:
    selling(registration="")
    return bill(account=buyer(country="CH", tax_id=""))


def _reversed() -> Invoice:
    selling()
    rated = AppliedRate("FR", "", Decimal(0), "standard", Reason.REVERSE_CHARGE)
    return bill(line(carried=rated), account=buyer(country="FR", tax_id=""))


def _local() -> Invoice:
    selling(number="49-091-850", country="NZ", registration="")
    rate("NZ", "15", name="GST")
    return bill(account=buyer(country="NZ", tax_id=""))


@pytest.mark.parametrize(
    ("make", "pointers"),
    [
        (_seller(number=""), {"/seller/tax_id"}),
        (_foreign, {"/seller/registration"}),
        (_local, {"/seller/registration"}),
        (_reversed, {"/bill_to/tax_id"}),
        (lambda: bill(account=buyer(tax_exempt=True)), {"/seller/legal_name", "/seller/tax_id"}),
    ],
)
def test_what_is_missing_is_named_and_where_to_enter_it(make: Made, pointers: set[str]) -> None:
    with pytest.raises(Conflict) as refused:
        render(make())
    assert refused.value.code == "einvoice_incomplete"
    assert {fault.pointer for fault in refused.value.errors} == pointers
    for fault in refused.value.errors:
        assert fault.code == "einvoice_term_missing"
        assert fault.detail.startswith("BT-")
        assert "account" in fault.detail or "/v1/tax/" in fault.detail


def _moved_away() -> Invoice:
    """A credit of what was taxed, on the invoice of where the seller is not registered."""
    selling()
    return bill(line(-100, carried=AppliedRate("DE", "VAT", Decimal(19))), line(4900), account=buyer(country="CH"))


def _taxed_twice() -> Invoice:
    selling()
    register("AT", "ATU12345675")
    return bill(line(-100, carried=AppliedRate("AT", "VAT", Decimal(20))), line(4900))


def _sales_tax() -> Invoice:
    selling()
    register("US", "12-3456789")
    rate("US-CA", "7.25", name="Sales tax")
    return bill(account=payer(address={"region": "CA"}))


def _mils() -> Invoice:
    selling()
    return bill(line(12_345), account=buyer(country="KW", currency="KWD"))


def _leva() -> Invoice:
    selling()
    return bill(account=buyer(currency="BGN"))


@pytest.mark.parametrize(
    ("make", "rule"),
    [
        (_moved_away, "BR-O-11"),
        (_taxed_twice, "BT-31"),
        (_sales_tax, "BT-118"),
        (_mils, "BR-DEC-23"),
        (_leva, "BR-CL-04"),
    ],
)  # fmt: skip
def test_what_it_has_no_words_for_is_refused(make: Made, rule: str) -> None:
    with pytest.raises(Conflict) as refused:
        render(make())
    assert refused.value.code == "einvoice_not_expressible"
    assert [fault.detail.partition(":")[0] for fault in refused.value.errors] == [rule]


def test_nothing_that_is_not_final_or_void() -> None:
    one = plain()
    for status, code in (("DRAFT", "invoice_not_final"), ("VOID", "invoice_void")):
        one.status = status
        with pytest.raises(Conflict) as refused:
            render(one)
        assert refused.value.code == code


def test_it_takes_six_queries_however_many_lines_or_documents(django_assert_num_queries: Any) -> None:
    one = plain()
    many = bill(*(line(100 + number) for number in range(40)), account=Account.objects.get(pk=one.account_id))
    for each in (one, many):
        with django_assert_num_queries(6):
            render(each)
    with django_assert_num_queries(6):
        assert set(reading.invoices([one.pk, many.pk])) == {one.pk, many.pk}
    note = credit_note(invoice_id=many.pk, amount=100, reason="x", at=AT, actor=ACTOR)
    with django_assert_num_queries(4):
        render_credit_note(note)


def test_three_thousand_lines_take_no_long_time() -> None:
    selling()
    one = bill(*(usage(1234 + number, "1234.5") for number in range(3000)))
    began = time.process_time()
    assert len(said(render(one), "cac:InvoiceLine")) == 3000
    assert time.process_time() - began < 2
