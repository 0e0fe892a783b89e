"""Credit notes: what lines of a final invoice charged is taken back, off what is open of it, the rest as credit."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Sum

from apps.accounts import queries as accounts
from apps.credits.actions.record import Record
from apps.credits.actions.record import write as write_credits
from apps.credits.rules import Source
from apps.events.publish import publish
from apps.events.rules import Lane
from apps.invoices.actions.issue import take_numbers
from apps.invoices.actions.paid import Paid, mark_paid
from apps.invoices.credit_note_rules import Creditable, Part, of_amount, of_lines
from apps.invoices.events import CreditNoteCreated
from apps.invoices.models import CreditNote, CreditNoteLine, Invoice, Line, Settlement
from apps.invoices.objects_credit_note import credit_note_objects
from apps.invoices.queries import balances, lock, pending_credits
from apps.invoices.rules import DEFERRED, LineKind, SettlementKind, Status, series_of
from apps.kernel.actors import Actor
from apps.kernel.errors import Conflict, Invalid, NotFound, Problem
from apps.kernel.ids import uuid7
from apps.kernel.money import bounded
from apps.kernel.periods import local_date
from apps.kernel.transactions import unit_of_work
from apps.ledger import rules as ledger
from apps.ledger.actions import post


def credit_note(
    *,
    invoice_id: UUID,
    reason: str,
    amount: int | None = None,
    lines: Mapping[UUID, int] | None = None,
    metadata: Mapping[str, Any] | None = None,
    at: datetime,
    actor: Actor,
) -> CreditNote:
    """Take back `amount`, tax included, in proportion; or net amounts of single `lines`, by their ids.

    First it reduces what is open of the invoice; the rest becomes the account's credit.
    Errors: invoice_not_found (404); invoice_not_creditable (409); credit_note_empty, credit_too_large, line_unknown,
    amount_too_large (422).
    """
    with unit_of_work(actor):
        owner = Invoice.objects.filter(pk=invoice_id).values_list("account_id", flat=True).first()
        if owner is None:
            raise NotFound("invoice_not_found", f"There is no invoice {invoice_id}.", hint="Check the id.")
        account = accounts.lock_one(owner)
        invoice = lock([invoice_id])[invoice_id]
        if invoice.status not in (Status.OPEN, Status.PAID):
            raise Conflict(
                "invoice_not_creditable",
                f"The invoice is {invoice.status}.",
                hint="Credit notes are for invoices that are OPEN or PAID.",
            )
        charged = {line.pk: line for line in _charged(invoice_id)}
        parts = _parts(creditable(list(charged.values())), amount, lines)
        net, tax = sum(part.net for part in parts), sum(part.tax for part in parts)
        balance = balances([invoice_id])[invoice_id].balance
        settled = min(net + tax, max(0, balance))
        note_id: UUID = uuid7()
        today = local_date(at, account.timezone)
        deferred = sum(part.net for part in parts if charged[part.line_id].kind in DEFERRED)
        head = ledger.Head(
            currency=invoice.currency, source_type="credit_note", source_id=note_id, account_id=owner, on=today
        )
        rest = net + tax - settled
        post([ledger.credit_note(deferred=deferred, revenue=net - deferred, tax=tax, credit=rest, **head)], at=at)
        Settlement.objects.create(
            invoice=invoice, kind=SettlementKind.CREDIT_NOTE, source_id=note_id, amount=settled, excess=rest, at=at
        )
        if rest:
            _credit(invoice, note_id, rest, at=at, actor=actor)
        if invoice.status == Status.OPEN and settled == balance:
            mark_paid([Paid(invoice_id, balance, at, None)], lane=Lane.API)
        note = CreditNote(
            id=note_id,
            number=take_numbers({series_of(settings.BILLING_CREDIT_NOTE_PREFIX, today): 1})[0],
            invoice=invoice,
            account=account,
            currency=invoice.currency,
            subtotal=net,
            tax=tax,
            total=net + tax,
            settled=settled,
            credited=rest,
            reason=reason,
            issue_date=today,
            at=at,
            actor=str(actor),
            metadata=dict(metadata or {}),
        )
        note.save(force_insert=True)
        CreditNoteLine.objects.bulk_create(_rows(note, parts, charged))
        shown = credit_note_objects([note])[0]
        publish([
            CreditNoteCreated(object=shown, object_id=note_id, account_id=owner, effective_at=at)
        ])  # fmt: skip
        return note


def left_to_credit(invoice_id: UUID) -> int:
    """What credit notes can still take back of an invoice, tax included."""
    return sum(line.gross_left for line in creditable(_charged(invoice_id)))


def _charged(invoice_id: UUID) -> list[Line]:
    lines = Line.objects.filter(invoice_id=invoice_id, amount__gt=0).exclude(kind=LineKind.CREDIT_TO_BALANCE)
    return list(lines.order_by("position"))


def creditable(lines: Sequence[Line]) -> list[Creditable]:
    """These lines with what credit notes and credits of unused days took back of them, those included that wait."""
    ids = [line.pk for line in lines]
    noted = {
        line_id: (int(net), int(tax))
        for line_id, net, tax in CreditNoteLine.objects.filter(line_id__in=ids)
        .order_by()
        .values_list("line_id")
        .annotate(net=Sum("amount"), tax=Sum("tax_amount"))
    }
    prorated: dict[str, int] = {}
    subscriptions = {line.subscription_id for line in lines if line.subscription_id}
    credits = Line.objects.filter(
        subscription_id__in=subscriptions, kind=LineKind.PRORATION_CREDIT, source__reverses__in=[str(pk) for pk in ids]
    ).exclude(invoice__status=Status.VOID)
    taken = list(credits.values_list("source__reverses", "amount", "discount_amount"))
    taken += [(each.source["reverses"], each.amount, each.discount_amount) for each in pending_credits(lines)]
    for source, amount, discount in taken:
        prorated[source] = prorated.get(source, 0) - (amount - discount)
    return [
        Creditable(
            line.pk,
            line.amount - line.discount_amount,
            line.tax_amount,
            *noted.get(line.pk, (0, 0)),
            prorated=prorated.get(str(line.pk), 0),
        )
        for line in lines
    ]


def _parts(lines: Sequence[Creditable], amount: int | None, wanted: Mapping[UUID, int] | None) -> list[Part]:
    if (amount is None) == (wanted is None):
        detail = "Give either an amount, or lines with theirs."
        raise Invalid(
            "credit_note_empty", detail, hint=detail, errors=[Problem("/amount", "credit_note_empty", detail)]
        )
    parts = of_lines(lines, wanted) if wanted is not None else of_amount(lines, bounded(amount or 0))
    if sum(part.net + part.tax for part in parts) <= 0:
        raise Invalid("credit_note_empty", "This takes nothing back.", hint="Credit more than 0.")
    return parts


def _rows(note: CreditNote, parts: Sequence[Part], charged: Mapping[UUID, Line]) -> list[CreditNoteLine]:
    return [
        CreditNoteLine(
            credit_note=note,
            position=position,
            line_id=part.line_id,
            description=charged[part.line_id].description,
            amount=part.net,
            tax_amount=part.tax,
            tax_rate=charged[part.line_id].tax_rate,
        )
        for position, part in enumerate(parts, start=1)
    ]


def _credit(invoice: Invoice, note_id: UUID, amount: int, *, at: datetime, actor: Actor) -> None:
    record = Record()
    record.grant(
        account_id=invoice.account_id,
        amount=amount,
        currency=invoice.currency,
        reason=f"Credited from {invoice.number}",
        source=Source.CREDIT_NOTE,
        source_id=note_id,
        at=at,
    )
    write_credits(record, actor=actor)
