"""What falls due here: renewals."""

from datetime import datetime
from uuid import UUID

import structlog
from django.conf import settings

from apps.kernel.actors import system
from apps.kernel.schedule import DueWork, Scope, register
from apps.subscriptions import queries
from apps.subscriptions.actions.renew import Renewed, renew

logger = structlog.get_logger(__name__)
ACTOR = system("subscriptions.renew")


def earliest(at: datetime, scope: Scope) -> datetime | None:
    """When the longest due renewal fell due."""
    # The first row by index: as an aggregate PostgreSQL reads all accounts.
    return queries.due(at, scope).values_list("next_billing_at", flat=True).first()


def run(at: datetime, scope: Scope) -> int:
    """Bill all that is due, in batches, until nothing is; a subscription that stopped is left for the next run.

    Those that stopped in an earlier run are tried after all others, so that they hold nobody up; what they owe besides
    follows once they are well.
    """
    total, passed = Renewed(), set[UUID]()
    for stopped in (False, True, False):
        while ids := _batch(at, scope, passed, stopped=stopped):
            renewed = renew(ids, at=at, actor=ACTOR)
            total.add(renewed)
            # When another run was faster with all of a batch, this one goes on with the rest.
            passed.update(renewed.failures if renewed.periods or renewed.failures else ids)
    if total.periods or total.failures:
        logger.info("renewed", periods=total.periods, invoices=len(total.invoice_ids), failures=len(total.failures))
    return total.periods


def pending(scope: Scope) -> int:
    """A renewal is one transaction: nothing is ever half done."""
    return 0


def _batch(at: datetime, scope: Scope, passed: set[UUID], *, stopped: bool) -> list[UUID]:
    rows = queries.due(at, scope).exclude(pk__in=passed)
    rows = rows.exclude(billing_error="") if stopped else rows.filter(billing_error="")
    return list(rows.values_list("pk", flat=True)[: settings.BILLING_RENEWAL_BATCH])


WORK = register(DueWork(name="subscriptions.renew", due=earliest, run=run, pending=pending))
