"""Voiding: the document counts no more, and all that settled it goes back to where it came from."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.db.models import F, Sum

from apps.accounts.models import Account
from apps.credits.actions.record import Record
from apps.credits.actions.record import write as write_credits
from apps.credits.models import Grant, Use
from apps.credits.queries import grants
from apps.credits.rules import Source, UseKind
from apps.events.publish import publish
from apps.events.rules import Lane
from apps.invoices.actions.open_again import open_again
from apps.invoices.events import InvoiceVoided
from apps.invoices.models import CreditNote, Invoice, Line, PendingItem, Settlement, WriteOff
from apps.invoices.objects import invoice_objects
from apps.invoices.queries import PAID, balances, lock
from apps.invoices.registry import given_back
from apps.invoices.rules import LineKind, SettlementKind, Status
from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.errors import Conflict, NotFound
from apps.kernel.ids import uuid7
from apps.kernel.periods import local_date
from apps.ledger import queries as books
from apps.ledger import rules as ledger
from apps.ledger.actions import post


@dataclass
class _Voiding:
    """What one call does, gathered to be written at its end."""

    at: datetime
    actor: Actor
    lane: Lane
    payers: dict[UUID, Account]
    refund_reason: str | None = None
    record: Record = field(default_factory=Record)
    uses: list[Use] = field(default_factory=list)
    settlements: list[Settlement] = field(default_factory=list)
    entries: list[ledger.NewEntry] = field(default_factory=list)
    reopened: set[UUID] = field(default_factory=set)

    def head(self, invoice: Invoice, source_type: str, source_id: UUID) -> ledger.Head:
        """What an entry about this invoice says."""
        return ledger.Head(
            currency=invoice.currency,
            source_type=source_type,
            source_id=source_id,
            account_id=invoice.account_id,
            on=self.day(invoice),
        )

    def day(self, invoice: Invoice) -> date:
        """The account's local day."""
        return local_date(self.at, self.payers[invoice.account_id].timezone)

    def settle(self, invoice: Invoice, kind: SettlementKind, amount: int, source_id: UUID) -> None:
        """Let the balance grow by `amount` again."""
        self.settlements.append(Settlement(invoice=invoice, kind=kind, source_id=source_id, amount=-amount, at=self.at))


def void(
    invoice_ids: Collection[UUID],
    *,
    reason: str,
    at: datetime,
    actor: Actor,
    lane: Lane = Lane.API,
    refund: bool = False,
) -> list[Invoice]:
    """Void these final invoices, all or none: credit goes back to its grants, what was paid becomes credit.

    With `refund` it goes back to where it came from instead, as far as it can.

    What a net below zero left to the balance is taken back, also where it has paid something since: that invoice is
    open again. Inside the caller's transaction, which has locked the accounts. Billed days are the caller's business.
    Errors: invoice_not_found (404); invoice_is_draft, invoice_is_void, invoice_credited, invoice_written_off (409).
    """
    if not invoice_ids:
        return []
    invoices = lock(invoice_ids)
    _check(invoices, invoice_ids)
    payers = Account.objects.in_bulk({invoice.account_id for invoice in invoices.values()})
    voiding = _Voiding(at, actor, lane, payers, refund_reason=reason if refund else None)
    _take_back(list(invoices.values()), voiding)
    _return_credit(invoices, voiding)
    _return_payments(invoices, voiding)
    for invoice_id, entry in books.recorded(ledger.Kind.ISSUE, invoices).items():
        voiding.entries.append(
            ledger.reversal(
                entry,
                kind=ledger.Kind.VOID,
                source_type="invoice",
                source_id=invoice_id,
                on=voiding.day(invoices[invoice_id]),
            )
        )
    _write(voiding, invoices)
    return _mark(list(invoices.values()), reason, voiding)


