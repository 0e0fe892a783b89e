"""Re-rating: closed periods are rated again, by a corrected version if one is named; shown first, and then billed.

Each subscription is a piece: rated and rolled back, so that its difference can be looked at; and, once a person says
so, rated in earnest, if it still comes to the same.
"""

import hashlib
from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import OperationalError
from django.db.models import QuerySet

from apps.clocks.queries import now_by_clock
from apps.events.rules import Lane
from apps.invoices.actions.issue import collecting
from apps.invoices.fingerprint import fingerprint_of_usage
from apps.invoices.objects import InvoiceObject
from apps.invoices.rules import LineKind
from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.doorbell import ring_after_commit
from apps.kernel.errors import Conflict, DomainError, Invalid, NotFound, PreconditionFailed, in_one_line
from apps.kernel.ids import uuid7
from apps.kernel.periods import Period
from apps.kernel.transactions import copy_rows, preview_of_work, unit_of_work
from apps.plans import queries as plans
from apps.subscriptions import queries, rerating_queries, usage_queries
from apps.subscriptions.actions.bill import Bill, write
from apps.subscriptions.actions.late import again, over
from apps.subscriptions.models import ReratedSubscription, Rerating, UsageTerms
from apps.subscriptions.rules.rerating import RerateStatus, differences

logger = structlog.get_logger(__name__)

NAMED = 5
_PIECE = (
    "id", "created_at", "updated_at", "version", "rerating_id", "subscription_id", "currency", "before", "after",
    "lines", "total", "credited", "hash", "error",
)  # fmt: skip


def begin_rerating(
    *,
    plan_id: UUID,
    version: int,
    reason: str,
    actor: Actor,
    corrected_version: int | None = None,
    subscription_ids: Collection[UUID] | None = None,
    periods_from: date | None = None,
    periods_until: date | None = None,
) -> Rerating:
    """Begin to look at what closed periods that this version counted come to now. Nothing is billed yet.

    `corrected_version`: as which they are rated; the same unless it is named. Errors (422): plan_version_unknown,
    versions_differ, periods_empty, subscription_not_counted, nothing_to_rerate.
    """
    wrong = plans.version_of(plan_id, version)
    right = wrong if corrected_version is None else plans.version_of(plan_id, corrected_version)
    if (wrong.interval, wrong.tax_behavior, wrong.tax_code) != (right.interval, right.tax_behavior, right.tax_code):
        raise Invalid(
            "versions_differ", "The corrected version has another interval, or is taxed otherwise.",
            hint="Correct charges and their prices alone: make a version that differs in nothing else.",
        )  # fmt: skip
    if periods_from and periods_until and periods_from >= periods_until:
        raise Invalid("periods_empty", "No period begins in these days.", hint="Name a later `periods_until`.")
    rows = rerating_queries.counted(wrong.plan_version_id, periods_from, periods_until)
    found = dict(rows if subscription_ids is None else rows.filter(subscription_id__in=subscription_ids))
    if missing := sorted(set(subscription_ids or ()) - found.keys()):
        raise Invalid(
            "subscription_not_counted",
            f"{len(missing)} of these subscriptions have no closed period of version {version} in these days.",
            hint=f"Leave them out: {', '.join(map(str, missing[:NAMED]))}.",
        )
    if not found:
        raise Invalid(
            "nothing_to_rerate", f"Version {version} has counted usage in no closed period of these days.",
            hint="Name the version by which it was counted, and days that its periods begin on.",
        )  # fmt: skip
    with unit_of_work(actor):
        rerating = Rerating.objects.create(
            plan_id=plan_id, plan_version_id=wrong.plan_version_id, corrected_version_id=right.plan_version_id,
            periods_from=periods_from, periods_until=periods_until, reason=reason, due=len(found), actor=str(actor),
        )  # fmt: skip
        now = clock.wall()
        copy_rows(ReratedSubscription._meta.db_table, _PIECE, [
            (uuid7(), now, now, 1, rerating.pk, pk, currency, 0, 0, "[]", 0, 0, "", "")
            for pk, currency in sorted(found.items())
        ])  # fmt: skip
        ring_after_commit("schedule.run_due", "billing")
    logger.info("rerating_begun", rerating_id=str(rerating.pk), plan_id=str(plan_id), version=version, due=len(found))
    return rerating


