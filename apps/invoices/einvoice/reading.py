"""Invoices and credit notes, read from their rows as documents of EN 16931: six queries, however many there are."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection

from apps.invoices.document_figures import locale_of
from apps.invoices.document_words import words
from apps.invoices.einvoice import lines as lined
from apps.invoices.einvoice import parties, taxes
from apps.invoices.einvoice.taxes import Taxed
from apps.invoices.einvoice.terms import Category, Document, Line, Party, Period, Reference, Totals, TypeCode
from apps.invoices.models import CreditNote, CreditNoteLine, Invoice, TaxLine
from apps.invoices.models import Line as InvoiceLine
from apps.invoices.rules import LineKind, SettlementKind
from apps.kernel.currencies import currency
from apps.kernel.membership import among, array
from apps.kernel.money import Money
from apps.kernel.periods import local_date
from apps.tax import queries as tax
from apps.tax.models import Seller

_LINE = (
    "invoice_id", "position", "kind", "description", "service_days", "period_start", "period_end", "quantity",
    "unit_amount", "amount", "discount_amount", "tax_rate", "tax_reason",
)  # fmt: skip
_PROFILE = (
    "legal_name", "line1", "line2", "postal_code", "city", "region", "country", "email", "phone", "registration",
    "iban", "bic",
)  # fmt: skip
# What credit paid in the very transaction that made the invoice final: what comes later does not change the document.
_PREPAID = """
SELECT invoice.id, sum(settlement.amount)::bigint
FROM invoices_invoice AS invoice
JOIN invoices_settlement AS settlement ON settlement.invoice_id = invoice.id AND settlement.kind = %s
JOIN ledger_entry AS entry ON entry.source_id = settlement.source_id AND entry.transaction = invoice.sealed_by
WHERE invoice.id = ANY(%s::uuid[]) GROUP BY invoice.id
"""


@dataclass(frozen=True, slots=True)
class Read:
    """A document, and the countries whose tax is on it."""

    document: Document
    jurisdictions: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Beside:
    """Who sells, read once for all documents of a batch."""

    seller: Seller
    tax_ids: Mapping[date, Sequence[tuple[str, str]]]

    def parties(self, day: date, bill_to: Mapping[str, Any], rows: Sequence[Taxed]) -> tuple[Party, Party]:
        """The seller under its number for what is taxed, and the buyer."""
        outside = any(taxes.rated(row.rate, row.reason).category is Category.OUTSIDE for row in rows)
        number = taxes.registered(self.tax_ids[day], sorted(_taxed_in(rows)), self.seller.country)
        return (
            parties.seller_party(self.profile, number, outside=outside),
            parties.buyer_party(bill_to, outside=outside),
        )

    @property
    def profile(self) -> dict[str, str]:
        return {name: getattr(self.seller, name) for name in _PROFILE}


def invoices(ids: Collection[UUID]) -> dict[UUID, Read]:
    """These invoices, by id; those that are not final are left out."""
    rows = list(Invoice.objects.filter(pk__in=ids).exclude(number=None).select_related("account", "replaces"))
    found = {invoice.pk for invoice in rows}
    lines: dict[UUID, list[Any]] = {pk: [] for pk in found}
    for line in (
        InvoiceLine.objects.filter(among("invoice_id", found))
        .order_by("invoice_id", "position")
        .values_list(*_LINE, named=True)
    ):
        lines[line.invoice_id].append(line)
    taxed: dict[UUID, list[Taxed]] = {pk: [] for pk in found}
    for row in TaxLine.objects.filter(among("invoice_id", found)).order_by("invoice_id", "position"):
        taxed[row.invoice_id].append(Taxed(row.jurisdiction, row.rate, row.reason, row.taxable_amount, row.amount))
    prepaid, beside = _prepaid(found), _beside(_issued(invoice) for invoice in rows)
    return {
        invoice.pk: _invoice(invoice, lines[invoice.pk], taxed[invoice.pk], prepaid.get(invoice.pk, 0), beside)
        for invoice in rows
    }


def credit_notes(ids: Collection[UUID]) -> dict[UUID, Read]:
    """These credit notes, by id."""
    rows = list(CreditNote.objects.filter(pk__in=ids).select_related("account", "invoice"))
    lines: dict[UUID, list[CreditNoteLine]] = {note.pk: [] for note in rows}
    for line in CreditNoteLine.objects.filter(credit_note__in=lines).order_by("position").select_related("line"):
        lines[line.credit_note_id].append(line)
    beside = _beside(note.issue_date for note in rows)
    return {note.pk: _credit_note(note, lines[note.pk], beside) for note in rows}


def _invoice(invoice: Invoice, rows: Sequence[Any], taxed: Sequence[Taxed], prepaid: int, beside: _Beside) -> Read:
    exponent, said = currency(invoice.currency).exponent, words(locale_of(invoice.account.locale).language)
    # What is left to the balance is no sale: it settles a total below zero, as a payment settles one above.
    sold = [row for row in rows if row.kind != LineKind.CREDIT_TO_BALANCE]
    left = sum(row.amount for row in rows if row.kind == LineKind.CREDIT_TO_BALANCE)
    lines = [_line(row, invoice.account.timezone, exponent, said) for row in sold]
    seller, buyer = beside.parties(_issued(invoice), invoice.bill_to, taxed)
    replaced = invoice.replaces
    number = invoice.number or ""
    totals = _totals(invoice.subtotal - invoice.discount - left, invoice.tax, prepaid - left, exponent)
    return Read(
        Document(
            number=number,
            issue_date=_issued(invoice),
            due_date=invoice.due_date,
            type_code=TypeCode.CORRECTED if replaced else TypeCode.INVOICE,
            currency=invoice.currency,
            buyer_reference=invoice.bill_to.get("buyer_reference") or "",
            purchase_order=invoice.bill_to.get("purchase_order") or "",
            notes=[
                f"{row.description}: {Money(row.amount, invoice.currency)}"
                for row in rows
                if row.kind == LineKind.CREDIT_TO_BALANCE
            ],
            seller=seller,
            buyer=buyer,
            means=parties.payment_means(beside.profile, number, invoice.currency),
            terms=f"{said['due']}: {invoice.due_date}" if totals.due > 0 else "",
            period=lined.whole(line.period for line in lines),
            preceding=Reference(replaced.number or "", replaced.issue_date) if replaced else None,
            lines=lines,
            taxes=taxes.groups(taxed, said, exponent),
            totals=totals,
        ),
        _taxed_in(taxed),
    )


def _credit_note(note: CreditNote, rows: Sequence[CreditNoteLine], beside: _Beside) -> Read:
    exponent, said = currency(note.currency).exponent, words(locale_of(note.account.locale).language)
    taxed = [
        Taxed(row.line.tax_jurisdiction, row.tax_rate, row.line.tax_reason, row.amount, row.tax_amount) for row in rows
    ]
    seller, buyer = beside.parties(note.issue_date, note.invoice.bill_to, taxed)
    lines = [
        lined.line(
            row.position,
            row.description,
            lined.Priced(row.amount, 0, Decimal(1), None),
            taxes.rated(row.tax_rate, row.line.tax_reason),
            None,
            discount="",
            exponent=exponent,
        )
        for row in rows
    ]
    return Read(
        Document(
            number=note.number,
            issue_date=note.issue_date,
            due_date=None,
            type_code=TypeCode.CREDIT_NOTE,
            currency=note.currency,
            buyer_reference=note.invoice.bill_to.get("buyer_reference") or "",
            purchase_order=note.invoice.bill_to.get("purchase_order") or "",
            notes=[note.reason],
            seller=seller,
            buyer=buyer,
            means=None,
            terms=said["credited"].format(amount=Money(note.total, note.currency)),
            period=None,
            preceding=Reference(note.invoice.number or "", note.invoice.issue_date),
            lines=lines,
            taxes=taxes.groups(taxed, said, exponent),
            totals=_totals(note.subtotal, note.tax, 0, exponent),
        ),
        _taxed_in(taxed),
    )


def _line(row: Any, timezone: str, exponent: int, said: Mapping[str, str]) -> Line:
    return lined.line(
        row.position,
        row.description.strip() or str(row.kind),
        lined.Priced(row.amount, row.discount_amount, row.quantity, row.unit_amount),
        taxes.rated(row.tax_rate, row.tax_reason),
        _period(row, timezone),
        discount=said["discount"],
        exponent=exponent,
    )


def _period(row: Any, timezone: str) -> Period | None:
    if row.service_days is not None and row.service_days.lower and row.service_days.upper:
        return lined.days(row.service_days.lower, row.service_days.upper)
    if row.period_start is not None and row.period_end is not None:
        return lined.days(local_date(row.period_start, timezone), local_date(row.period_end, timezone))
    return None


def _totals(net: int, tax_amount: int, prepaid: int, exponent: int) -> Totals:
    figures = (net, tax_amount, net + tax_amount, prepaid, net + tax_amount - prepaid)
    return Totals(*(taxes.major(figure, exponent) for figure in figures))


def _taxed_in(rows: Iterable[Taxed]) -> frozenset[str]:
    return frozenset(row.jurisdiction.partition("-")[0] for row in rows if not row.reason)


def _prepaid(ids: Collection[UUID]) -> dict[UUID, int]:
    with connection.cursor() as cursor:
        cursor.execute(_PREPAID, [SettlementKind.CREDIT.value, array(ids)])
        return dict(cursor.fetchall())


def _beside(days: Iterable[date]) -> _Beside:
    return _Beside(tax.seller(), {day: tax.tax_ids(day) for day in set(days)})


def _issued(invoice: Invoice) -> date:
    if invoice.issue_date is None:
        raise ValueError("a final invoice has an issue date")
    return invoice.issue_date
