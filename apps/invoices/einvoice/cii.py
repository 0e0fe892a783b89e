"""A document of EN 16931 as UN/CEFACT Cross Industry Invoice D16B: what Factur-X and ZUGFeRD hold, profile EN 16931."""

from collections.abc import Iterable, Sequence
from datetime import date

from apps.invoices.einvoice.elements import Element, long, money, serialized
from apps.invoices.einvoice.elements import element as e
from apps.invoices.einvoice.terms import Adjustment, Document, Line, Party, Period, Reference, TaxGroup
from apps.invoices.einvoice.ubl import PIECE, SPECIFICATION

_DATA = "urn:un:unece:uncefact:data:standard:"
_SPACES = {
    "rsm": f"{_DATA}CrossIndustryInvoice:100",
    "ram": f"{_DATA}ReusableAggregateBusinessInformationEntity:100",
    "udt": f"{_DATA}UnqualifiedDataType:100",
    "qdt": f"{_DATA}QualifiedDataType:100",
}
DAY = "102"
"""The format CCYYMMDD, of UNTDID 2379."""


def write(document: Document) -> bytes:
    """The XML."""
    return serialized(long("rsm:CrossIndustryInvoice", _head(document), (_transaction(document),)), _SPACES)


def _head(document: Document) -> Sequence[Element | None]:
    guideline = e("ram:GuidelineSpecifiedDocumentContextParameter", e("ram:ID", SPECIFICATION))
    return (
        e("rsm:ExchangedDocumentContext", guideline),
        e(
            "rsm:ExchangedDocument",
            e("ram:ID", document.number),
            e("ram:TypeCode", document.type_code.value),
            e("ram:IssueDateTime", _day(document.issue_date)),
            *(e("ram:IncludedNote", e("ram:Content", note)) for note in document.notes),
        ),
    )


def _transaction(document: Document) -> Element:
    place = e("ram:PostalTradeAddress", e("ram:CountryID", document.buyer.country))
    return long(
        "rsm:SupplyChainTradeTransaction",
        (_line(line) for line in document.lines),
        (
            _agreement(document),
            # It has to be there; BT-80: services are supplied where the customer is, and so taxed.
            e("ram:ApplicableHeaderTradeDelivery", e("ram:ShipToTradeParty", place)),
            _settlement(document),
        ),
    )


def _agreement(document: Document) -> Element | None:
    return e(
        "ram:ApplicableHeaderTradeAgreement",
        e("ram:BuyerReference", document.buyer_reference),
        _party("ram:SellerTradeParty", document.seller),
        _party("ram:BuyerTradeParty", document.buyer),
        e("ram:BuyerOrderReferencedDocument", e("ram:IssuerAssignedID", document.purchase_order)),
    )


def _party(tag: str, party: Party) -> Element | None:
    return e(
        tag,
        e("ram:ID", party.identifier),
        e("ram:Name", party.name),
        e("ram:Description", party.legal_note),
        e("ram:SpecifiedLegalOrganization", e("ram:ID", party.legal_id)),
        e(
            "ram:DefinedTradeContact",
            e("ram:TelephoneUniversalCommunication", e("ram:CompleteNumber", party.phone)),
            e("ram:EmailURIUniversalCommunication", e("ram:URIID", party.email)),
        ),
        e(
            "ram:PostalTradeAddress",
            e("ram:PostcodeCode", party.postal_code),
            e("ram:LineOne", party.line1),
            e("ram:LineTwo", party.line2),
            e("ram:CityName", party.city),
            e("ram:CountryID", party.country),
            e("ram:CountrySubDivisionName", party.region),
        ),
        e("ram:URIUniversalCommunication", e("ram:URIID", party.email, schemeID="EM")),
        e("ram:SpecifiedTaxRegistration", e("ram:ID", party.vat_id, schemeID="VA")),
        e("ram:SpecifiedTaxRegistration", e("ram:ID", party.tax_number, schemeID="FC")),
    )