def bill_rerating(*, rerating_id: UUID, actor: Actor, expected_preview: str | None = None) -> Rerating:
    """Bill or credit what was previewed; workers go on with it, piece by piece, under the name of who says so.

    Said again while it is billed, or after that, it changes nothing. Errors: rerating_not_found (404),
    rerating_not_previewed (409), preview_changed (412).
    """
    with unit_of_work(actor):
        rerating = rerating_queries.reratings().filter(pk=rerating_id).select_for_update(of=("self",)).first()
        if rerating is None:
            raise NotFound("rerating_not_found", f"There is no re-rating {rerating_id}.", hint="Check the id.")
        if rerating.status == RerateStatus.PREVIEWING:
            raise Conflict(
                "rerating_not_previewed", "Its differences are still being added up.",
                hint="Wait until its status is PREVIEWED, and look at them.",
            )  # fmt: skip
        if expected_preview is not None and expected_preview != rerating.hash:
            raise PreconditionFailed(
                "preview_changed", "This is not the hash of what was previewed.", hint="Look at it again."
            )
        if rerating.status == RerateStatus.PREVIEWED:
            _set(rerating, status=RerateStatus.BILLING, billed_by=str(actor))
            ring_after_commit("schedule.run_due", "billing")
            logger.info("rerating_billed", rerating_id=str(rerating_id), due=rerating.due)
    return rerating


def go_on(rerating: Rerating, *, until: float) -> int:
    """Look at, or bill, one piece after another until none is left or the time is up. Safe to run at once."""
    previews, looked = rerating.status == RerateStatus.PREVIEWING, 0
    kind, _, name = (rerating.actor if previews else rerating.billed_by).partition(":")
    actor = Actor(kind, name)
    while clock.monotonic() < until:
        if not _one(rerating, previews=previews, actor=actor):
            _finish(rerating, previews=previews, actor=actor)
            break
        looked += 1
    return looked


def _one(rerating: Rerating, *, previews: bool, actor: Actor) -> bool:
    """The next piece that no other worker is at, in a transaction of its own; False where there is none."""
    with unit_of_work(actor):
        piece = rerating_queries.next_piece(rerating, previews=previews)
        if piece is None:
            return False
        at = now_by_clock([piece.subscription.account.test_clock_id])[piece.subscription.account.test_clock_id]
        try:
            if previews:
                with preview_of_work(actor), collecting() as made:
                    bill = _rate(rerating, piece, at=at, actor=actor)
                _show(piece, bill, made)
            else:
                with unit_of_work(actor), collecting() as made:
                    _rate(rerating, piece, at=at, actor=actor)
                    _demand_same(piece, made)
                piece.invoice_id = made[0].id if made else None
        except OperationalError:
            # The database is away, not this piece at fault.
            raise
        except Exception as error:
            # Whatever is wrong with one, the others go on.
            if not isinstance(error, DomainError):
                logger.exception(
                    "rerating_stopped", rerating_id=str(rerating.pk), subscription_id=str(piece.subscription_id)
                )
            piece.error = in_one_line(error)
        piece.previewed_at, piece.done_at = piece.previewed_at or clock.wall(), None if previews else clock.wall()
        piece.version, piece.updated_at = piece.version + 1, clock.wall()
        piece.save()
    return True


