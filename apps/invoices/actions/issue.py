"""Make invoices final: one path for 1 or 1,000, with a constant number of queries.

Everything is computed and written but the invoices themselves before the number series is locked; from that lock on all
other issuers wait, so it is taken last and held only until the caller's commit. Call it once, as the last thing of the
transaction.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import connection

from apps.accounts.models import Account
from apps.accounts.queries import net_terms
from apps.credits.actions.record import write as write_credits
from apps.events.declare import DomainEvent
from apps.events.publish import publish
from apps.events.rules import Lane
from apps.invoices import rows
from apps.invoices.actions.credit import Applied, apply_credit
from apps.invoices.actions.paid import mark_paid
from apps.invoices.events import InvoiceCreated, InvoicePaid
from apps.invoices.metrics import GENERATED
from apps.invoices.objects import InvoiceObject
from apps.invoices.registry import charged
from apps.invoices.rows import Ready
from apps.invoices.rules import (
    DraftInvoice,
    Issued,
    Open,
    Status,
    balanced,
    due_date,
    number_of,
    series_of,
    sums,
    taxable,
)
from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.errors import Invalid
from apps.kernel.ids import uuid7
from apps.kernel.periods import local_date
from apps.kernel.statements import fetch
from apps.kernel.transactions import after_commit, copy_rows, copy_tables, previewing, unit_of_work
from apps.ledger import rules as ledger
from apps.ledger.actions import post
from apps.tax import provider
from apps.tax.provider import QuoteRequest

_collected: ContextVar[list[InvoiceObject] | None] = ContextVar("issued_invoices", default=None)

_TAKE = """
INSERT INTO invoices_numberseries AS series (series, last)
SELECT series, count FROM unnest(%s::text[], %s::bigint[]) AS wanted (series, count) ORDER BY series
ON CONFLICT (series) DO UPDATE SET last = series.last + EXCLUDED.last
RETURNING series, last
"""


@contextmanager
def collecting() -> Iterator[list[InvoiceObject]]:
    """The invoices that issue() makes meanwhile, in order, as they were when they were made; it may be nested."""
    made: list[InvoiceObject] = []
    outer = _collected.get()
    token = _collected.set(made)
    try:
        yield made
    finally:
        _collected.reset(token)
        if outer is not None:
            outer += made


def issue(
    drafts: Sequence[DraftInvoice],
    *,
    at: Mapping[UUID, datetime] | datetime,
    actor: Actor,
    lane: Lane = Lane.API,
    accounts: Mapping[UUID, Account] | None = None,
) -> list[Issued]:
    """Number `drafts`, in their order, and write them with lines, taxes, ledger entries and events.

    Inside the caller's unit_of_work, which has locked the accounts; `accounts` spares a query where they are at hand.
    `at` is each account's time; the issue date is its local date there. The account's credit pays at once what it can;
    a total of 0, or nothing left, is PAID. Lines that come to less than zero get one more, `credit_to_balance`.
    Errors (422): total_negative, amount_too_large, currency_mismatch, account_unknown, tax_rate_missing.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("issue() belongs into the caller's transaction: call it inside unit_of_work")
    if not drafts:
        return []
    with unit_of_work(actor, savepoint=False):
        payers = _payers(drafts, accounts)
        applied = apply_credit(_compute(drafts, payers, at))
        ready = applied.ready
        _write_parts(ready, applied)
        write_credits(applied.record, actor=actor, lane=lane)
        mark_paid(applied.paid, lane=lane)
        if not previewing():
            charged([
                Open(one.draft.account_id, one.object.id, one.object.balance, one.draft.currency) for one in ready
            ])  # fmt: skip
        numbered = _number(ready)
        copy_rows(
            "invoices_invoice",
            rows.INVOICE,
            [rows.invoice(invoice) for invoice in numbered],
        )
        publish(list(_announcements(ready, numbered)), lane=lane)
        after_commit(partial(GENERATED.inc, len(drafts)), name="invoices_generated_total")
    if (collected := _collected.get()) is not None:
        collected += numbered
    return [
        Issued(
            invoice.id, invoice.number or "", invoice.status, invoice.total, tuple(line.id for line in invoice.lines)
        )
        for invoice in numbered
    ]


def _payers(drafts: Sequence[DraftInvoice], given: Mapping[UUID, Account] | None) -> Mapping[UUID, Account]:
    """The account of each draft; its currency must be the draft's."""
    wanted = {draft.account_id for draft in drafts}
    payers = given if given is not None and wanted <= given.keys() else Account.objects.in_bulk(wanted)
    for draft in drafts:
        payer = payers.get(draft.account_id)
        if payer is None:
            raise Invalid("account_unknown", f"There is no account {draft.account_id}.", hint="Check the id.")
        if payer.currency != draft.currency:
            raise Invalid(
                "currency_mismatch",
                f"Account {payer.pk} is billed in {payer.currency}, not {draft.currency}.",
                hint="Invoice an account in its own currency.",
            )
    return payers


