"""The posting table: which accounts each event debits and credits. Every entry balances by construction.

An amount is signed: debit above zero, credit below. A function takes its amounts as the event has them (a payment of
2500 is amount=2500); those of `issue` and `credit_note` may be negative, as lines are. Zero postings are left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypedDict, Unpack
from uuid import UUID

from apps.kernel.errors import Invalid
from apps.kernel.money import MAX_AMOUNT


class LedgerAccount(StrEnum):
    """The chart of accounts, the same in every currency."""

    RECEIVABLE = "receivable"
    DEFERRED_REVENUE = "deferred_revenue"
    REVENUE = "revenue"
    TAX_PAYABLE = "tax_payable"
    CUSTOMER_CREDIT = "customer_credit"
    GATEWAY_CLEARING = "gateway_clearing"
    BANK = "bank"
    GOODWILL_EXPENSE = "goodwill_expense"
    BREAKAGE_REVENUE = "breakage_revenue"
    BAD_DEBT_EXPENSE = "bad_debt_expense"


class Kind(StrEnum):
    """What happened: the rows of the posting table, and their reversals."""

    ISSUE = "issue"
    VOID = "void"
    CREDIT_NOTE = "credit_note"
    CREDIT_USE = "credit_use"
    CREDIT_RETURN = "credit_return"
    GRANT = "grant"
    GRANT_REVERSAL = "grant_reversal"
    EXPIRY = "expiry"
    PAYMENT = "payment"
    OVERPAYMENT = "overpayment"
    PAYMENT_RETURN = "payment_return"
    REFUND = "refund"
    CHARGEBACK = "chargeback"
    CHARGEBACK_REVERSAL = "chargeback_reversal"
    WRITE_OFF = "write_off"
    WRITE_OFF_REVERSAL = "write_off_reversal"
    RECOGNITION = "recognition"


@dataclass(frozen=True, slots=True)
class NewPosting:
    """One amount on one ledger account: debit above zero, credit below, never zero."""

    ledger_account: LedgerAccount
    amount: int

    def __post_init__(self) -> None:
        if not self.amount:
            raise ValueError("a posting of zero says nothing")
        if abs(self.amount) > MAX_AMOUNT:
            raise Invalid(
                "amount_too_large",
                f"A posting of {self.amount} is beyond {MAX_AMOUNT} minor units.",
                hint="Split the amount over several invoices or payments.",
            )


@dataclass(frozen=True, slots=True)
class NewEntry:
    """One event in the books: postings in one currency that sum to zero. Without postings it is not written."""

    kind: Kind
    currency: str
    source_type: str
    source_id: UUID
    account_id: UUID
    on: date
    postings: tuple[NewPosting, ...]

    def __post_init__(self) -> None:
        if sum(posting.amount for posting in self.postings):
            raise ValueError(f"an entry balances: {self.postings}")


class Head(TypedDict):
    """What every entry says beside its amounts: the document it comes from, the customer, the local date."""

    currency: str
    source_type: str
    source_id: UUID
    account_id: UUID
    on: date


def issue(*, deferred: int = 0, revenue: int = 0, tax: int = 0, credit: int = 0, **head: Unpack[Head]) -> NewEntry:
    """An invoice: the customer owes the sum. `deferred`: recurring net; `revenue`: usage and one-off net.

    `credit` is what a net below zero leaves to the customer's balance (above zero), as a line of the invoice holds it.
    """
    return _entry(
        Kind.ISSUE,
        [
            (LedgerAccount.RECEIVABLE, deferred + revenue + tax + credit),
            (LedgerAccount.DEFERRED_REVENUE, -deferred),
            (LedgerAccount.REVENUE, -revenue),
            (LedgerAccount.TAX_PAYABLE, -tax),
            (LedgerAccount.CUSTOMER_CREDIT, -credit),
        ],
        head,
    )


def credit_note(
    *, deferred: int = 0, revenue: int = 0, tax: int = 0, credit: int = 0, **head: Unpack[Head]
) -> NewEntry:
    """A credit note mirrors an issue; its amounts are above zero, as on the document.

    `credit`: the part that the invoice no longer owes: it becomes the customer's credit.
    """
    return _entry(
        Kind.CREDIT_NOTE,
        [
            (LedgerAccount.RECEIVABLE, credit - deferred - revenue - tax),
            (LedgerAccount.DEFERRED_REVENUE, deferred),
            (LedgerAccount.REVENUE, revenue),
            (LedgerAccount.TAX_PAYABLE, tax),
            (LedgerAccount.CUSTOMER_CREDIT, -credit),
        ],
        head,
    )


def payment(*, amount: int, into: LedgerAccount = LedgerAccount.GATEWAY_CLEARING, **head: Unpack[Head]) -> NewEntry:
    """Money received for an invoice, by the gateway or (`into`) on the bank account."""
    return _move(Kind.PAYMENT, amount, into, LedgerAccount.RECEIVABLE, head)


def overpayment(*, amount: int, into: LedgerAccount = LedgerAccount.GATEWAY_CLEARING, **head: Unpack[Head]) -> NewEntry:
    """The part of a payment that no invoice takes: it becomes the customer's credit."""
    return _move(Kind.OVERPAYMENT, amount, into, LedgerAccount.CUSTOMER_CREDIT, head)


