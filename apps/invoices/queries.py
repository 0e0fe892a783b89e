"""Reads and locks of invoices. A balance is always summed from rows: total less what was settled."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Exists, F, Func, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Length

from apps.invoices.models import CreditNote, CreditNoteLine, Invoice, Line, PendingItem, Settlement, TaxLine
from apps.invoices.registry import under_way
from apps.invoices.rules import DraftLine, LineKind, Open, SettlementKind, Status
from apps.kernel.membership import among, array
from apps.kernel.prepared import named, rows_of
from apps.kernel.statements import fetch
from apps.tax.rules import Behavior

PAID = (
    SettlementKind.PAYMENT, SettlementKind.REFUND, SettlementKind.CHARGEBACK, SettlementKind.CHARGEBACK_REVERSAL,
    SettlementKind.PAYMENT_RETURN,
)  # fmt: skip
"""Settlements that are money; what went back is negative."""
CREDITS = (SettlementKind.CREDIT, SettlementKind.CREDIT_RETURN)
"""Settlements by the account's credit; what was returned is negative."""

# Asked whenever something is billed, and most have nothing that waits: what is written out need not be put together.
_PENDING = named(
    PendingItem,
    """
SELECT * FROM invoices_pendingitem
WHERE account_id = ANY(%s::uuid[]) AND invoice_id IS NULL AND removed_at IS NULL
  AND (subscription_id IS NULL OR subscription_id = ANY(%s::uuid[]))
ORDER BY account_id, id
""",
)
# These are part of every answer that shows an invoice.
_OF_LINES = (
    "id", "invoice_id", "kind", "subscription_id", "plan_version", "description", "period_start", "period_end",
    "quantity", "unit_amount", "amount", "discount_amount", "tax_rate", "tax_amount", "breakdown",
)  # fmt: skip
_LINES = named(
    Line,
    "SELECT * FROM invoices_line WHERE invoice_id = ANY(%s::uuid[]) ORDER BY invoice_id, position",
    only=_OF_LINES,
)
_TAX_LINES = named(
    TaxLine, "SELECT * FROM invoices_taxline WHERE invoice_id = ANY(%s::uuid[]) ORDER BY invoice_id, position"
)
# Those of one creation have ids of one moment; numbers tell them apart. An array is found once, by the lines' index.
_LATEST = named(
    Invoice,
    """
SELECT * FROM invoices_invoice
WHERE id = ANY(ARRAY(SELECT invoice_id FROM invoices_line WHERE subscription_id = %s))
ORDER BY created_at DESC, length(number) DESC, number DESC LIMIT 1
""",
)
_LATEST_OF_ACCOUNT = named(Invoice, "SELECT * FROM invoices_invoice WHERE account_id = %s ORDER BY id DESC LIMIT 1")
_BALANCES = """
SELECT invoice.id, total,
       COALESCE(sum(amount) FILTER (WHERE settlement.kind = ANY(%s::text[])), 0)::bigint,
       COALESCE(sum(amount) FILTER (WHERE settlement.kind = ANY(%s::text[])), 0)::bigint,
       total - COALESCE(sum(amount), 0)::bigint
FROM invoices_invoice AS invoice LEFT JOIN invoices_settlement AS settlement ON settlement.invoice_id = invoice.id
WHERE invoice.id = ANY(%s::uuid[]) GROUP BY invoice.id
"""
_OPEN = f"""
SELECT account_id, id,
       total - COALESCE((SELECT sum(amount) FROM invoices_settlement WHERE invoice_id = invoice.id), 0)::bigint,
       currency
FROM invoices_invoice AS invoice WHERE account_id = ANY(%s::uuid[]) AND status = '{Status.OPEN.value}' ORDER BY id
"""  # noqa: S608 - a status of code, which is that of the index


@dataclass(frozen=True, slots=True)
class Balance:
    """What is left to pay of an invoice, and what has come off it."""

    total: int
    amount_paid: int
    credits_applied: int
    balance: int


