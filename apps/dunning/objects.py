"""What the API answers about dunning, and what events carry."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from apps.accounts.rules import OverdueStatus as State
from apps.dunning.models import History, Hold
from apps.dunning.rules import Denial, Kind, Reason
from apps.rest.objects import ApiObject


class AccessObject(ApiObject, kw_only=True, frozen=True):
    """Whether the account may use what it pays for: BLOCKED accounts may not. `reason` is null while it may.

    `features`: what its live subscriptions grant, limits too; with `?feature=` that one alone, and `allowed` is false
    where none grants it. `days_overdue` counts from the due date of the oldest unpaid invoice, without days on hold.
    """

    account_id: UUID
    allowed: bool
    reason: Denial | None
    features: dict[str, Any]
    overdue_status: State
    since: datetime | None
    invoice_id: UUID | None
    due_date: date | None
    days_overdue: int
    dispute_hold: bool
    url: str


class HoldObject(ApiObject, kw_only=True, frozen=True):
    """Dunning stands still for an account."""

    id: UUID
    account_id: UUID
    reason: str
    placed_at: datetime
    placed_by: str
    released_at: datetime | None
    released_by: str | None
    created_at: datetime


class DunningStepObject(ApiObject, kw_only=True, frozen=True):
    """What happened to an account, and what it was told: `message` names the template, null nothing."""

    id: UUID
    account_id: UUID
    kind: Kind
    at: datetime
    status_before: State
    status_after: State
    reason: Reason | None
    invoice_id: UUID | None
    days_overdue: int | None
    message: str | None
    note: str | None
    actor: str
    created_at: datetime


def hold_object(hold: Hold) -> HoldObject:
    """The object of a hold."""
    return HoldObject(
        id=hold.pk,
        account_id=hold.account_id,
        reason=hold.reason,
        placed_at=hold.placed_at,
        placed_by=hold.placed_by,
        released_at=hold.released_at,
        released_by=hold.released_by or None,
        created_at=hold.created_at,
    )


def step_objects(rows: Sequence[History]) -> list[DunningStepObject]:
    """The objects of these rows, in their order."""
    return [
        DunningStepObject(
            id=row.pk,
            account_id=row.account_id,
            kind=Kind(row.kind),
            at=row.at,
            status_before=State(row.status_before),
            status_after=State(row.status_after),
            reason=Reason(row.reason) if row.reason else None,
            invoice_id=row.invoice_id,
            days_overdue=row.days,
            message=row.message or None,
            note=row.note or None,
            actor=row.actor,
            created_at=row.created_at,
        )
        for row in rows
    ]
