"""The credit note's document: the invoice's template, with what is taken back."""

from typing import Any
from uuid import UUID

from apps.invoices.document_figures import Figures
from apps.invoices.document_parties import address_lines, seller_part
from apps.invoices.document_press import press
from apps.invoices.document_words import words
from apps.invoices.models import CreditNote
from apps.tax import queries as tax


def render(note_id: UUID) -> bytes:
    """The PDF of a credit note. Raises CreditNote.DoesNotExist."""
    note = CreditNote.objects.select_related("account", "invoice").get(pk=note_id)
    return press("invoice.typ", content(note), day=note.issue_date)


def content(note: CreditNote) -> dict[str, Any]:
    """All that the template shows, as text."""
    figures = Figures(note.account.locale, note.currency)
    said = {**words(figures.locale.language)}
    said |= {"invoice": said["credit_note"], "number": said["credit_note_number"]}
    bill_to = note.invoice.bill_to
    heads = ["description", "quantity", "unit_price", "tax_rate"]
    return {
        "words": said,
        "lang": figures.locale.language,
        "title": f"{said['credit_note']} {note.number}",
        "number": note.number,
        "seller": seller_part(tax.seller(), tax.tax_ids(note.issue_date), figures, said["tax_id"]),
        "bill_to": {
            "name": bill_to.get("name", ""),
            "lines": address_lines(bill_to.get("address") or {}, bill_to.get("country", ""), figures),
        },
        "facts": [
            (said["credit_note_number"], note.number),
            (said["issued"], figures.day(note.issue_date)),
            (words(figures.locale.language)["number"], note.invoice.number),
        ],
        "state": said["credited"].format(amount=figures.money(note.total)),
        "state_note": None,
        "discounted": False,
        "heads": [*(said[head] for head in heads), f"{said['amount']} ({note.currency})"],
        "lines": [
            {
                "description": line.description,
                "period": None,
                "figures": ["", "", figures.percent(line.tax_rate), figures.amount(-line.amount)],
            }
            for line in note.lines.order_by("position")
        ],
        "sums": [
            (said["subtotal"], figures.money(-note.subtotal), ""),
            (said["tax"], figures.money(-note.tax), ""),
            (said["total"], figures.money(-note.total), "strong"),
        ],
        "taxes": [],
        "changes": None,
        "bank": [],
        "notes": [note.reason],
    }