def invoices() -> QuerySet[Invoice]:
    """All invoices; a list shows them newest first, by id."""
    return Invoice.objects.all()


def credit_notes() -> QuerySet[CreditNote]:
    """All credit notes."""
    return CreditNote.objects.all()


def credited_by_notes(line_ids: Collection[UUID]) -> dict[UUID, int]:
    """What credit notes took back of these lines: net, or gross where the price held its tax."""
    if not line_ids:
        return {}
    rows = CreditNoteLine.objects.filter(line_id__in=line_ids).order_by().values_list("line_id", "line__tax_behavior")
    return {
        line_id: int(net) + (int(tax) if behavior == Behavior.INCLUSIVE else 0)
        for line_id, behavior, net, tax in rows.annotate(net=Sum("amount"), tax=Sum("tax_amount"))
    }


def last_bills(subscription_ids: Collection[UUID]) -> dict[UUID, list[Line]]:
    """What each was billed in its newest cycle: its lines of the invoice that holds its newest recurring line."""
    mine = Line.objects.filter(among("subscription_id", subscription_ids), kind=LineKind.RECURRING)
    newest = mine.exclude(invoice__status__in=(Status.DRAFT, Status.VOID)).order_by("subscription_id", "-period_start")
    newest = newest.distinct("subscription_id")
    holds = {
        each.subscription_id: each.invoice_id
        for each in newest.only("subscription_id", "invoice_id")
        if each.subscription_id
    }
    found: dict[UUID, list[Line]] = {}
    lines = Line.objects.filter(among("subscription_id", holds), among("invoice_id", holds.values()))
    for line in lines.order_by("invoice_id", "position"):
        if line.subscription_id and line.invoice_id == holds[line.subscription_id]:
            found.setdefault(line.subscription_id, []).append(line)
    return found


def invoices_by_id(ids: Collection[UUID]) -> dict[UUID, Invoice]:
    """These invoices, by id; those that do not exist are left out."""
    return Invoice.objects.in_bulk(list(ids))


def with_balances(rows: QuerySet[Invoice]) -> QuerySet[Invoice]:
    """Annotate amount_paid, credits_applied and balance, each summed per row through Settlement's covering index."""
    return rows.annotate(
        amount_paid=_settled(Q(kind__in=PAID)),
        credits_applied=_settled(Q(kind__in=CREDITS)),
        balance=F("total") - _settled(Q()),
    )


def balances(ids: Collection[UUID]) -> dict[UUID, Balance]:
    """The balances of these invoices, in one query."""
    return {pk: Balance(*figures) for pk, *figures in fetch(_BALANCES, [list(PAID), list(CREDITS), array(ids)])}


def open_balances(account_ids: Collection[UUID]) -> list[Open]:
    """The open invoices of these accounts, the oldest first, in one query."""
    return [Open(*row) for row in fetch(_OPEN, [array(account_ids)])]


def latest_of(subscription_id: UUID) -> Invoice | None:
    """The newest invoice with a line of this subscription."""
    return next(iter(rows_of(Invoice, _LATEST, [subscription_id])), None)


def latest_of_account(account_id: UUID) -> Invoice | None:
    """The newest invoice of an account."""
    return next(iter(rows_of(Invoice, _LATEST_OF_ACCOUNT, [account_id])), None)


def lines_of(ids: Collection[UUID]) -> Iterable[Line]:
    """The lines of these invoices, invoice by invoice, in their order: of each what is shown."""
    return rows_of(Line, _LINES, [array(ids)], only=_OF_LINES)


def tax_lines_of(ids: Collection[UUID]) -> Iterable[TaxLine]:
    """The taxes of these invoices, invoice by invoice, in their order."""
    return rows_of(TaxLine, _TAX_LINES, [array(ids)])


