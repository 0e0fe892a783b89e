"""Due work of access: idempotent requests are forgotten after 24 hours. Wall time, so never on a test clock."""

from datetime import datetime

from apps.access import claims
from apps.access.models import IdempotentRequest
from apps.kernel import clock
from apps.kernel.schedule import DueWork, Scope, register


def due(at: datetime, scope: Scope) -> datetime | None:
    """When the oldest kept request passed its time, if it did."""
    if scope.clock_id is not None:
        return None
    oldest = IdempotentRequest.objects.order_by("created_at").values_list("created_at", flat=True).first()
    passed = oldest + claims.KEPT if oldest else None
    return passed if passed and passed <= at else None


def run(at: datetime, scope: Scope) -> int:
    """Delete what is past its time, in batches, each its own commit."""
    if scope.clock_id is not None:
        return 0
    total = 0
    while batch := claims.purge(at=clock.wall()):
        total += batch
    return total


def pending(scope: Scope) -> int:
    """Nothing of this is ever waited for."""
    return 0


register(DueWork("access.forget_idempotent_requests", due=due, run=run, pending=pending))
