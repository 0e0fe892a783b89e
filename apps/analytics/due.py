"""What falls due here: once an hour the levels of all accounts are compared with their subscriptions."""

from datetime import datetime

import structlog

from apps.analytics.actions import hour_of, recount
from apps.analytics.models import Recount
from apps.kernel.actors import system
from apps.kernel.schedule import DueWork, Scope, register

ACTOR = system("analytics.recount")

logger = structlog.get_logger(__name__)


def earliest(at: datetime, scope: Scope) -> datetime | None:
    """The hour, unless it was done. Those on test clocks are counted with all others."""
    hour = hour_of(at)
    return hour if scope.clock_id is None and not Recount.objects.filter(hour=hour).exists() else None


def run(at: datetime, scope: Scope) -> int:
    """Compare and mend all of them."""
    mended = recount(at=at, actor=ACTOR)
    if mended:
        logger.info("mrr_recounted", mended=mended)
    return mended


def pending(scope: Scope) -> int:
    """A batch is one transaction: nothing is ever half done."""
    return 0


WORK = register(DueWork(name="analytics.recount", due=earliest, run=run, pending=pending))