def lock(ids: Collection[UUID]) -> dict[UUID, Invoice]:
    """Lock these invoices in the order of their ids; those that do not exist are left out."""
    rows = Invoice.objects.filter(pk__in=set(ids)).order_by("pk").select_for_update(no_key=True)
    return {invoice.pk: invoice for invoice in rows}


def pending(
    account_ids: Collection[UUID], subscription_ids: Collection[UUID]
) -> dict[tuple[UUID, UUID | None], list[PendingItem]]:
    """What waits for the next invoice of these accounts, or of these subscriptions of theirs, the oldest first."""
    rows = rows_of(PendingItem, _PENDING, [array(account_ids), array(subscription_ids)])
    found: dict[tuple[UUID, UUID | None], list[PendingItem]] = {}
    for item in rows:
        found.setdefault((item.account_id, item.subscription_id), []).append(item)
    return found


def pending_credits(lines: Collection[Line]) -> list[DraftLine]:
    """Credits of unused days that reverse one of these lines and wait for an invoice."""
    ids = {str(line.pk) for line in lines}
    owners = Invoice.objects.filter(pk__in={line.invoice_id for line in lines}).values("account_id")
    rows = PendingItem.objects.filter(account_id__in=owners, invoice_id=None, removed_at=None)
    drafts = (item.draft_line() for item in rows)
    return [
        draft for draft in drafts if draft.kind == LineKind.PRORATION_CREDIT and draft.source.get("reverses") in ids
    ]


def pending_due(at: datetime) -> QuerySet[PendingItem]:
    """What waits for an invoice of its own that is to be made by `at`, the longest due first."""
    rows = PendingItem.objects.filter(invoice_at__lte=at, invoice_id=None, removed_at=None)
    return rows.order_by("invoice_at", "id")


def superseded_candidates(subscription_ids: Collection[UUID], issue_date: date) -> list[Any]:
    """Invoices of that day that stand and have a line of one of these, newest first, locked.

    Each says whether it is `untouched`: nobody has begun to pay it, and nothing but credit has come off it.
    """
    lines = Line.objects.filter(subscription_id__in=subscription_ids).order_by().values("invoice_id")
    standing = Invoice.objects.filter(pk__in=lines, issue_date=issue_date, status__in=[Status.OPEN, Status.PAID])
    # Locked before it is asked who has begun to pay: a payment under way is seen by then, or comes after.
    locked = lock(standing.values_list("pk", flat=True))
    if not locked:
        return []
    rows = list(
        Invoice.objects.filter(pk__in=locked, status__in=[Status.OPEN, Status.PAID])
        .annotate(settled_by_others=Exists(Settlement.objects.filter(invoice=OuterRef("pk")).exclude(kind__in=CREDITS)))
        .order_by("-created_at", Length("number").desc(), "-number")
    )
    collected = under_way([row.pk for row in rows])
    for row in rows:
        row.untouched = not row.settled_by_others and not collected[row.pk]  # type: ignore[attr-defined]
    return rows


def with_lines_of(rows: QuerySet[Invoice], subscription_id: UUID) -> QuerySet[Invoice]:
    """Those with a line of this subscription: grouped invoices have several."""
    ids = ArraySubquery(Line.objects.filter(subscription_id=subscription_id).order_by().values("invoice_id"))
    # An array is found once, by the lines' index; as a semi-join PostgreSQL walks all invoices, newest first.
    found = Func(ids, function="ANY")
    return rows.filter(Func(F("pk"), found, template="%(expressions)s", arg_joiner=" = ", output_field=BooleanField()))


def _settled(which: Q) -> Coalesce:
    """The sum of an invoice's settlements of some kinds, as a subquery."""
    rows = Settlement.objects.filter(which, invoice=OuterRef("pk")).order_by().values("invoice")
    return Coalesce(
        Subquery(rows.annotate(settled=Sum("amount")).values("settled"), output_field=IntegerField()), Value(0)
    )
