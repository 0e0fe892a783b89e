"""The XML of a document: read, checked, written. What is known to be wrong is never sent."""

from collections.abc import Callable, Mapping
from enum import StrEnum

from apps.invoices.einvoice import cii, reading, ubl
from apps.invoices.einvoice.checks import check
from apps.invoices.einvoice.terms import Document
from apps.invoices.models import CreditNote, Invoice
from apps.invoices.rules import Status
from apps.kernel.errors import Conflict


class Syntax(StrEnum):
    """The two that EN 16931 names."""

    UBL = "ubl"
    CII = "cii"


_WRITERS: Mapping[Syntax, Callable[[Document], bytes]] = {Syntax.UBL: ubl.write, Syntax.CII: cii.write}


def render(invoice: Invoice, syntax: Syntax = Syntax.UBL) -> bytes:
    """An invoice as e-invoice; six queries. Errors (409): invoice_not_final, invoice_void, and those of the checks."""
    if invoice.status == Status.DRAFT:
        raise Conflict("invoice_not_final", "The invoice is a draft.", hint="Wait until it is issued.")
    if invoice.status == Status.VOID:
        raise Conflict(
            "invoice_void", "The invoice is void: nobody is to book it.", hint="Take the invoice that replaces it."
        )
    return _written(reading.invoices([invoice.pk])[invoice.pk], syntax)


def render_credit_note(note: CreditNote, syntax: Syntax = Syntax.UBL) -> bytes:
    """A credit note as e-invoice; four queries. Errors (409): those of the checks."""
    return _written(reading.credit_notes([note.pk])[note.pk], syntax)


def _written(read: reading.Read, syntax: Syntax) -> bytes:
    check(read.document, read.jurisdictions)
    return _WRITERS[syntax](read.document)


def file_name(number: str) -> str:
    """What the file is called: INV-2026-000001.xml, without anything that a file name cannot hold."""
    plain = "".join(character if character.isascii() and character.isalnum() else "-" for character in number)
    return f"{plain}.xml"