def _settlement(document: Document) -> Element | None:
    means = document.means
    return e(
        "ram:ApplicableHeaderTradeSettlement",
        e("ram:PaymentReference", means.reference) if means else None,
        e("ram:InvoiceCurrencyCode", document.currency),
        e(
            "ram:SpecifiedTradeSettlementPaymentMeans",
            e("ram:TypeCode", means.code),
            e(
                "ram:PayeePartyCreditorFinancialAccount",
                e("ram:IBANID", means.iban),
                e("ram:AccountName", means.holder),
            ),
            e("ram:PayeeSpecifiedCreditorFinancialInstitution", e("ram:BICID", means.bic)),
        )
        if means
        else None,
        [_group(group) for group in document.taxes],
        _period(document.period),
        e(
            "ram:SpecifiedTradePaymentTerms",
            e("ram:Description", document.terms),
            e("ram:DueDateDateTime", _day(document.due_date)) if document.due_date else None,
        ),
        e("ram:SpecifiedTradeSettlementHeaderMonetarySummation", _totals(document)),
        _preceding(document.preceding),
    )


def _group(group: TaxGroup) -> Element | None:
    return e(
        "ram:ApplicableTradeTax",
        e("ram:CalculatedAmount", money(group.tax)),
        e("ram:TypeCode", "VAT"),
        e("ram:ExemptionReason", group.reason),
        e("ram:BasisAmount", money(group.taxable)),
        e("ram:CategoryCode", group.rated.category.value),
        e("ram:ExemptionReasonCode", group.reason_code),
        e("ram:RateApplicablePercent", group.rated.rate),
    )


def _totals(document: Document) -> Iterable[Element | None]:
    totals = document.totals
    yield e("ram:LineTotalAmount", money(totals.lines))
    yield e("ram:TaxBasisTotalAmount", money(totals.lines))
    yield e("ram:TaxTotalAmount", money(totals.tax), currencyID=document.currency)
    yield e("ram:GrandTotalAmount", money(totals.total))
    if totals.prepaid:
        yield e("ram:TotalPrepaidAmount", money(totals.prepaid))
    yield e("ram:DuePayableAmount", money(totals.due))


def _preceding(named: Reference | None) -> Element | None:
    if named is None:
        return None
    day = _date("qdt:DateTimeString", named.issue_date) if named.issue_date else None
    return e(
        "ram:InvoiceReferencedDocument",
        e("ram:IssuerAssignedID", named.number),
        e("ram:FormattedIssueDateTime", day),
    )


def _line(line: Line) -> Element | None:
    return e(
        "ram:IncludedSupplyChainTradeLineItem",
        e("ram:AssociatedDocumentLineDocument", e("ram:LineID", line.number)),
        e("ram:SpecifiedTradeProduct", e("ram:Name", line.name)),
        e(
            "ram:SpecifiedLineTradeAgreement",
            e(
                "ram:NetPriceProductTradePrice",
                e("ram:ChargeAmount", line.price),
                e("ram:BasisQuantity", line.base, unitCode=PIECE),
            ),
        ),
        e("ram:SpecifiedLineTradeDelivery", e("ram:BilledQuantity", line.quantity, unitCode=PIECE)),
        e(
            "ram:SpecifiedLineTradeSettlement",
            e(
                "ram:ApplicableTradeTax",
                e("ram:TypeCode", "VAT"),
                e("ram:CategoryCode", line.rated.category.value),
                e("ram:RateApplicablePercent", line.rated.rate),
            ),
            _period(line.period),
            [_adjustment(adjustment) for adjustment in line.adjustments],
            e(
                "ram:SpecifiedTradeSettlementLineMonetarySummation",
                e("ram:LineTotalAmount", money(line.net)),
            ),
        ),
    )


def _adjustment(adjustment: Adjustment) -> Element | None:
    return e(
        "ram:SpecifiedTradeAllowanceCharge",
        e("ram:ChargeIndicator", e("udt:Indicator", "true" if adjustment.adds else "false")),
        e("ram:ActualAmount", money(adjustment.amount)),
        e("ram:Reason", adjustment.reason),
    )


def _period(period: Period | None) -> Element | None:
    if period is None:
        return None
    return e(
        "ram:BillingSpecifiedPeriod",
        e("ram:StartDateTime", _day(period.start)),
        e("ram:EndDateTime", _day(period.end)),
    )


def _day(day: date) -> Element | None:
    return _date("udt:DateTimeString", day)


def _date(tag: str, day: date) -> Element | None:
    return e(tag, f"{day:%Y%m%d}", format=DAY)
