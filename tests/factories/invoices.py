"""Accounts to bill, drafts, and invoices issued from them, through actions."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from apps.accounts import actions as accounts
from apps.accounts.models import Account
from apps.accounts.queries import lock
from apps.invoices.actions.issue import issue
from apps.invoices.models import Invoice
from apps.invoices.rules import DraftInvoice, DraftLine, Kind, LineKind
from apps.kernel.actors import system
from apps.kernel.periods import Period
from apps.kernel.transactions import unit_of_work

ACTOR = system("tests")
AT = datetime(2026, 4, 1, 12, tzinfo=UTC)
APRIL = Period(date(2026, 4, 1), date(2026, 5, 1))


def payer(**fields: Any) -> Account:
    """An account in dollars, in UTC, in the United States, unless told otherwise."""
    given = {
        "email": "ada@example.com",
        "name": "Ada",
        "currency": "USD",
        "timezone": "UTC",
        "country": "US",
        "locale": "en_US",
    }
    return accounts.create(fields={**given, **fields}, at=AT, actor=ACTOR)


def line(amount: int = 4900, **fields: Any) -> DraftLine:
    """A month's recurring charge."""
    given = {
        "kind": LineKind.RECURRING,
        "description": "Pro, April 2026",
        "period": APRIL,
        "unit_amount": Decimal(amount),
        "source": {"price": "pro"},
    }
    return DraftLine(amount=amount, **{**given, **fields})


def draft(account: Account, *lines: DraftLine, **fields: Any) -> DraftInvoice:
    """An invoice to be issued to `account`."""
    given = {"kind": Kind.SUBSCRIPTION, "currency": account.currency, "lines": lines or (line(),)}
    return DraftInvoice(account_id=account.pk, **{**given, **fields})


def issued(drafts: Sequence[DraftInvoice], *, at: datetime | dict[UUID, datetime] = AT) -> list[Invoice]:
    """The invoices that these drafts become, in one transaction, with their accounts locked as all who issue do."""
    with unit_of_work(ACTOR):
        lock({draft.account_id for draft in drafts})
        made = issue(drafts, at=at, actor=ACTOR)
    found = Invoice.objects.in_bulk([one.invoice_id for one in made])
    return [found[one.invoice_id] for one in made]


def invoice(amount: int = 4900, *, account: Account | None = None, at: datetime = AT, **fields: Any) -> Invoice:
    """One invoice of one line."""
    return issued([draft(account or payer(), line(amount, **fields))], at=at)[0]
