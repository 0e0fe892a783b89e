"""What falls due here: credits that expire."""

from datetime import datetime

from apps.credits import queries
from apps.credits.actions.expire import expire
from apps.kernel.actors import system
from apps.kernel.schedule import DueWork, Scope, register

ACTOR = system("credits.expire")
BATCH = 500


def earliest(at: datetime, scope: Scope) -> datetime | None:
    """When the longest expired credit expired, of those not swept."""
    return queries.to_expire(at, scope).values_list("sweep_at", flat=True).first()


def run(at: datetime, scope: Scope) -> int:
    """Expire all that is due, in batches, each its own commit."""
    total = 0
    while ids := list(queries.to_expire(at, scope).values_list("pk", flat=True)[:BATCH]):
        done = expire(ids, at=at, actor=ACTOR)
        total += done
        if not done:
            break
    return total


def pending(scope: Scope) -> int:
    """An expiry is one transaction: nothing is ever half done."""
    return 0


WORK = register(DueWork(name="credits.expire", due=earliest, run=run, pending=pending))
