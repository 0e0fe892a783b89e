"""What a renewal did, and what it could not: the reason on the subscription, the counts on the run."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db.models import Exists, F, OuterRef, Q

from apps.invoices import queries as invoices
from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.doorbell import ring_after_commit
from apps.kernel.errors import Conflict, in_one_line
from apps.kernel.transactions import previewing, unit_of_work
from apps.subscriptions.metrics import renewal_failures_total
from apps.subscriptions.models import BillingRun, RunFailure, Subscription, UsageRecount

logger = structlog.get_logger(__name__)

RETRY_AFTER = timedelta(hours=1)
"""So long runs leave alone what stopped; on a test clock it is tried once at each time instead."""


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


def stop(
    subscription_id: UUID, error: Exception, *, at: datetime, actor: Actor, run: BillingRun | None = None
) -> Renewed:
    """Keep the reason where staff and the next run see it, unless another run has billed it meanwhile."""
    reason, due_by = in_one_line(error), run.at if run else at
    if previewing():
        return Renewed(failures={subscription_id: reason})
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
        day_ended = invoices.pending_due(due_by).filter(subscription_id=OuterRef("pk"))
        recounts = UsageRecount.objects.filter(subscription=OuterRef("pk"), due_at__lte=due_by, done_at=None)
        due = Q(next_billing_at__lte=due_by) | Q(wakes_at__lte=due_by) | Exists(day_ended) | Exists(recounts)
        stopped = Subscription.objects.filter(due, pk=subscription_id).update(
            billing_error=reason, billing_retry_at=clock.wall() + RETRY_AFTER
        )
        if stopped and run is not None:
            _, first = RunFailure.objects.get_or_create(
                run=run, subscription_id=subscription_id, defaults={"reason": reason}
            )
            count(run, Renewed(), failed=int(first))
    return Renewed(failures={subscription_id: reason})


def try_again(*, subscription_id: UUID, actor: Actor) -> None:
    """Have what stopped tried with the next tick, not in an hour. Errors: subscription_not_stopped (409)"""
    with unit_of_work(actor):
        stopped = Subscription.objects.filter(pk=subscription_id).exclude(billing_error="")
        if not stopped.update(billing_retry_at=None):
            raise Conflict("subscription_not_stopped", "It does not stop any more.", hint="Look at it again.")
        ring_after_commit("schedule.run_due", "billing")
    logger.info("renewal_asked_for", subscription_id=str(subscription_id))


def count(run: BillingRun | None, renewed: Renewed, *, batches: int = 0, failed: int = 0) -> None:
    """Add to the run's row what this transaction does. Whoever counts locks the row last, so nobody waits in a ring."""
    if run is not None:
        BillingRun.objects.filter(pk=run.pk).update(
            done=F("done") + renewed.done,
            periods=F("periods") + renewed.periods,
            invoices=F("invoices") + len(renewed.invoice_ids),
            failed=F("failed") + failed,
            batches=F("batches") + batches,
            version=F("version") + 1,
            updated_at=clock.wall(),
        )