def _check(invoices: dict[UUID, Invoice], wanted: Collection[UUID]) -> None:
    for invoice_id in wanted:
        invoice = invoices.get(invoice_id)
        if invoice is None:
            raise NotFound("invoice_not_found", f"There is no invoice {invoice_id}.", hint="Check the id.")
        if invoice.status == Status.DRAFT:
            raise Conflict("invoice_is_draft", "A draft is not final yet.", hint="Nothing is owed; leave it.")
        if invoice.status == Status.VOID:
            raise Conflict("invoice_is_void", f"Invoice {invoice.number} is void.", hint="It counts no more already.")
    if WriteOff.objects.filter(invoice_id__in=invoices, reversed_at=None).exists():
        raise Conflict(
            "invoice_written_off", "The invoice is written off.", hint="Take the write-off back before you void it."
        )
    if by := crediting(invoices):
        raise Conflict(
            "invoice_credited",
            f"Lines of this invoice are credited by {', '.join(by)}.",
            hint="Void the crediting invoices first, the newest before the others; a credit note stays.",
        )


def crediting(invoice_ids: Collection[UUID]) -> list[str]:
    """The numbers of other documents that stand and credit a line of these invoices, the newest first."""
    lines = Line.objects.filter(invoice_id__in=invoice_ids, amount__gt=0).values_list("pk", "subscription_id")
    by_id = {str(pk): subscription_id for pk, subscription_id in lines}
    credits = Line.objects.filter(
        subscription_id__in={each for each in by_id.values() if each},
        kind=LineKind.PRORATION_CREDIT,
        source__reverses__in=list(by_id),
    ).exclude(invoice_id__in=invoice_ids)
    standing = Invoice.objects.filter(pk__in=credits.values("invoice_id")).exclude(status=Status.VOID)
    notes = CreditNote.objects.filter(invoice_id__in=invoice_ids).order_by("-pk").values_list("number", flat=True)
    found = standing.order_by("-created_at", "-number").values_list("number", flat=True)
    waiting = PendingItem.objects.filter(
        account__in=Invoice.objects.filter(pk__in=invoice_ids).values("account_id"),
        invoice_id=None,
        removed_at=None,
        line__source__reverses__in=list(by_id),
    )
    waits = ["a change that waits for its invoice"] if waiting.exists() else []
    return [*waits, *(str(number) for number in (*notes, *found))]


def _take_back(invoices: Sequence[Invoice], voiding: _Voiding) -> None:
    """The credit that these invoices left to the balance: first what it has paid comes back, then it is no more."""
    given = {grant.source_id: grant for grant in grants().filter(
        source=Source.PRORATION, source_id__in=[invoice.pk for invoice in invoices]
    )}  # fmt: skip
    if not given:
        return
    used = _used(Use.objects.filter(grant__in=[grant.pk for grant in given.values()]))
    others = lock({invoice_id for _, invoice_id in used})
    for invoice in invoices:
        grant = given.get(invoice.pk)
        if grant is None:
            continue
        remaining = grant.remaining
        for (grant_id, invoice_id), amount in used.items():
            if grant_id == grant.pk:
                _give_back(others[invoice_id], grant, amount, voiding)
                remaining += amount
                voiding.reopened.add(invoice_id)
        voiding.uses.append(Use(grant=grant, kind=UseKind.VOID, amount=remaining, at=voiding.at))


def _return_credit(invoices: dict[UUID, Invoice], voiding: _Voiding) -> None:
    """What credit has paid of these goes back to its grant; of one that has expired, to a new one."""
    used = _used(Use.objects.filter(invoice_id__in=invoices))
    found = Grant.objects.in_bulk({grant_id for grant_id, _ in used})
    for (grant_id, invoice_id), amount in used.items():
        grant, invoice = found[grant_id], invoices[invoice_id]
        if grant.source == Source.PRORATION and grant.source_id in invoices:
            continue  # taken back with its own invoice
        if grant.expires_at is None or grant.expires_at > voiding.at:
            _give_back(invoice, grant, amount, voiding)
            continue
        use_id: UUID = uuid7()
        voiding.record.grant(
            account_id=invoice.account_id,
            amount=amount,
            currency=invoice.currency,
            reason=f"Returned from {invoice.number}",
            source=Source.RETURN,
            source_id=use_id,
            at=voiding.at,
        )
        voiding.settle(invoice, SettlementKind.CREDIT_RETURN, amount, use_id)
        voiding.entries.append(ledger.credit_return(amount=amount, **voiding.head(invoice, "credit_use", use_id)))


