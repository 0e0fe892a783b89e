"""What falls due here: renewals."""

from datetime import datetime
from uuid import UUID

import structlog
from django.conf import settings
from django.db.models import Min

from apps.kernel.actors import system
from apps.kernel.schedule import DueWork, Scope, register
from apps.subscriptions import queries
from apps.subscriptions.actions.renew import Renewed, renew

logger = structlog.get_logger(__name__)
ACTOR = system("subscriptions.renew")


def earliest(at: datetime, scope: Scope) -> datetime | None:
    """When the longest due renewal fell due."""
    found: datetime | None = queries.due(at, scope).aggregate(earliest=Min("next_billing_at"))["earliest"]
    return found


def run(at: datetime, scope: Scope) -> int:
    """Bill all that is due, in batches, until nothing is; a subscription that stopped is left for the next run."""
    total, stopped = Renewed(), set[UUID]()
    while ids := _batch(at, scope, stopped):
        renewed = renew(ids, at=at, actor=ACTOR)
        stopped |= renewed.failures.keys()
        total.add(renewed)
        if not renewed.periods and not renewed.failures:
            break
    if total.periods or total.failures:
        logger.info(
            "renewed", periods=total.periods, invoices=len(total.invoice_ids), failures=len(total.failures)
        )
    return total.periods


def pending(scope: Scope) -> int:
    """A renewal is one transaction: nothing is ever half done."""
    return 0


def _batch(at: datetime, scope: Scope, stopped: set[UUID]) -> list[UUID]:
    rows = queries.due(at, scope).exclude(pk__in=stopped).values_list("pk", flat=True)
    return list(rows[: settings.BILLING_RENEWAL_BATCH])


WORK = register(DueWork(name="subscriptions.renew", due=earliest, run=run, pending=pending))