def _rate(rerating: Rerating, piece: ReratedSubscription, *, at: datetime, actor: Actor) -> Bill:
    """Count its closed periods as the corrected version has it, and invoice the difference."""
    account, subscription = queries.lock_one(piece.subscription_id)
    right = rerating.corrected_version_id
    plans.terms([right])[right].price(account.currency)
    terms = list(UsageTerms.objects.filter(subscription=subscription).order_by("since_at", "stops"))
    periods: set[Period] = set()
    for row in terms:
        full = over(terms, row.since_at) if row.plan_version_id == rerating.plan_version_id else None
        if full and rerating_queries.wanted(rerating, full):
            periods.add(full)
    days = [(period.start, period.end) for period in periods]
    ours = [row.pk for row in terms if (row.period_start, row.period_end) in days]
    UsageTerms.objects.filter(pk__in=ours, plan_version_id=rerating.plan_version_id).update(plan_version_id=right)
    mark = {
        "rerating": str(rerating.pk), "was_version": rerating.plan_version.version,
        "as_version": rerating.corrected_version.version,
    }  # fmt: skip
    bill = again(subscription, account, periods, mark)
    write(bill, accounts={account.pk: account}, at=at, actor=actor, lane=Lane.RUN)
    return bill


def _show(piece: ReratedSubscription, bill: Bill, made: list[InvoiceObject]) -> None:
    """Keep what was previewed: each difference with the lines that were billed before, and what the invoice says."""
    drafts = [line for draft in bill.drafts for line in draft.lines]
    billed = usage_queries.lines_of(
        piece.subscription_id, [(line.source["charge"], line.source["since"]) for line in drafts]
    )
    lines: list[dict[str, Any]] = []
    for line, each in zip(drafts, differences(drafts), strict=True):
        lines.append({
            "charge": each.charge, "kind": each.kind, "period_start": each.period[0], "period_end": each.period[1],
            "before": each.before, "after": each.after, "difference": each.after - each.before,
            "billed_by": [
                old for old in billed.get((each.charge, line.source["since"]), ()) if old["kind"] == each.kind
            ],
        })  # fmt: skip
    piece.lines = lines
    piece.before, piece.after = (sum(each[name] for each in lines) for name in ("before", "after"))
    piece.total = sum(invoice.total for invoice in made)
    piece.credited = sum(
        line.amount for invoice in made for line in invoice.lines if line.kind is LineKind.CREDIT_TO_BALANCE
    )
    piece.hash = fingerprint_of_usage(made)


def _demand_same(piece: ReratedSubscription, made: list[InvoiceObject]) -> None:
    if fingerprint_of_usage(made) != piece.hash:
        raise PreconditionFailed(
            "preview_changed", "It has come to something else than was previewed.", hint="Preview it again."
        )


def _finish(rerating: Rerating, *, previews: bool, actor: Actor) -> None:
    """Go to the next state once no piece is left, those that other workers are at included."""
    with unit_of_work(actor):
        held = rerating_queries.reratings().filter(pk=rerating.pk).select_for_update(of=("self",)).get()
        if held.status != rerating.status or rerating_queries.pieces_left(held, previews=previews).exists():
            return
        if previews:
            _set(held, status=RerateStatus.PREVIEWED, hash=_hash(rerating_queries.pieces(held)))
        else:
            _set(held, status=RerateStatus.FINISHED, finished_at=clock.wall())
    logger.info("rerating_previewed" if previews else "rerating_finished", rerating_id=str(rerating.pk))


def _hash(pieces: QuerySet[ReratedSubscription]) -> str:
    digest = hashlib.sha256()
    for row in pieces.order_by("pk").values_list("subscription_id", "hash", "error").iterator():
        digest.update(repr(row).encode())
    return f"p-{digest.hexdigest()[:32]}"


def _set(rerating: Rerating, **values: Any) -> None:
    for name, value in values.items():
        setattr(rerating, name, value)
    rerating.version, rerating.updated_at = rerating.version + 1, clock.wall()
    rerating.save(update_fields=[*values, "version", "updated_at"])
