"""What EN 16931 demands of a document before it may leave: what has to be there, and that its sums are right.

The rules that our documents can break. That the XML is right is the tests' matter: they ask the official rules.
"""

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

from apps.invoices.einvoice.terms import Category, Document, TaxGroup
from apps.kernel.errors import Conflict, Problem
from apps.tax.seller_rules import PLACEHOLDER

MISSING = "einvoice_term_missing"
BROKEN = "einvoice_rule_broken"
IN_FRONT = "with its country in front"
CENT = Decimal("0.01")
TOLERANCE = 1
"""BR-CO-17 lets tax differ from rate x net by less than one unit: a tax that was taken out of a gross price may."""
UNLISTED = frozenset({"BGN", "STN"})
"""Currencies of ours that the code list of the rules (ISO 4217 as of 2026) does not hold."""
NO_VAT = frozenset({"US"})
"""Where what is charged is a sales tax, no VAT."""


def check(document: Document, jurisdictions: frozenset[str]) -> None:
    """Refuse what no receiver would take. Errors (409): einvoice_incomplete, einvoice_not_expressible."""
    if missing := list(_missing(document)):
        raise Conflict(
            "einvoice_incomplete",
            f"{len(missing)} of the terms that EN 16931 demands are not known.",
            hint="Enter what `errors` names, each where it says; an invoice keeps its buyer as it was issued to.",
            errors=missing,
        )
    if broken := list(_broken(document, jurisdictions)):
        raise Conflict(
            "einvoice_not_expressible",
            f"EN 16931 has no words for this document: {broken[0].detail}",
            hint="Send it as PDF: GET of the same path with /pdf.",
            errors=broken,
        )


def _missing(document: Document) -> Iterator[Problem]:
    seller, buyer = document.seller, document.buyer
    outside = any(group.rated.category is Category.OUTSIDE for group in document.taxes)
    profile, registrations = "PUT /v1/tax/seller", "POST /v1/tax/registrations"
    wanted = [
        (
            seller.name.replace(PLACEHOLDER, ""),
            "/seller/legal_name",
            f"BT-27, the seller's name: legal_name of {profile}",
        ),
        (seller.country, "/seller/country", f"BT-40, the seller's country: country of {profile}"),
        (buyer.name, "/bill_to/name", "BT-44, the buyer's name: name of the account"),
        (buyer.country, "/bill_to/country", "BT-55, the buyer's country: country of the account"),
    ]
    if not outside:
        number = seller.vat_id or seller.tax_number
        wanted.append(
            (
                number,
                "/seller/tax_id",
                f"BT-31, the seller's VAT number {IN_FRONT}: tax_id of {registrations}",
            )
        )
    if outside or seller.tax_number:
        wanted.append(
            (seller.legal_id, "/seller/registration", f"BT-30, the seller's register: registration of {profile}")
        )
    if any(group.rated.category is Category.REVERSE_CHARGE for group in document.taxes):
        known = buyer.vat_id or buyer.legal_id
        wanted.append(
            (known, "/bill_to/tax_id", "BT-48, the buyer's VAT number with its country in front: tax_id of the account")
        )
    return (Problem(pointer, MISSING, f"{what}.") for given, pointer, what in wanted if not given)


def _broken(document: Document, jurisdictions: frozenset[str]) -> Iterator[Problem]:
    for rule, said in (*_kinds_of_tax(document, jurisdictions), *_sums(document), *_groups(document)):
        yield Problem("", BROKEN, f"{rule}: {said}")


def _kinds_of_tax(document: Document, jurisdictions: frozenset[str]) -> Iterator[tuple[str, str]]:
    if document.currency in UNLISTED:
        yield "BR-CL-04", f"{document.currency} is not in its list of currencies."
    categories = {group.rated.category for group in document.taxes}
    if Category.OUTSIDE in categories and len(categories) > 1:
        yield "BR-O-11", "what is not subject to VAT stands on it beside what is."
    if sales := sorted(jurisdictions & NO_VAT):
        yield "BT-118", f"the tax of {', '.join(sales)} is a sales tax, and no VAT."
    if len(jurisdictions) > 1:
        yield (
            "BT-31",
            f"it is taxed in {', '.join(sorted(jurisdictions))}: one VAT number of the seller stands for one.",
        )


def _sums(document: Document) -> Iterator[tuple[str, str]]:
    totals = document.totals
    if not document.lines:
        yield "BR-16", "it has no line."
    if any(_digits(amount) > 2 for amount in _amounts(document)):
        yield "BR-DEC-23", f"an amount of {document.currency} has more than two digits after the point."
    if totals.lines != sum((line.net for line in document.lines), Decimal(0)):
        yield "BR-CO-10", "the lines do not add up to their sum."
    if totals.tax != sum((group.tax for group in document.taxes), Decimal(0)):
        yield "BR-CO-14", "the taxes do not add up to their sum."
    if totals.total != totals.lines + totals.tax:
        yield "BR-CO-15", "net and tax are not the total."
    if totals.due != totals.total - totals.prepaid:
        yield "BR-CO-16", "what is due is not what is left."
    if totals.due > 0 and not (document.due_date or document.terms):
        yield "BR-CO-25", "it does not say until when it is to be paid."


def _groups(document: Document) -> Iterator[tuple[str, str]]:
    if not document.taxes:
        yield "BR-CO-18", "it has no tax breakdown."
    nets: dict[object, Decimal] = {}
    for line in document.lines:
        nets[line.rated] = nets.get(line.rated, Decimal(0)) + line.net
    for group in document.taxes:
        if nets.pop(group.rated, None) != group.taxable:
            yield f"BR-{group.rated.category}-08", "the lines of a rate do not add up to what was taxed by it."
        if not _taxed_right(group):
            yield "BR-CO-17", f"{group.tax} is not {group.rated.rate} % of {group.taxable}."
    for _ in nets:
        yield "BR-CO-18", "a line's rate is not in the tax breakdown."


def _taxed_right(group: TaxGroup) -> bool:
    rate = group.rated.rate or Decimal(0)
    # The rule looks at the rate as a whole number: below a half it takes it for none.
    if rate.quantize(Decimal(1), ROUND_HALF_UP) == 0:
        return abs(group.tax) * 2 < TOLERANCE
    due = (abs(group.taxable) * rate / 100).quantize(CENT, ROUND_HALF_UP)
    return abs(abs(group.tax) - due) < TOLERANCE


def _amounts(document: Document) -> Iterator[Decimal]:
    totals = document.totals
    yield from (totals.lines, totals.tax, totals.total, totals.prepaid, totals.due)
    for group in document.taxes:
        yield from (group.taxable, group.tax)
    for line in document.lines:
        yield line.net
        yield from (adjustment.amount for adjustment in line.adjustments)


def _digits(amount: Decimal) -> int:
    """Behind the point, without zeros at the end."""
    return -int(amount.normalize().as_tuple().exponent)
