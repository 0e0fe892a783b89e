"""Renewal: bill the next period of every subscription that is due, or end it. One path for one or a thousand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import structlog
from django.db import connection
from django.db.models import F

from apps.accounts import queries as accounts
from apps.events.declare import DomainEvent
from apps.events.publish import publish
from apps.events.rules import Lane
from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.errors import DomainError
from apps.kernel.transactions import unit_of_work
from apps.plans import queries as plans
from apps.subscriptions import queries
from apps.subscriptions.actions.bill import begun, bill, move_on
from apps.subscriptions.events import SubscriptionCancelled, SubscriptionUpdated, TrialEnded
from apps.subscriptions.metrics import renewal_failures_total
from apps.subscriptions.models import BillingRun, RunFailure, ScheduledChange, Subscription
from apps.subscriptions.objects import SubscriptionObject, subscription_objects
from apps.subscriptions.rules.lifecycle import Status
from apps.subscriptions.rules.scheduled import ChangeKind, Outcome

logger = structlog.get_logger(__name__)

RETRY_AFTER = timedelta(hours=1)
"""So long runs leave alone what stopped; on a test clock it is tried once at each time instead."""

Before = dict[str, Any]

_UPDATE = """
UPDATE subscriptions_subscription AS old
SET status = new.status, billed_to = new.billed_to, current_period_start = new.period_start,
    current_period_end = new.period_end, next_billing_at = new.next_billing_at, cancelled_at = new.cancelled_at,
    cancellation_reason = new.reason, billing_error = '', billing_retry_at = NULL, version = new.version,
    updated_at = %s