def _give_back(invoice: Invoice, grant: Grant, amount: int, voiding: _Voiding) -> None:
    use = Use(grant=grant, kind=UseKind.RETURN, invoice_id=invoice.pk, amount=-amount, at=voiding.at)
    voiding.uses.append(use)
    voiding.settle(invoice, SettlementKind.CREDIT_RETURN, amount, use.pk)
    voiding.entries.append(ledger.credit_return(amount=amount, **voiding.head(invoice, "credit_use", use.pk)))


def _used(uses: object) -> dict[tuple[UUID, UUID], int]:
    """(grant, invoice) -> what is used there and not returned."""
    left: dict[tuple[UUID, UUID], int] = defaultdict(int)
    rows = uses.filter(kind__in=[UseKind.INVOICE, UseKind.RETURN]).order_by("pk")  # type: ignore[attr-defined]
    for grant_id, invoice_id, amount in rows.values_list("grant_id", "invoice_id", "amount"):
        left[grant_id, invoice_id] += amount
    return {pair: amount for pair, amount in left.items() if amount}


def _return_payments(invoices: dict[UUID, Invoice], voiding: _Voiding) -> None:
    """What was paid is refunded, if that is wanted, and else becomes the account's credit."""
    paid = Settlement.objects.filter(invoice_id__in=invoices, kind__in=PAID).order_by().values_list("invoice_id")
    for invoice_id, sum_paid in paid.annotate(paid=Sum("amount")):
        invoice, return_id = invoices[invoice_id], uuid7()
        amount = int(sum_paid) - _refunded(invoice, int(sum_paid), voiding)
        if amount <= 0:
            continue
        voiding.record.grant(
            account_id=invoice.account_id,
            amount=amount,
            currency=invoice.currency,
            reason=f"Paid on {invoice.number}, which is void",
            source=Source.VOID,
            source_id=return_id,
            at=voiding.at,
        )
        voiding.settle(invoice, SettlementKind.PAYMENT_RETURN, amount, return_id)
        entry = ledger.payment_return(amount=amount, **voiding.head(invoice, "payment_return", return_id))
        voiding.entries.append(entry)


def _refunded(invoice: Invoice, paid: int, voiding: _Voiding) -> int:
    """What of it goes back to where it came from."""
    if voiding.refund_reason is None or paid <= 0:
        return 0
    back = given_back(invoice, paid, reason=voiding.refund_reason, at=voiding.at, actor=voiding.actor)
    for each in back:
        voiding.settle(invoice, SettlementKind.REFUND, each.amount, each.refund_id)
        head = voiding.head(invoice, "refund", each.refund_id)
        voiding.entries.append(ledger.refund(amount=each.amount, out_of=each.out_of, **head))
    return sum(each.amount for each in back)


def _write(voiding: _Voiding, invoices: dict[UUID, Invoice]) -> None:
    Use.objects.bulk_create(voiding.uses)
    Settlement.objects.bulk_create(voiding.settlements)
    post(voiding.entries, at=voiding.at)
    write_credits(voiding.record, actor=voiding.actor, lane=voiding.lane)
    owed = [pk for pk, left in balances(voiding.reopened - invoices.keys()).items() if left.balance]
    open_again(owed, actor=voiding.actor)


def _mark(invoices: Sequence[Invoice], reason: str, voiding: _Voiding) -> list[Invoice]:
    ids = [invoice.pk for invoice in invoices]
    before = {invoice.pk: invoice.status for invoice in invoices}
    Invoice.objects.filter(pk__in=ids).update(
        status=Status.VOID,
        voided_at=voiding.at,
        void_reason=reason[:255],
        paid_at=None,
        version=F("version") + 1,
        updated_at=clock.wall(),
    )
    rows = Invoice.objects.in_bulk(ids)
    voided = [rows[pk] for pk in ids]
    publish(
        [
            InvoiceVoided(
                object=shown,
                object_id=shown.id,
                account_id=shown.account_id,
                effective_at=voiding.at,
                previous_attributes={"status": before[shown.id], "voided_at": None, "void_reason": None},
            )
            for shown in invoice_objects(voided)
        ],
        lane=voiding.lane,
    )
    return voided
