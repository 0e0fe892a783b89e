"""The whole of it: make deliveries, claim, call side by side, record together, until nothing is left to do.

One process at a time does it for all endpoints (a lock that ends with its connection): its loop serves as many as there
are, and goes on claiming while a dead one is waited for. Others that are woken meanwhile go away, and count on it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import structlog
from django.conf import settings
from django.db import connection

from apps.kernel import clock, hints
from apps.kernel.actors import Actor
from apps.webhooks.actions.claim import claim
from apps.webhooks.actions.fan_out import fan_out
from apps.webhooks.actions.record import record
from apps.webhooks.actions.resend import work_off
from apps.webhooks.rules.targets import networks
from apps.webhooks.sender import Letter, Result, Sender
from apps.webhooks.wake import AWAKE, AWAKE_MILLISECONDS, wake
from apps.webhooks.wire import Resolve, look_up

LOCK = 7_301_002
"""Key of the advisory lock of whoever sends."""

CAPACITY = 1000
"""Deliveries in hand at once."""

PATIENCE = 0.05
"""Seconds for which results are waited for before new work is looked for."""

_KEEP_ALIVE = (
    "SELECT set_config('tcp_keepalives_idle', '20', false), set_config('tcp_keepalives_interval', '5', false),"
    " set_config('tcp_keepalives_count', '4', false)"
)

logger = structlog.get_logger(__name__)


def sweep(*, seconds: float, actor: Actor, resolve: Resolve = look_up) -> int:
    """Send what is due; returns how many calls ended. After `seconds` it comes to an end as soon as its calls have.

    0 at once while another process does it.
    """
    total, busy = 0, True
    until = clock.monotonic() + seconds
    while busy:
        with _alone() as alone:
            if not alone:
                return total
            ended, busy = _round(until, actor, resolve)
            total += ended
        if clock.monotonic() >= until:
            wake()
            break
    return total


def _round(until: float, actor: Actor, resolve: Resolve) -> tuple[int, bool]:
    """Until nothing is due and nothing under way: how many calls ended, and whether there was anything to do.

    Once its time is up it waits for what it has begun, and meanwhile still serves whoever has not failed: a dead
    endpoint holds this process, and nobody else's events.
    """
    sender = _sender(resolve)
    total, busy = 0, False
    under_way: set[int | None] = set()
    waited_for: set[int | None] | None = None
    # A ring is heard from here on, until there is something to do: what came before it is looked for now.
    hints.forget(AWAKE)
    try:
        while True:
            if waited_for is None and clock.monotonic() >= until:
                waited_for = set(under_way)
            moved = False
            if waited_for is None or waited_for:
                moved, letters = _begin(sender, actor, well_only=waited_for is not None)
                under_way.update(letter.delivery_id for letter in letters)
            if not moved and not sender.under_way:
                return total, busy
            busy = True
            hints.remain(AWAKE, AWAKE_MILLISECONDS)
            results = sender.results(PATIENCE) if sender.under_way else []
            _recorded(results, actor)
            ended = {result.letter.delivery_id for result in results}
            under_way -= ended
            if waited_for is not None:
                waited_for -= ended
            total += len(results)
    finally:
        sender.close()


def _recorded(results: Sequence[Result], actor: Actor) -> None:
    """Write them down together; what cannot be written so, one by one. What cannot at all is called again later."""
    try:
        record(results, at=clock.wall(), actor=actor)
    except Exception:
        if len(results) < 2:
            logger.exception("webhook_not_recorded", delivery=results[0].letter.delivery_id)
            return
        logger.warning("webhooks_not_recorded_together", results=len(results), exc_info=True)
        for result in results:
            _recorded([result], actor)


def _begin(sender: Sender, actor: Actor, *, well_only: bool) -> tuple[bool, list[Letter]]:
    """Look for work once; whether there was any, and what is called now. `well_only`: no endpoint that failed last."""
    looked, _ = fan_out(actor=actor)
    resent = work_off(at=clock.wall(), actor=actor)
    room = CAPACITY - sender.under_way
    letters = claim(most=room, actor=actor, well_only=well_only) if room > 0 else []
    sender.submit(letters)
    return bool(looked or resent or letters), letters


def _sender(resolve: Resolve) -> Sender:
    return Sender(
        exempt=networks(settings.WEBHOOK_ALLOWED_NETWORKS), tls_only=settings.BILLING_LIVEMODE, resolve=resolve
    )


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether nobody else is at it. The lock is the connection's: it ends with it, however that comes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        held = bool(cursor.fetchone()[0])
        if held:
            # A machine that is gone without a word must not hold the lock for the two hours of most systems.
            cursor.execute(_KEEP_ALIVE)
        try:
            yield held
        finally:
            if held:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