def _compute(
    drafts: Sequence[DraftInvoice], payers: Mapping[UUID, Account], at: Mapping[UUID, datetime] | datetime
) -> list[Ready]:
    """All figures, with tax asked for in one call."""
    instants = [at if isinstance(at, datetime) else at[draft.account_id] for draft in drafts]
    days = [
        local_date(instant, payers[draft.account_id].timezone) for draft, instant in zip(drafts, instants, strict=True)
    ]
    quotes = provider.current().quote(
        [_quote_request(draft, payers[draft.account_id], on=day) for draft, day in zip(drafts, days, strict=True)]
    )
    now = clock.wall()
    ready = []
    for draft, instant, day, quote in zip(drafts, instants, days, quotes, strict=True):
        payer = payers[draft.account_id]
        whole, taxed = balanced(draft, quote)
        figures = sums(whole, taxed)
        due = due_date(day, net_terms(payer))
        document = rows.draft_object(whole, figures, payer, issue_date=day, due_date=due, at=instant, now=now)
        ready.append(Ready(whole, figures, instant, series_of(settings.BILLING_INVOICE_PREFIX, day), document))
    return ready


def _quote_request(draft: DraftInvoice, payer: Account, **when: Any) -> QuoteRequest:
    return QuoteRequest(
        country=payer.country,
        region=str(payer.address.get("region") or payer.address.get("state") or ""),
        exempt=payer.tax_exempt,
        tax_id=payer.tax_id,
        currency=draft.currency,
        lines=taxable(draft),
        **when,
    )


def _write_parts(ready: Sequence[Ready], applied: Applied) -> None:
    """Everything that hangs on an invoice, before the invoice: nothing may be added to one that exists.

    What credit pays too: the foreign key of a settlement is looked at when the transaction commits.
    """
    lines = [row for one in ready for row in rows.lines(one.draft, one.sums, one.object)]
    tax_lines = [row for one in ready for row in rows.tax_lines(one.sums, one.object)]
    copy_tables(
        ("invoices_line", rows.LINE, lines),
        ("invoices_taxline", rows.TAX_LINE, tax_lines),
        ("invoices_settlement", rows.SETTLEMENT, list(rows.settlements(applied.record.uses, now=clock.wall()))),
    )
    entries: dict[datetime, list[ledger.NewEntry]] = {}
    for one in ready:
        entries.setdefault(one.at, []).append(
            ledger.issue(
                deferred=one.sums.deferred,
                revenue=one.sums.earned,
                tax=one.sums.tax,
                credit=one.sums.credit,
                currency=one.draft.currency,
                source_type="invoice",
                source_id=one.object.id,
                account_id=one.draft.account_id,
                on=one.object.issue_date or one.at.date(),
            )
        )
    for one, entry in applied.entries:
        entries[one.at].append(entry)
    for instant, group in entries.items():
        post(group, at=instant)


def _number(ready: Sequence[Ready]) -> list[InvoiceObject]:
    """Take numbers without gaps: whoever rolls back gives them back, for the series' row stays locked until then.

    A preview takes none, so that nobody waits for it.
    """
    if previewing():
        return [msgspec.structs.replace(one.object, number=f"PREVIEW-{one.object.id.hex}") for one in ready]
    wanted: dict[str, int] = {}
    for one in ready:
        wanted[one.series] = wanted.get(one.series, 0) + 1
    following = _first_of(wanted)
    numbered = []
    for one in ready:
        numbered.append(msgspec.structs.replace(one.object, number=number_of(one.series, following[one.series])))
        following[one.series] += 1
    return numbered


def take_numbers(wanted: Mapping[str, int]) -> list[str]:
    """The next numbers of each series, so many of each, in order. Take them last: all others wait until the commit."""
    if previewing():
        return [f"PREVIEW-{uuid7().hex}" for count in wanted.values() for _ in range(count)]
    first = _first_of(wanted)
    return [number_of(series, first[series] + index) for series, count in wanted.items() for index in range(count)]


def _first_of(wanted: Mapping[str, int]) -> dict[str, int]:
    rows = fetch(_TAKE, [list(wanted), list(wanted.values())])
    return {series: last - wanted[series] + 1 for series, last in rows}


def _announcements(ready: Sequence[Ready], numbered: Sequence[InvoiceObject]) -> Iterable[DomainEvent]:
    for one, invoice in zip(ready, numbered, strict=True):
        news: dict[str, Any] = {
            "object": invoice,
            "object_id": invoice.id,
            "account_id": invoice.account_id,
            "effective_at": one.at,
        }
        yield InvoiceCreated(**news)
        if invoice.status is Status.PAID:
            yield InvoicePaid(**news)
