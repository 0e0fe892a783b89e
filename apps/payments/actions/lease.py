"""A lease on a piece of outside work: one worker at a time holds a row, and lets go by itself if it dies.

Rows are taken one by one, so a lease need outlive one turn alone, and however slow the gateway is, the other rows stay
free for other workers.
"""

from collections.abc import Callable
from datetime import datetime
from enum import Enum
from typing import TypeVar
from uuid import UUID, uuid4

import structlog
from django.db.models import F, Model, Q, QuerySet

from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.doorbell import ring_after_commit
from apps.kernel.errors import Conflict, NotFound
from apps.kernel.membership import among
from apps.kernel.transactions import unit_of_work
from apps.payments.gateway import GatewayUnavailable
from apps.payments.models import OutsideWork
from apps.payments.rules import LEASE, back_off

Work = TypeVar("Work", bound=OutsideWork)

logger = structlog.get_logger(__name__)


class Turn(Enum):
    """What came of looking for a row and asking about it."""

    IDLE = "nothing to ask"
    DONE = "answered"
    UNANSWERED = "no answer, to be asked again"


def turn(waiting: QuerySet[Work], ask: Callable[[Work], None], *, actor: Actor) -> Turn:
    """Take one row, `ask` the gateway about it and record the answer; without an answer put it back for later.

    `ask` opens its own transactions. Whatever else goes wrong delays this row alone: those behind it have their turn.
    """
    row = take(waiting, actor=actor)
    if row is None:
        return Turn.IDLE
    try:
        ask(row)
    except Exception as error:  # noqa: BLE001 - whatever it is delays this row alone
        return unanswered(row, error, actor=actor)
    return Turn.DONE


def unanswered(row: OutsideWork, error: Exception, *, actor: Actor) -> Turn:
    """Put a row back that got no answer, or one that could not be recorded."""
    if isinstance(error, GatewayUnavailable):
        put_back(row, reason=error.reason, actor=actor)
    else:
        logger.error("outside_work_failed", table=row._meta.db_table, row_id=str(row.pk), exc_info=error)
        put_back(row, reason=repr(error), actor=actor)
    return Turn.UNANSWERED


def take(waiting: QuerySet[Work], *, actor: Actor) -> Work | None:
    """Take the row whose turn it has been longest and that nobody holds, under a token that shows whose it is."""
    # Most often there is none: that is one look, without a transaction.
    return next(iter(take_some(waiting, limit=1, actor=actor)), None) if _free(waiting, clock.wall()).exists() else None


def take_some(waiting: QuerySet[Work], *, limit: int, actor: Actor) -> list[Work]:
    """The same of up to `limit` rows, for whoever asks about all of them at once."""
    now, token = clock.wall(), uuid4()
    with unit_of_work(actor):
        free = _free(waiting, now).order_by("next_call_at")
        rows = list(free.select_for_update(skip_locked=True, no_key=True, of=("self",))[:limit])
        for row in rows:
            row.lease_token, row.lease_until, row.calls = token, now + LEASE, row.calls + 1
        if rows:
            mine = waiting.model._default_manager.filter(among("id", [row.pk for row in rows]))
            mine.update(lease_token=token, lease_until=now + LEASE, calls=F("calls") + 1)
        return rows


def _free(waiting: QuerySet[Work], now: datetime) -> QuerySet[Work]:
    return waiting.filter(Q(lease_until__isnull=True) | Q(lease_until__lt=now), next_call_at__lte=now)


def put_back(row: OutsideWork, *, reason: str, actor: Actor) -> None:
    """Let go of a row that got no answer; its next turn comes after a pause that grows. Whoever lost it leaves it."""
    then = clock.wall() + back_off(row.calls)
    with unit_of_work(actor):
        _rows(row).filter(lease_token=row.lease_token).update(
            lease_token=None, lease_until=None, next_call_at=then, last_error=reason[:1000]
        )
    logger.warning(
        "gateway_unanswered", table=row._meta.db_table, row_id=str(row.pk), reason=reason[:200], next_call_at=str(then)
    )


def finish(row: OutsideWork, *, remark: str, actor: Actor, **changes: object) -> None:
    """Nothing is left to ask about this row."""
    with unit_of_work(actor):
        _rows(row).update(**changes, lease_token=None, lease_until=None, next_call_at=None, last_error=remark[:1000])


def ask_now(waiting: QuerySet[Work], *, row_id: UUID, actor: Actor) -> None:
    """Have a row asked about at once, whatever its pause; a lease that has run out is let go of.

    Errors: work_done (404), work_under_way (409).
    """
    now = clock.wall()
    with unit_of_work(actor):
        row = waiting.filter(pk=row_id).select_for_update(no_key=True, of=("self",)).first()
        if row is None:
            raise NotFound("work_done", "It does not wait any more.", hint="Look at it again.")
        if row.lease_until and row.lease_until >= now:
            raise Conflict(
                "work_under_way",
                f"A worker is at it, until {row.lease_until.isoformat()} at most.",
                hint="If that worker has died, another takes it over then.",
            )
        _rows(row).update(lease_token=None, lease_until=None, next_call_at=now)
        ring_after_commit("payments.sweep", "payments")
    logger.info("outside_work_asked_for", table=row._meta.db_table, row_id=str(row_id))


def _rows(row: OutsideWork) -> QuerySet[Model]:
    return type(row)._default_manager.filter(pk=row.pk)