FROM unnest(%s::uuid[], %s::text[], %s::date[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[],
            %s::timestamptz[], %s::text[], %s::int[])
    AS new (id, status, billed_to, period_start, period_end, next_billing_at, cancelled_at, reason, version)
WHERE old.id = new.id
"""


@dataclass
class Renewed:
    """What a renewal did: periods billed, invoices made, subscriptions that ended, and what stopped, by subscription.

    `done`: subscriptions that owe nothing any more.
    """

    periods: int = 0
    ended: int = 0
    done: int = 0
    invoice_ids: list[UUID] = field(default_factory=list)
    failures: dict[UUID, str] = field(default_factory=dict)

    @property
    def pieces(self) -> int:
        """How much work this was."""
        return self.periods + self.ended + len(self.failures)

    def add(self, other: "Renewed") -> None:
        """Count another batch in."""
        self.periods += other.periods
        self.ended += other.ended
        self.done += other.done
        self.invoice_ids += other.invoice_ids
        self.failures |= other.failures


def renew(
    ids: Sequence[UUID], *, at: datetime, actor: Actor, lane: Lane = Lane.RUN, run: BillingRun | None = None
) -> Renewed:
    """Bill the next due period of each subscription, in one transaction with a fixed number of queries.

    One whose cancellation has come ends instead. One that is not due (any more) is left alone, so runs may overlap and
    repeat; `run` bills what was due by its own time, and counts it on its row in the same transaction. When the batch
    fails it is tried one by one, and only the bad one stops: its reason stays on the subscription and in the log, and
    it is tried again later. A database that is away stops the whole run: its next one goes on where this one was.
    """
    try:
        return _renew(ids, at=at, actor=actor, lane=lane, run=run)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one, the others are billed
        if len(ids) == 1:
            return _stop(ids[0], error, at=at, actor=actor, run=run)
    renewed = Renewed()
    for subscription_id in ids:
        renewed.add(renew([subscription_id], at=at, actor=actor, lane=lane, run=run))
    return renewed


def _renew(ids: Sequence[UUID], *, at: datetime, actor: Actor, lane: Lane, run: BillingRun | None) -> Renewed:
    due_by = run.at if run else at
    with unit_of_work(actor):
        owners = accounts.lock(queries.account_ids(ids))
        due = [
            each for each in queries.lock(ids) if each.next_billing_at is not None and each.next_billing_at <= due_by
        ]
        if not due:
            return Renewed()
        terms = plans.terms({each.plan_version_id for each in due})
        versions = {each.plan_version_id: each.version for each in terms.values()}
        waiting = queries.waiting_changes([each.pk for each in due])
        ending = [each for each in due if _has_come(waiting.get(each.pk), each)]
        ends = {each.pk for each in ending}
        before = {each.pk: _shown(each) for each in due}
        lives = subscription_objects(ending, versions=versions, waiting=waiting)
        billings = [
            begun(each, owners[each.account_id], terms[each.plan_version_id], at=at, limit=1)
            for each in due
            if each.pk not in ends
        ]
        for billing in billings:
            move_on(billing)
        for each in ending:
            _end(each, waiting[each.pk])
        _write(due)
        _apply([waiting[each.pk] for each in ending])
        going_on = [billing.subscription for billing in billings]
        shown = subscription_objects(going_on, versions=versions, waiting=waiting)
        ended = subscription_objects(ending, versions=versions, waiting={})
        publish([*_moved(shown, before, at), *_ended(ended, lives, at)], lane=lane)
        renewed = Renewed(
            periods=len(billings),
            ended=len(ending),
            done=sum(each.next_billing_at is None or each.next_billing_at > due_by for each in due),
            invoice_ids=bill(billings, at=at, actor=actor, lane=lane),
        )
        _count(run, renewed)
        return renewed


def _has_come(change: ScheduledChange | None, subscription: Subscription) -> bool:
    """Whether it is cancelled from its next day to bill on: that day has come, or it would not be due."""
    return change is not None and change.kind == ChangeKind.CANCEL and change.due_date <= subscription.billed_to


def _end(subscription: Subscription, change: ScheduledChange) -> None:
    """Set the row in memory to its end: at the instant at which its paid days or its trial ran out."""
    subscription.status = Status.CANCELLED
    subscription.cancelled_at, subscription.next_billing_at = subscription.next_billing_at, None
    subscription.cancellation_reason = subscription.cancellation_reason or change.details.get("reason") or ""


def _apply(changes: Sequence[ScheduledChange]) -> None:
    """What was intended has come to pass. The rows are locked by their subscriptions' locks."""
    if changes:
        ScheduledChange.objects.filter(pk__in=[change.pk for change in changes]).update(
            outcome=Outcome.APPLIED, version=F("version") + 1, updated_at=clock.wall()
        )


def _write(subscriptions: Sequence[Subscription]) -> None:
    """Where each stands now, in one statement; the rows in memory are the same."""
    now = clock.wall()
    columns: tuple[list[Any], ...] = tuple([] for _ in range(9))
    for row in subscriptions:
        row.version, row.updated_at, row.billing_error, row.billing_retry_at = row.version + 1, now, "", None
        values = (
            row.pk, row.status, row.billed_to, row.current_period_start, row.current_period_end, row.next_billing_at,
            row.cancelled_at, row.cancellation_reason, row.version,
        )  # fmt: skip
        for column, value in zip(columns, values, strict=True):
            column.append(value)
    with connection.cursor() as cursor:
        cursor.execute(_UPDATE, [now, *columns])


def _moved(objects: Sequence[SubscriptionObject], before: Mapping[UUID, Before], at: datetime) -> list[DomainEvent]:
    """One event a subscription that goes on: its trial has ended, or its period moved on."""
    events: list[DomainEvent] = []
    for shown in objects:
        was = before[shown.id]
        announced = TrialEnded if was["status"] is Status.TRIAL else SubscriptionUpdated
        events.append(
            announced(
                object=shown,
                object_id=shown.id,
                account_id=shown.account_id,
                effective_at=at,
                previous_attributes={name: value for name, value in was.items() if getattr(shown, name) != value},
            )
        )
    return events


def _ended(
    objects: Sequence[SubscriptionObject], lives: Sequence[SubscriptionObject], at: datetime
) -> list[DomainEvent]:
    """One event a subscription that ended, with all that was different in its life."""
    return [
        SubscriptionCancelled(
            object=shown,
            object_id=shown.id,
            account_id=shown.account_id,
            effective_at=at,
            previous_attributes={
                name: value
                for name, value in msgspec.structs.asdict(life).items()
                if getattr(shown, name) != value and name != "updated_at"
            },
        )
        for shown, life in zip(objects, lives, strict=True)
    ]


def _shown(subscription: Subscription) -> Before:
    """What a renewal changes of the object."""
    return {
        "status": Status(subscription.status),
        "current_period_start": subscription.current_period_start,
        "current_period_end": subscription.current_period_end,
        "next_billing_at": subscription.next_billing_at,
    }


def _stop(subscription_id: UUID, error: Exception, *, at: datetime, actor: Actor, run: BillingRun | None) -> Renewed:
    """Keep the reason where staff and the next run see it, unless another run has billed it meanwhile."""
    reason, due_by = _reason(error), run.at if run else at
    logger.error(
        "renewal_stopped",
        subscription_id=str(subscription_id),
        run_id=str(run.pk) if run else None,
        reason=reason,
        exc_info=error,
    )
    renewal_failures_total.inc()
    with unit_of_work(actor):
        # A change of the row, not of the subscription that customers know: its version stays.
        stopped = Subscription.objects.filter(pk=subscription_id, next_billing_at__lte=due_by).update(
            billing_error=reason, billing_retry_at=clock.wall() + RETRY_AFTER
        )
        if stopped and run is not None:
            _, first = RunFailure.objects.get_or_create(
                run=run, subscription_id=subscription_id, defaults={"reason": reason}
            )
            _count(run, Renewed(), failed=int(first))
    return Renewed(failures={subscription_id: reason})


def _count(run: BillingRun | None, renewed: Renewed, *, failed: int = 0) -> None:
    """Add to the run's row what this transaction does. Whoever counts locks the row last, so nobody waits in a ring."""
    if run is not None:
        BillingRun.objects.filter(pk=run.pk).update(
            done=F("done") + renewed.done,
            periods=F("periods") + renewed.periods,
            invoices=F("invoices") + len(renewed.invoice_ids),
            failed=F("failed") + failed,
            batches=F("batches") + 1,
            version=F("version") + 1,
            updated_at=clock.wall(),
        )


def _reason(error: Exception) -> str:
    """In one line: what PostgreSQL says below its first holds values of the row."""
    if isinstance(error, DomainError):
        return f"{error.code}: {error.detail}"[:1000]
    first = next(iter(str(error).splitlines()), "")
    return f"{type(error).__name__}: {first}"[:1000]
