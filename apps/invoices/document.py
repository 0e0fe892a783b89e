"""The invoice's document: one invoice as PDF, by a template, in the language of who pays it.

The same state gives the same bytes, whichever process makes them: the day it was issued is the day it says it was made.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from apps.invoices.document_figures import Figures, figures_of
from apps.invoices.document_parties import address_lines, bank_part, seller_part
from apps.invoices.document_press import press
from apps.invoices.document_words import words
from apps.invoices.models import Invoice, Line, TaxLine
from apps.invoices.queries import Balance, balances
from apps.invoices.registry import changed
from apps.invoices.rules import Status
from apps.tax import queries as tax
from apps.tax.models import Seller

NOTES = "document_notes"
"""The member of an invoice's metadata whose text stands on its document."""


@dataclass(frozen=True)
class Document:
    """An invoice's document that has been read and is not pressed yet."""

    name: str
    day: date
    shown: Mapping[str, Any]

    def pdf(self) -> bytes:
        """Press it: some milliseconds, no query."""
        return press("invoice.typ", self.shown, day=self.day)


@dataclass(frozen=True)
class _Beside:
    """What documents show beside their invoices' own rows, each kind read once for all of them."""

    balances: Mapping[UUID, Balance]
    seller: Seller
    tax_ids: Mapping[date, Sequence[tuple[str, str]]]


def render(invoice_id: UUID) -> bytes:
    """The PDF of an invoice; six queries, and ten more that tell why it changed. Raises Invoice.DoesNotExist."""
    for found in documents([invoice_id]).values():
        return found.pdf()
    raise Invoice.DoesNotExist(f"There is no invoice {invoice_id}.")


def documents(invoice_ids: Collection[UUID]) -> dict[UUID, Document]:
    """The documents of these invoices as they stand now; those that do not exist are left out.

    Five queries and one for each day of issue, however many there are, and for those that bill a subscription what
    tells why they changed.
    """
    rows = Invoice.objects.filter(pk__in=invoice_ids).select_related("account")
    found = list(rows.prefetch_related("lines", "tax_lines"))
    beside = _beside(found)
    return {each.pk: Document(file_name(each), _made_on(each), _content(each, beside)) for each in found}


def _beside(invoices: Sequence[Invoice]) -> _Beside:
    days = {_made_on(invoice) for invoice in invoices}
    return _Beside(balances([each.pk for each in invoices]), tax.seller(), {day: tax.tax_ids(day) for day in days})


def file_name(invoice: Invoice) -> str:
    """What the document is called: INV-2026-000001.pdf, without anything that a file name cannot hold."""
    name = invoice.number or f"draft-{invoice.pk}"
    return "".join(character if character.isascii() and character.isalnum() else "-" for character in name) + ".pdf"


def content(invoice: Invoice) -> dict[str, Any]:
    """All that the template shows, as text."""
    return _content(invoice, _beside([invoice]))


def _content(invoice: Invoice, beside: _Beside) -> dict[str, Any]:
    figures = figures_of(invoice.account.locale, invoice.currency)
    said = words(figures.locale.language)
    # Sorted here: rows that were read for several invoices at once are not asked for again.
    lines = sorted(invoice.lines.all(), key=lambda line: line.position)
    taxes = sorted(invoice.tax_lines.all(), key=lambda row: row.position)
    balance, seller, bill_to = beside.balances[invoice.pk], beside.seller, invoice.bill_to
    number = invoice.number or said["draft"]
    discounted = any(line.discount_amount for line in lines)
    heads = ["description", "quantity", "unit_price", *(["discount"] if discounted else []), "tax_rate"]
    notes = [str(invoice.metadata.get(NOTES) or ""), invoice.void_reason]
    return {
        "words": said,
        "lang": figures.locale.language,
        "title": f"{said['invoice']} {number}",
        "number": number,
        "seller": seller_part(seller, beside.tax_ids[_made_on(invoice)], figures, said["tax_id"]),
        "bill_to": {
            "name": bill_to.get("name", ""),
            "lines": address_lines(bill_to.get("address") or {}, bill_to.get("country", ""), figures),
        },
        "facts": _facts(invoice, figures, said),
        "state": _state(invoice, balance, figures, said),
        "state_note": said["not_final"] if invoice.status == Status.DRAFT else None,
        "discounted": discounted,
        "heads": [*(said[head] for head in heads), f"{said['amount']} ({invoice.currency})"],
        "lines": [_line(line, invoice, figures, discounted=discounted) for line in lines],
        "sums": _sums(invoice, balance, figures, said),
        "taxes": [_tax(row, figures, said) for row in taxes],
        "changes": _changes(invoice, figures),
        "bank": bank_part(seller, number, said) if invoice.status == Status.OPEN else [],
        "notes": [note for note in notes if note],
    }


