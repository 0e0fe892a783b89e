"""Which credit pays first, and how far: sums alone. No database."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol, TypeVar
from uuid import UUID

_NEVER = datetime.max.replace(tzinfo=UTC)


class Source(StrEnum):
    """What a credit comes from. `source_id` names the payment or the invoice; goodwill has none."""

    GOODWILL = "goodwill"
    OVERPAYMENT = "overpayment"
    PRORATION = "proration"
    RETURN = "return"
    """What an invoice that is void gave back of a credit that has expired meanwhile: without an expiry."""
    VOID = "void"
    """What was paid on an invoice that is void."""
    CREDIT_NOTE = "credit_note"
    REFUND = "refund"
    """A refund that did not arrive."""


class UseKind(StrEnum):
    """Why a part of a credit is no longer there."""

    INVOICE = "invoice"
    EXPIRY = "expiry"
    VOID = "void"
    RETURN = "return"
    """Below zero: what an invoice that is void, or a credit taken back, gave back of a use."""


class Spendable(Protocol):
    """A credit with what is left of it."""

    @property
    def id(self) -> UUID: ...
    @property
    def remaining(self) -> int: ...
    @property
    def expires_at(self) -> datetime | None: ...


Credit = TypeVar("Credit", bound=Spendable)


def in_order(credits: Iterable[Credit]) -> list[Credit]:
    """Soonest expiring first, those that never expire last; among equals the oldest."""
    return sorted(credits, key=lambda credit: (credit.expires_at or _NEVER, credit.id))


def spend(credits: Sequence[Credit], amount: int, *, at: datetime) -> list[tuple[Credit, int]]:
    """What each of `credits`, in this order, gives towards `amount`; one that has expired by `at` gives nothing."""
    parts = []
    for credit in credits:
        part = min(credit.remaining, amount)
        if part <= 0 or (credit.expires_at is not None and credit.expires_at <= at):
            continue
        parts.append((credit, part))
        amount -= part
    return parts
