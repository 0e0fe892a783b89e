"""Write credits that follow from invoices and payments, and what they paid: in bulk, in the caller's transaction."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection

from apps.credits.events import CreditApplied, CreditCreated
from apps.credits.models import Grant, Use
from apps.credits.objects import AppliedCreditObject, CreditObject, credit_url
from apps.credits.rules import Source, UseKind
from apps.events.declare import DomainEvent
from apps.events.publish import publish
from apps.events.rules import Lane
from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.ids import uuid7
from apps.kernel.transactions import copy_rows
from apps.rest.objects import encode

_GRANT = (
    "id", "created_at", "account_id", "amount", "currency", "reason", "source", "source_id", "expires_at", "sweep_at",
    "at", "actor", "metadata",
)  # fmt: skip
_USE = ("id", "created_at", "grant_id", "kind", "invoice_id", "amount", "at")


@dataclass(frozen=True, slots=True)
class NewUse:
    """A part of `credit` (as it is afterwards) that pays an invoice."""

    id: UUID
    credit: CreditObject
    invoice_id: UUID
    amount: int
    at: datetime


@dataclass(slots=True)
class Record:
    """What is to be written: credits as they are when made, with their instants, and uses in order."""

    grants: list[tuple[CreditObject, datetime]] = field(default_factory=list)
    uses: list[NewUse] = field(default_factory=list)

    def grant(
        self, *, account_id: UUID, amount: int, currency: str, reason: str, source: Source, at: datetime, **more: Any
    ) -> CreditObject:
        """Add a credit; `more` may hold source_id, expires_at and metadata."""
        credit_id: UUID = uuid7()
        credit = CreditObject(
            id=credit_id,
            account_id=account_id,
            amount=amount,
            remaining=amount,
            currency=currency,
            reason=reason,
            source=source,
            source_id=more.get("source_id"),
            expires_at=more.get("expires_at"),
            metadata=dict(more.get("metadata") or {}),
            created_at=clock.wall(),
            url=credit_url(credit_id),
        )
        self.grants.append((credit, at))
        return credit

    def use(self, credit: CreditObject, *, invoice_id: UUID, amount: int, at: datetime) -> CreditObject:
        """Add a use; the credit with what remains of it then."""
        left = msgspec.structs.replace(credit, remaining=credit.remaining - amount)
        self.uses.append(NewUse(uuid7(), left, invoice_id, amount, at))
        return left


def write(record: Record, *, actor: Actor, lane: Lane = Lane.API) -> None:
    """Write and announce it all: two COPYs and one publish at most, however many there are.

    The caller's transaction has locked the accounts, and posts what this means to the books.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("write() belongs into the caller's transaction: call it inside unit_of_work")
    copy_rows(Grant._meta.db_table, _GRANT, [_grant(credit, at, actor) for credit, at in record.grants])
    now = clock.wall()
    copy_rows(
        Use._meta.db_table,
        _USE,
        [
            (use.id, now, use.credit.id, UseKind.INVOICE.value, use.invoice_id, use.amount, use.at)
            for use in record.uses
        ],
    )
    events: list[DomainEvent] = [
        CreditCreated(object=credit, object_id=credit.id, account_id=credit.account_id, effective_at=at)
        for credit, at in record.grants
    ]
    publish([*events, *(_applied(use) for use in record.uses)], lane=lane)


def _grant(credit: CreditObject, at: datetime, actor: Actor) -> tuple[object, ...]:
    return (
        credit.id, credit.created_at, credit.account_id, credit.amount, credit.currency, credit.reason,
        credit.source.value, credit.source_id, credit.expires_at, credit.expires_at, at, str(actor),
        encode(credit.metadata).decode(),
    )  # fmt: skip


def _applied(use: NewUse) -> CreditApplied:
    shown = AppliedCreditObject(
        **msgspec.structs.asdict(use.credit), applied_invoice_id=use.invoice_id, applied_amount=use.amount
    )
    return CreditApplied(
        object=shown,
        object_id=shown.id,
        account_id=shown.account_id,
        effective_at=use.at,
        previous_attributes={"remaining": shown.remaining + use.amount},
    )
