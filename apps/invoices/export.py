"""Invoices as files, written piece by piece: however many there are, one piece is in memory."""

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from io import StringIO
from typing import Any

from django.db.models import QuerySet

from apps.invoices.models import Invoice
from apps.invoices.objects import invoice_objects
from apps.invoices.queries import with_balances
from apps.kernel.cells import cell
from apps.kernel.pieces import pieces
from apps.rest.objects import encode

PIECE = 200
"""Invoices at a time: their lines come with them where they are shown."""
BUYER = ("name", "email", "country", "tax_id", "purchase_order", "buyer_reference")
_OF_THE_ROW = (
    "id", "number", "account_id", "subscription_id", "kind", "status", "currency", "subtotal", "discount", "tax",
    "total", "credits_applied", "amount_paid", "balance", "issue_date", "due_date", "paid_at", "voided_at",
    "void_reason", "replaces_id", "requires_review", "created_at", "updated_at",
)  # fmt: skip
COLUMNS = [*_OF_THE_ROW, *(f"bill_to_{name}" for name in BUYER), "metadata"]
"""An invoice is one line, in minor units of its currency; its own lines and taxes are in the JSON."""


def as_csv(rows: QuerySet[Invoice]) -> Iterator[bytes]:
    """A heading, then a line an invoice, the oldest first."""
    return _csv(pieces(with_balances(rows), PIECE))


def as_json(rows: QuerySet[Invoice]) -> Iterator[bytes]:
    """One document as lists have it, with a line an invoice; without its end it is not whole."""
    return _json(pieces(rows, PIECE))


FORMATS: Mapping[str, tuple[str, Callable[[QuerySet[Invoice]], Iterator[bytes]]]] = {
    "csv": ("text/csv; charset=utf-8", as_csv),
    "json": ("application/json", as_json),
}


def _csv(parts: Iterator[Sequence[Invoice]]) -> Iterator[bytes]:
    yield _lines([COLUMNS])
    for part in parts:
        yield _lines([_cells(invoice) for invoice in part])


def _json(parts: Iterator[Sequence[Invoice]]) -> Iterator[bytes]:
    yield b'{"data":['
    between = b"\n"
    for part in parts:
        yield between + b",\n".join([encode(each) for each in invoice_objects(part)])
        between = b",\n"
    yield b"]}\n"


def _cells(invoice: Invoice) -> list[object]:
    buyer: dict[str, Any] = invoice.bill_to
    return [
        *(_cell(getattr(invoice, name)) for name in _OF_THE_ROW),
        *(cell(buyer.get(name)) for name in BUYER),
        json.dumps(invoice.metadata, ensure_ascii=False, separators=(",", ":")),
    ]


def _cell(value: Any) -> object:
    """As JSON says it: instants in UTC, truth in small letters."""
    if value is None or (isinstance(value, str | int) and not isinstance(value, bool)):
        return cell(value)
    return json.loads(encode(value)) if not isinstance(value, bool) else str(value).lower()


def _lines(rows: Sequence[Sequence[object]]) -> bytes:
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()
