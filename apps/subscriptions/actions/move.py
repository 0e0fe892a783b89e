"""Bulk moves: whoever is on an older version of a plan is brought to another, by the change that each could make."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from django.db import IntegrityError
from django.db.models import Count, F, QuerySet, Sum

from apps.clocks.queries import now_by_clock
from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.doorbell import ring_after_commit
from apps.kernel.errors import Conflict, DomainError, Invalid, PreconditionFailed
from apps.kernel.transactions import unit_of_work
from apps.plans import queries as plans
from apps.plans.rules import Terms
from apps.subscriptions import queries
from apps.subscriptions.actions.change import change
from apps.subscriptions.models import ONE_MOVE, BulkMove, MoveRefusal, Subscription
from apps.subscriptions.rules.lifecycle import LIVE
from apps.subscriptions.rules.proration import Behavior
from apps.subscriptions.rules.scheduled import ChangeKind, Effective

logger = structlog.get_logger(__name__)

BATCH = 100


@dataclass(frozen=True)
class Moving:
    """Of one currency: how many move, and what they pay per interval before and after, list prices in minor units.

    `after` is None where the target has no price in the currency: those stay as they are.
    """

    currency: str
    subscriptions: int
    before: int
    after: int | None


def preview_move(*, plan_id: UUID, to_version: int, from_version: int | None = None) -> list[Moving]:
    """Who would be moved, by currency. Errors: plan_version_unknown, nothing_to_move (422)."""
    return list(_figures(plan_id, plans.version_of(plan_id, to_version), from_version))


def digest(figures: list[Moving]) -> str:
    """The hash of a preview; a move held to it is refused if it would be of others."""
    return f"p-{hashlib.sha256(repr(figures).encode()).hexdigest()[:32]}"


def begin_move(
    *,
    plan_id: UUID,
    to_version: int,
    from_version: int | None = None,
    effective: str = Effective.PERIOD_END,
    proration_behavior: str = Behavior.ALWAYS_INVOICE,
    expected_preview: str | None = None,
    actor: Actor,
) -> BulkMove:
    """Begin to move them; workers go on with it, one by one, under the name of who asked.

    Errors: plan_version_unknown, nothing_to_move (422); move_under_way (409); preview_changed (412).
    """
    target = plans.version_of(plan_id, to_version)
    figures = list(_figures(plan_id, target, from_version))
    if expected_preview is not None and expected_preview != digest(figures):
        raise PreconditionFailed(
            "preview_changed", "Others would be moved than the preview had shown.", hint="Preview it again."
        )
    try:
        with unit_of_work(actor):
            move = BulkMove.objects.create(
                plan_id=plan_id, from_version=from_version, to_version_id=target.plan_version_id, effective=effective,
                proration_behavior=proration_behavior, due=sum(each.subscriptions for each in figures),
                actor=str(actor),
            )  # fmt: skip
            ring_after_commit("schedule.run_due", "billing")
    except IntegrityError as error:
        if ONE_MOVE not in str(error):
            raise
        raise Conflict(
            "move_under_way", "Subscribers of this plan are being moved.", hint="Wait until that has finished."
        ) from error
    logger.info("bulk_move_started", move_id=str(move.pk), plan_id=str(plan_id), to_version=to_version, due=move.due)
    return move


def go_on(move: BulkMove, *, until: float) -> int:
    """Move one after another until none is left or the time is up; how many were looked at. Safe to run at once."""
    kind, _, name = move.actor.partition(":")
    actor, looked = Actor(kind, name), 0
    target = move.to_version.version
    while clock.monotonic() < until:
        rows = _rows(move.plan_id, move.to_version_id, move.from_version).order_by("pk")
        rows = rows.filter(pk__gt=move.reached) if move.reached else rows
        batch = list(rows.values_list("pk", "account__test_clock_id")[:BATCH])
        if not batch:
            _finish(move, actor)
            break
        times = now_by_clock([clock_id for _, clock_id in batch])
        for pk, clock_id in batch:
            if not _one(move, pk, target, at=times[clock_id], actor=actor):
                move.refresh_from_db()
                break
            looked += 1
    return looked


class _Elsewhere(Exception):
    """Another worker has looked at this one."""


def _one(move: BulkMove, pk: UUID, version: int, *, at: datetime, actor: Actor) -> bool:
    """Change one and count it in the same transaction; False if another worker was faster."""
    try:
        try:
            with unit_of_work(actor):
                _count(move, pk, moved=1)
                if ChangeKind.CHANGE in queries.waiting_changes([pk]).get(pk, {}):
                    raise Conflict(
                        "change_waits", "A change of its own waits for the end of its period.",
                        hint="Move it by itself, once that has come or is taken back.",
                    )  # fmt: skip
                change(
                    subscription_id=pk, plan_version=version, effective=move.effective,
                    proration_behavior=move.proration_behavior, at=at, actor=actor,
                )  # fmt: skip
        except DomainError as refusal:
            with unit_of_work(actor):
                _count(move, pk, refused=1)
                MoveRefusal.objects.create(move=move, subscription_id=pk, reason=f"{refusal.code}: {refusal}")
    except _Elsewhere:
        return False
    move.reached = pk
    return True


def _count(move: BulkMove, pk: UUID, *, moved: int = 0, refused: int = 0) -> None:
    mine = BulkMove.objects.filter(pk=move.pk, reached=move.reached, finished_at=None).update(
        reached=pk, moved=F("moved") + moved, refused=F("refused") + refused, version=F("version") + 1,
        updated_at=clock.wall(),
    )  # fmt: skip
    if not mine:
        raise _Elsewhere


def _finish(move: BulkMove, actor: Actor) -> None:
    now = clock.wall()
    with unit_of_work(actor):
        done = BulkMove.objects.filter(pk=move.pk, finished_at=None).update(
            finished_at=now, version=F("version") + 1, updated_at=now
        )
    if done:
        move.refresh_from_db()
        logger.info("bulk_move_finished", move_id=str(move.pk), moved=move.moved, refused=move.refused)


def _rows(plan_id: UUID, to_id: UUID, from_version: int | None) -> QuerySet[Subscription]:
    rows = Subscription.objects.filter(plan_id=plan_id, status__in=LIVE).exclude(plan_version_id=to_id)
    return rows.filter(plan_version__version=from_version) if from_version else rows


def _figures(plan_id: UUID, target: Terms, from_version: int | None) -> Iterator[Moving]:
    rows = _rows(plan_id, target.plan_version_id, from_version).order_by()
    groups = rows.values_list("account__currency", "plan_version_id").annotate(Count("pk"), Sum("quantity"))
    found: dict[str, list[tuple[UUID, int, int]]] = {}
    for currency, version_id, count, seats in groups:
        found.setdefault(currency, []).append((version_id, count, int(seats)))
    if not found:
        text = "No live subscription of this plan is on another version."
        raise Invalid("nothing_to_move", text, hint="There is nothing to do.")
    old = plans.terms({version_id for each in found.values() for version_id, _, _ in each})
    for currency, each in sorted(found.items()):
        price = target.prices.get(currency)
        yield Moving(
            currency=currency,
            subscriptions=sum(count for _, count, _ in each),
            before=sum(old[version_id].prices.get(currency, 0) * seats for version_id, _, seats in each),
            after=None if price is None else price * sum(seats for _, _, seats in each),
        )
