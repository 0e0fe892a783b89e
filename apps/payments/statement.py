"""What an account owes, and how it came to that: balance and statement, read from invoices, credits and the books.

The statement is made of the account's ledger entries, so it ends where the books end, whatever kinds there will be.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, Sum
from django.db.models.functions import Coalesce

from apps.accounts.models import Account
from apps.credits import queries as credits
from apps.invoices import queries as invoices
from apps.invoices.models import Invoice, Settlement
from apps.invoices.rules import Status
from apps.kernel.errors import Invalid
from apps.ledger.models import Entry
from apps.ledger.rules import LedgerAccount
from apps.rest.objects import ApiObject

MOST_ENTRIES = 5000

_OPEN = Coalesce(Sum("postings__amount", filter=Q(postings__ledger_account=LedgerAccount.RECEIVABLE)), 0)
_CREDIT = Coalesce(-Sum("postings__amount", filter=Q(postings__ledger_account=LedgerAccount.CUSTOMER_CREDIT)), 0)


class BalanceObject(ApiObject, kw_only=True, frozen=True):
    """What an account owes: `open` invoices, of which `overdue`; `credit` pays the next invoices by itself."""

    account_id: UUID
    currency: str
    open: int
    overdue: int
    credit: int
    url: str


class StatementEntryObject(ApiObject, kw_only=True, frozen=True):
    """One thing that moved the balance: by how much, and where it stood afterwards."""

    kind: str
    date: date
    at: datetime
    source_type: str
    source_id: UUID
    invoice_id: UUID | None
    invoice_number: str | None
    open_change: int
    credit_change: int
    open: int
    credit: int


class StatementObject(ApiObject, kw_only=True, frozen=True):
    """Everything between two local dates, both included, in order. `open` less `credit` is what is owed in the end."""

    account_id: UUID
    currency: str
    date_from: date
    date_to: date
    opening_open: int
    opening_credit: int
    entries: list[StatementEntryObject]
    closing_open: int
    closing_credit: int
    url: str


@dataclass(frozen=True)
class _Of:
    """The invoice that an entry is about."""

    id: UUID | None = None
    number: str | None = None


def balance(account: Account, today: date) -> BalanceObject:
    """As it stands, with `today` as the account's local date; three queries."""
    rows = invoices.with_balances(invoices.invoices().filter(account=account, status=Status.OPEN))
    sums = rows.aggregate(open=Sum("balance"), overdue=Sum("balance", filter=Q(due_date__lt=today)))
    return BalanceObject(
        account_id=account.pk,
        currency=account.currency,
        open=int(sums["open"] or 0),
        overdue=int(sums["overdue"] or 0),
        credit=credits.balances([account.pk]).get(account.pk, 0),
        url=f"/v1/accounts/{account.pk}/balance",
    )


def statement(account: Account, first: date, last: date) -> StatementObject:
    """The account's entries from `first` to `last`; four queries. Errors: statement_too_long (422)."""
    mine = Entry.objects.filter(
        account_id=account.pk,
        postings__ledger_account__in=[LedgerAccount.RECEIVABLE, LedgerAccount.CUSTOMER_CREDIT],
    )
    before = mine.filter(on__lt=first).order_by().aggregate(open=_OPEN, credit=_CREDIT)
    rows = list(
        mine.filter(on__gte=first, on__lte=last)
        .annotate(open_change=_OPEN, credit_change=_CREDIT)
        .order_by("on", "effective_at", "id")[: MOST_ENTRIES + 1]
    )
    if len(rows) > MOST_ENTRIES:
        raise Invalid(
            "statement_too_long",
            f"There are more than {MOST_ENTRIES} entries from {first} to {last}.",
            hint="Ask for fewer days at a time.",
        )
    about = _about(rows)
    opening_open, opening_credit = int(before["open"]), int(before["credit"])
    owed, favour = opening_open, opening_credit
    entries = []
    for row in rows:
        owed, favour = owed + int(row.open_change), favour + int(row.credit_change)
        of = about.get(row.source_id, _Of())
        entries.append(
            StatementEntryObject(
                kind=row.kind,
                date=row.on,
                at=row.effective_at,
                source_type=row.source_type,
                source_id=row.source_id,
                invoice_id=of.id,
                invoice_number=of.number,
                open_change=int(row.open_change),
                credit_change=int(row.credit_change),
                open=owed,
                credit=favour,
            )
        )
    return StatementObject(
        account_id=account.pk,
        currency=account.currency,
        date_from=first,
        date_to=last,
        opening_open=opening_open,
        opening_credit=opening_credit,
        entries=entries,
        closing_open=owed,
        closing_credit=favour,
        url=f"/v1/accounts/{account.pk}/statement",
    )


def _about(rows: list[Any]) -> Mapping[UUID, _Of]:
    """The invoice behind each source: itself, or what a payment or a credit came off."""
    ids = {row.source_id for row in rows}
    found = Settlement.objects.filter(source_id__in=ids).values_list("source_id", "invoice_id", "invoice__number")
    made = Invoice.objects.filter(pk__in=ids).values_list("pk", "number")
    return {source: _Of(pk, number) for source, pk, number in found} | {pk: _Of(pk, number) for pk, number in made}