def _changes(invoice: Invoice, figures: Figures) -> dict[str, Any] | None:
    found = changed(invoice, figures)
    return {"title": found.title, "rows": [list(row) for row in found.rows]} if found else None


def _made_on(invoice: Invoice) -> date:
    return invoice.issue_date or invoice.created_at.date()


def _facts(invoice: Invoice, figures: Figures, said: dict[str, str]) -> list[tuple[str, str]]:
    rows = [
        (said["number"], invoice.number),
        (said["issued"], figures.day(invoice.issue_date) if invoice.issue_date else None),
        (said["due"], figures.day(invoice.due_date) if invoice.due_date else None),
        *((said[name], invoice.bill_to.get(name)) for name in ("tax_id", "purchase_order", "buyer_reference")),
    ]
    return [(label, text) for label, text in rows if text]


def _state(invoice: Invoice, balance: Balance, figures: Figures, said: dict[str, str]) -> str:
    if invoice.status in (Status.DRAFT, Status.VOID):
        return said[str(invoice.status).lower()]
    if balance.balance > 0:
        day = figures.day(invoice.due_date) if invoice.due_date else ""
        return said["due_by"].format(amount=figures.money(balance.balance), date=day)
    if balance.amount_paid > 0 and invoice.paid_at is not None:
        return said["paid_on"].format(date=figures.day(_local(invoice.paid_at, invoice)))
    return said["nothing_due"]


def _line(line: Line, invoice: Invoice, figures: Figures, *, discounted: bool) -> dict[str, Any]:
    period = None
    if line.service_days is not None and line.service_days.lower and line.service_days.upper:
        period = figures.days(line.service_days.lower, line.service_days.upper)
    elif line.period_start is not None and line.period_end is not None:
        period = figures.days(_local(line.period_start, invoice), _local(line.period_end, invoice))
    return {
        "description": line.description,
        "period": period,
        "figures": [
            figures.number(line.quantity),
            "" if line.unit_amount is None else figures.unit_price(line.unit_amount),
            *([figures.amount(-line.discount_amount) if line.discount_amount else ""] if discounted else []),
            figures.percent(line.tax_rate),
            figures.amount(line.amount - line.discount_amount),
        ],
    }


def _sums(invoice: Invoice, balance: Balance, figures: Figures, said: dict[str, str]) -> list[tuple[str, str, str]]:
    adjusted = balance.total - balance.amount_paid - balance.credits_applied - balance.balance
    taken: Sequence[tuple[str, int]] = (
        ("credits", balance.credits_applied), ("paid", balance.amount_paid), ("adjusted", adjusted),
    )  # fmt: skip
    rows = [(said["subtotal"], figures.money(invoice.subtotal), "")]
    if invoice.discount:
        rows.append((said["discount"], figures.money(-invoice.discount), ""))
    rows.append((said["tax"], figures.money(invoice.tax), ""))
    rows.append((said["total"], figures.money(invoice.total), "strong"))
    rows += [(said[word], figures.money(-amount), "") for word, amount in taken if amount]
    if invoice.status in (Status.OPEN, Status.PAID):
        rows.append((said["open"], figures.money(balance.balance), "strong"))
    return rows


def _tax(row: TaxLine, figures: Figures, said: dict[str, str]) -> dict[str, Any]:
    place = figures.place(row.jurisdiction) if row.jurisdiction else ""
    return {
        "place": " · ".join(filter(None, (row.name, place))) or "–",  # noqa: RUF001 - a dash that is to be seen
        "reason": said.get(row.reason, row.reason) if row.reason else None,
        "figures": [figures.percent(row.rate), figures.amount(row.taxable_amount), figures.amount(row.amount)],
    }


def _local(at: Any, invoice: Invoice) -> date:
    local: date = at.astimezone(ZoneInfo(invoice.account.timezone)).date()
    return local
