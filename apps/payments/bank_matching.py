"""What lines of a bank statement would pay: by the invoice's number in the reference, or else by the account's key.

A fixed number of queries for any number of lines; nothing is written. An amount alone matches nothing: two customers
may owe the same.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from django.db.models import Q

from apps.accounts.models import Account
from apps.invoices import queries as invoices
from apps.invoices.models import Invoice
from apps.invoices.rules import Status
from apps.payments.bank_file import StatementLine
from apps.payments.models import BankLine

_WORD = re.compile(r"[^\s,;:/|()]+")
WORDS = 40
"""So many words of a reference are looked at."""
JOINED = 4
"""An invoice's number that was written with spaces is put together of so many words at most."""


class Does(StrEnum):
    """What a line would do."""

    FULL = "full"
    PART = "part"
    OVER = "over"
    ACCOUNT = "account"
    NOTHING = "nothing"
    KNOWN = "known"


@dataclass(frozen=True, kw_only=True)
class Match:
    """One line and what it pays. `left`: of the invoice, or of what the account owes; `credit`: what is too much."""

    line: StatementLine
    does: Does
    account: Account | None = None
    invoice: Invoice | None = None
    left: int = 0
    credit: int = 0
    why: str = ""


@dataclass
class _Books:
    """What is known of whoever the lines may mean; balances fall as lines are matched."""

    known: set[str]
    by_number: dict[str, Invoice]
    by_key: dict[str, Account]
    balances: dict[UUID, int]
    owing: dict[UUID, list[UUID]] = field(default_factory=dict)
    billed: set[UUID] = field(default_factory=set)


def matches(lines: Sequence[StatementLine]) -> list[Match]:
    """What each line would do, one after the other."""
    books = _books(lines)
    return [_match(line, books) for line in lines]


def _books(lines: Sequence[StatementLine]) -> _Books:
    words = {word for line in lines for word in _words(line.reference)}
    numbers = {number for line in lines for number in _numbers(line.reference)}
    named = list(
        Invoice.objects.filter(number__in=numbers).exclude(status=Status.DRAFT).select_related("account").order_by("pk")
    )
    keyed = {str(each.external_key): each for each in Account.objects.filter(external_key__in=words, deleted_at=None)}
    accounts = {each.account_id for each in named} | {each.pk for each in keyed.values()}
    opened = Invoice.objects.filter(account_id__in=accounts, status=Status.OPEN).order_by("due_date", "pk")
    owing: dict[UUID, list[UUID]] = {}
    for invoice_id, account_id in opened.values_list("pk", "account_id"):
        owing.setdefault(account_id, []).append(invoice_id)
    ids = {each.pk for each in named} | {each for found in owing.values() for each in found}
    billed = Invoice.objects.filter(~Q(status=Status.DRAFT), account_id__in=accounts)
    return _Books(
        known=set(BankLine.objects.filter(digest__in=[line.digest for line in lines]).values_list("digest", flat=True)),
        by_number={str(each.number): each for each in named},
        by_key=keyed,
        balances={pk: each.balance for pk, each in invoices.balances(ids).items()},
        owing=owing,
        billed=set(billed.order_by().values_list("account_id", flat=True).distinct()),
    )


def _match(line: StatementLine, books: _Books) -> Match:
    if line.digest in books.known:
        return Match(line=line, does=Does.KNOWN)
    named = {books.by_number[number] for number in _numbers(line.reference) if number in books.by_number}
    keyed = {books.by_key[word] for word in _words(line.reference) if word in books.by_key}
    payers = {each.account for each in named} or keyed
    if len(payers) != 1:
        why = "It names several accounts." if payers else "It names no invoice and no account."
        return Match(line=line, does=Does.NOTHING, why=why)
    [account] = payers
    if account.currency != line.currency:
        return Match(line=line, does=Does.NOTHING, account=account, why=f"The account is billed in {account.currency}.")
    if account.pk not in books.billed:
        return Match(line=line, does=Does.NOTHING, account=account, why="The account has no invoice yet.")
    if len(named) == 1:
        return _of_invoice(line, account, next(iter(named)), books)
    left = line.amount
    for invoice_id in books.owing.get(account.pk, []):
        left -= _take(invoice_id, left, books)
    owed = sum(books.balances[each] for each in books.owing.get(account.pk, []))
    return Match(line=line, does=Does.ACCOUNT, account=account, left=owed, credit=left)


def _of_invoice(line: StatementLine, account: Account, invoice: Invoice, books: _Books) -> Match:
    taken = 0 if invoice.status == Status.VOID else _take(invoice.pk, line.amount, books)
    left, credit = books.balances[invoice.pk], line.amount - taken
    does = Does.OVER if credit else Does.PART if left else Does.FULL
    return Match(line=line, does=does, account=account, invoice=invoice, left=left, credit=credit)


def _take(invoice_id: UUID, amount: int, books: _Books) -> int:
    taken = max(0, min(amount, books.balances[invoice_id]))
    books.balances[invoice_id] -= taken
    return taken


def _words(reference: str) -> list[str]:
    return [word.strip(".") for word in _WORD.findall(reference)][:WORDS]


def _numbers(reference: str) -> list[str]:
    """What may be an invoice's number: words, and neighbours that were parted where the number has hyphens."""
    words = [word.upper() for word in _words(reference)]
    spans = [words[at : at + length] for at in range(len(words)) for length in range(1, JOINED + 1)]
    return list(dict.fromkeys("-".join(span) for span in spans if any(map(str.isdigit, "".join(span)))))
