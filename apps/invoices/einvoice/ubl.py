"""A document of EN 16931 as UBL 2.1: an Invoice, or a CreditNote."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from apps.invoices.einvoice.elements import Content, Element, long, money, serialized
from apps.invoices.einvoice.elements import element as e
from apps.invoices.einvoice.terms import Adjustment, Document, Line, Party, Period, Rated, TaxGroup

SPECIFICATION = "urn:cen.eu:en16931:2017"
_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_COMMON = {"cac": f"{_UBL}CommonAggregateComponents-2", "cbc": f"{_UBL}CommonBasicComponents-2"}
PIECE = "C62"
"""BT-130, of UN/ECE recommendation 20: one."""


def write(document: Document) -> bytes:
    """The XML."""
    writer = _Writer(document)
    return serialized(writer.root(), {"": f"{_UBL}{writer.kind}-2", **_COMMON})


class _Writer:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.kind = "CreditNote" if document.is_credit_note else "Invoice"

    def root(self) -> Element:
        return long(self.kind, self.head(), (self.line(line) for line in self.document.lines))

    def head(self) -> Sequence[Element | None]:
        one = self.document
        return (
            e("cbc:CustomizationID", SPECIFICATION),
            e("cbc:ID", one.number),
            e("cbc:IssueDate", str(one.issue_date)),
            e("cbc:DueDate", str(one.due_date)) if one.due_date and not one.is_credit_note else None,
            e(f"cbc:{self.kind}TypeCode", one.type_code.value),
            *(e("cbc:Note", note) for note in one.notes),
            e("cbc:DocumentCurrencyCode", one.currency),
            e("cbc:BuyerReference", one.buyer_reference),
            self.period(one.period),
            e("cac:OrderReference", e("cbc:ID", one.purchase_order)),
            self.preceding(),
            e("cac:AccountingSupplierParty", self.party(one.seller, seller=True)),
            e("cac:AccountingCustomerParty", self.party(one.buyer, seller=False)),
            # BT-80: services are supplied where the customer is, and so taxed; CII demands a delivery.
            e("cac:Delivery", e("cac:DeliveryLocation", e("cac:Address", self.country(one.buyer.country)))),
            self.means(),
            e("cac:PaymentTerms", e("cbc:Note", one.terms)),
            e(
                "cac:TaxTotal",
                self.amount("cbc:TaxAmount", one.totals.tax),
                [self.group(group) for group in one.taxes],
            ),
            e("cac:LegalMonetaryTotal", self.totals()),
        )

    def amount(self, tag: str, amount: Decimal) -> Element | None:
        return e(tag, money(amount), currencyID=self.document.currency)

    def period(self, period: Period | None) -> Element | None:
        if period is None:
            return None
        return e("cac:InvoicePeriod", e("cbc:StartDate", str(period.start)), e("cbc:EndDate", str(period.end)))

    def preceding(self) -> Element | None:
        named = self.document.preceding
        if named is None:
            return None
        day = e("cbc:IssueDate", str(named.issue_date)) if named.issue_date else None
        return e("cac:BillingReference", e("cac:InvoiceDocumentReference", e("cbc:ID", named.number), day))

    def party(self, party: Party, *, seller: bool) -> Element | None:
        address = e(
            "cac:PostalAddress",
            e("cbc:StreetName", party.line1),
            e("cbc:AdditionalStreetName", party.line2),
            e("cbc:CityName", party.city),
            e("cbc:PostalZone", party.postal_code),
            e("cbc:CountrySubentity", party.region),
            self.country(party.country),
        )
        return e(
            "cac:Party",
            e("cbc:EndpointID", party.email, schemeID="EM"),
            e("cac:PartyIdentification", e("cbc:ID", party.identifier)),
            address,
            self.scheme(party.vat_id, "VAT"),
            self.scheme(party.tax_number, "LOC"),
            e(
                "cac:PartyLegalEntity",
                e("cbc:RegistrationName", party.name),
                e("cbc:CompanyID", party.legal_id),
                e("cbc:CompanyLegalForm", party.legal_note) if seller else None,
            ),
            e("cac:Contact", e("cbc:Telephone", party.phone), e("cbc:ElectronicMail", party.email)),
        )

    def country(self, code: str) -> Element | None:
        return e("cac:Country", e("cbc:IdentificationCode", code))

    def scheme(self, number: str, scheme: str) -> Element | None:
        return e("cac:PartyTaxScheme", e("cbc:CompanyID", number), self.vat(scheme)) if number else None

    def vat(self, scheme: str = "VAT") -> Element | None:
        return e("cac:TaxScheme", e("cbc:ID", scheme))

    def means(self) -> Element | None:
        means = self.document.means
        if means is None:
            return None
        return e(
            "cac:PaymentMeans",
            e("cbc:PaymentMeansCode", means.code),
            e("cbc:PaymentID", means.reference),
            e(
                "cac:PayeeFinancialAccount",
                e("cbc:ID", means.iban),
                e("cbc:Name", means.holder),
                e("cac:FinancialInstitutionBranch", e("cbc:ID", means.bic)),
            ),
        )

    def group(self, group: TaxGroup) -> Element | None:
        return e(
            "cac:TaxSubtotal",
            self.amount("cbc:TaxableAmount", group.taxable),
            self.amount("cbc:TaxAmount", group.tax),
            self.rated(
                "cac:TaxCategory",
                group.rated,
                e("cbc:TaxExemptionReasonCode", group.reason_code),
                e("cbc:TaxExemptionReason", group.reason),
            ),
        )

    def rated(self, tag: str, rated: Rated, *why: Content) -> Element | None:
        return e(tag, e("cbc:ID", rated.category.value), e("cbc:Percent", rated.rate), *why, self.vat())

    def totals(self) -> Iterable[Element | None]:
        totals = self.document.totals
        yield self.amount("cbc:LineExtensionAmount", totals.lines)
        yield self.amount("cbc:TaxExclusiveAmount", totals.lines)
        yield self.amount("cbc:TaxInclusiveAmount", totals.total)
        if totals.prepaid:
            yield self.amount("cbc:PrepaidAmount", totals.prepaid)
        yield self.amount("cbc:PayableAmount", totals.due)

    def line(self, line: Line) -> Element | None:
        pieces = "cbc:CreditedQuantity" if self.document.is_credit_note else "cbc:InvoicedQuantity"
        return e(
            f"cac:{self.kind}Line",
            e("cbc:ID", line.number),
            e(pieces, line.quantity, unitCode=PIECE),
            self.amount("cbc:LineExtensionAmount", line.net),
            self.period(line.period),
            [self.adjustment(adjustment) for adjustment in line.adjustments],
            e("cac:Item", e("cbc:Name", line.name), self.rated("cac:ClassifiedTaxCategory", line.rated)),
            e(
                "cac:Price",
                e("cbc:PriceAmount", line.price, currencyID=self.document.currency),
                e("cbc:BaseQuantity", line.base, unitCode=PIECE),
            ),
        )

    def adjustment(self, adjustment: Adjustment) -> Element | None:
        return e(
            "cac:AllowanceCharge",
            e("cbc:ChargeIndicator", "true" if adjustment.adds else "false"),
            e("cbc:AllowanceChargeReason", adjustment.reason),
            self.amount("cbc:Amount", adjustment.amount),
        )
