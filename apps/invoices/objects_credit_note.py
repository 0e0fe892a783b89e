"""The credit note as the API answers with it and events carry it."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from apps.invoices.models import CreditNote, CreditNoteLine
from apps.invoices.objects import plain
from apps.rest.objects import ApiObject


class CreditNoteLineObject(ApiObject, kw_only=True, frozen=True):
    """What is taken back of a line of the invoice: net `amount` and its tax, above zero."""

    line_id: UUID
    description: str
    amount: int
    tax_rate: Decimal
    tax_amount: int


class CreditNoteObject(ApiObject, kw_only=True, frozen=True):
    """Minor units of `currency`; subtotal + tax = total = settled (off the invoice) + credited (to the account)."""

    id: UUID
    number: str
    invoice_id: UUID
    account_id: UUID
    currency: str
    subtotal: int
    tax: int
    total: int
    settled: int
    credited: int
    reason: str
    issue_date: date
    lines: list[CreditNoteLineObject]
    metadata: dict[str, Any]
    created_at: datetime
    url: str


def credit_note_objects(notes: Sequence[CreditNote]) -> list[CreditNoteObject]:
    """The objects of these notes, in their order; one query for the lines of all."""
    lines: dict[UUID, list[CreditNoteLineObject]] = {}
    for line in CreditNoteLine.objects.filter(credit_note__in=[note.pk for note in notes]).order_by(
        "credit_note_id", "position"
    ):
        lines.setdefault(line.credit_note_id, []).append(
            CreditNoteLineObject(
                line_id=line.line_id,
                description=line.description,
                amount=line.amount,
                tax_rate=plain(line.tax_rate),
                tax_amount=line.tax_amount,
            )
        )
    return [
        CreditNoteObject(
            id=note.pk,
            number=note.number,
            invoice_id=note.invoice_id,
            account_id=note.account_id,
            currency=note.currency,
            subtotal=note.subtotal,
            tax=note.tax,
            total=note.total,
            settled=note.settled,
            credited=note.credited,
            reason=note.reason,
            issue_date=note.issue_date,
            lines=lines.get(note.pk, []),
            metadata=note.metadata,
            created_at=note.created_at,
            url=f"/v1/credit-notes/{note.pk}",
        )
        for note in notes
    ]