def payment_return(*, amount: int, **head: Unpack[Head]) -> NewEntry:
    """What was paid on an invoice that is void now: it becomes the customer's credit."""
    return _move(Kind.PAYMENT_RETURN, amount, LedgerAccount.RECEIVABLE, LedgerAccount.CUSTOMER_CREDIT, head)


def credit_return(*, amount: int, **head: Unpack[Head]) -> NewEntry:
    """Credit that had paid an invoice goes back to the customer."""
    return _move(Kind.CREDIT_RETURN, amount, LedgerAccount.RECEIVABLE, LedgerAccount.CUSTOMER_CREDIT, head)


def refund(*, amount: int, out_of: LedgerAccount = LedgerAccount.GATEWAY_CLEARING, **head: Unpack[Head]) -> NewEntry:
    """Money given back; the credit note of the same gross is an entry of its own."""
    return _move(Kind.REFUND, amount, LedgerAccount.RECEIVABLE, out_of, head)


def chargeback(
    *, amount: int, out_of: LedgerAccount = LedgerAccount.GATEWAY_CLEARING, **head: Unpack[Head]
) -> NewEntry:
    """Money taken back by the bank: the customer owes it again."""
    return _move(Kind.CHARGEBACK, amount, LedgerAccount.RECEIVABLE, out_of, head)


def write_off(*, amount: int, **head: Unpack[Head]) -> NewEntry:
    """A debt that is given up."""
    return _move(Kind.WRITE_OFF, amount, LedgerAccount.BAD_DEBT_EXPENSE, LedgerAccount.RECEIVABLE, head)


def credit_use(*, amount: int, **head: Unpack[Head]) -> NewEntry:
    """The customer's credit pays an invoice."""
    return _move(Kind.CREDIT_USE, amount, LedgerAccount.CUSTOMER_CREDIT, LedgerAccount.RECEIVABLE, head)


def grant(*, amount: int, **head: Unpack[Head]) -> NewEntry:
    """Credit given out of goodwill."""
    return _move(Kind.GRANT, amount, LedgerAccount.GOODWILL_EXPENSE, LedgerAccount.CUSTOMER_CREDIT, head)


def expiry(*, amount: int, **head: Unpack[Head]) -> NewEntry:
    """Credit that nobody used in time."""
    return _move(Kind.EXPIRY, amount, LedgerAccount.CUSTOMER_CREDIT, LedgerAccount.BREAKAGE_REVENUE, head)


def recognition(*, amount: int, **head: Unpack[Head]) -> NewEntry:
    """Days of service rendered: what was deferred is earned."""
    return _move(Kind.RECOGNITION, amount, LedgerAccount.DEFERRED_REVENUE, LedgerAccount.REVENUE, head)


def reversal(entry: NewEntry, *, kind: Kind, source_type: str, source_id: UUID, on: date) -> NewEntry:
    """The opposite of `entry`: a void, a returned credit use, a chargeback won."""
    return NewEntry(
        kind=kind,
        currency=entry.currency,
        source_type=source_type,
        source_id=source_id,
        account_id=entry.account_id,
        on=on,
        postings=tuple(NewPosting(posting.ledger_account, -posting.amount) for posting in entry.postings),
    )


def _move(kind: Kind, amount: int, debit: LedgerAccount, credit: LedgerAccount, head: Head) -> NewEntry:
    """`amount` from one account to another; it is above zero, or zero for nothing at all."""
    if amount < 0:
        raise ValueError(f"{kind} of {amount}: post the opposite event instead of a negative amount")
    return _entry(kind, [(debit, amount), (credit, -amount)], head)


def _entry(kind: Kind, amounts: Sequence[tuple[LedgerAccount, int]], head: Head) -> NewEntry:
    postings = tuple(NewPosting(ledger_account, amount) for ledger_account, amount in amounts if amount)
    return NewEntry(kind=kind, postings=postings, **head)
