"""Due work of access: what is forgotten after its time, and new signing keys. Wall time, so never on a test clock."""

from datetime import datetime

from apps.access import claims, queries
from apps.access.actions import attempts, signing, tokens
from apps.access.models import IdempotentRequest
from apps.kernel import clock
from apps.kernel.actors import system
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


def keys_due(at: datetime, scope: Scope) -> datetime | None:
    """When the key that signs tokens has signed long enough, or what is over can be forgotten."""
    if scope.clock_id is not None:
        return None
    return at if queries.tokens_to_tend(at) else None


def tend(at: datetime, scope: Scope) -> int:
    """A new signing key each month; refresh tokens and failed tries that are over are deleted."""
    if scope.clock_id is not None:
        return 0
    now = clock.wall()
    total = int(signing.rotate_if_old(at=now, actor=system("access.tend_tokens")))
    while batch := tokens.purge(at=now) + attempts.purge(at=now):
        total += batch
    return total


register(DueWork("access.tend_tokens", due=keys_due, run=tend, pending=pending))
