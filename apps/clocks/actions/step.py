"""The worker's turns at a clock that is being moved: to the next instant at which anything falls due, and so on.

At each instant all that is due is done, then what that set off (charges, deliveries to our own apps) is waited for, and
only then time goes on: so a life is the same, moved day by day or in one leap. A turn takes about a second; the next
is rung for, so that waiting holds no worker. A killed worker's lease lapses and the sweep has another take over:
everything done is rows, and all work may run twice.
"""

from contextlib import suppress
from datetime import datetime
from uuid import UUID, uuid4

import structlog
from django.db import Error, InterfaceError, OperationalError, connection
from django.db.models import F, Q

from apps.clocks.models import TestClock
from apps.clocks.rules import FORGOTTEN, LEASE, STRIDE, Status
from apps.kernel import clock as kernel_clock
from apps.kernel.actors import Actor
from apps.kernel.errors import DomainError
from apps.kernel.schedule import DueWork, Scope, registered
from apps.kernel.transactions import unit_of_work

FIRST_PAUSE, LONGEST_PAUSE = 0.01, 0.1
ROUNDS = 100
"""So often one kind of work is run at one instant; what is still due then is passed."""
PATIENT_TURNS = 10
"""After so many turns of waiting in vain the next one is left to the sweep."""

logger = structlog.get_logger(__name__)


class LeaseLost(Exception):
    """Somebody else has taken over."""


def step(*, clock_id: UUID, seconds: float, actor: Actor) -> bool:
    """Go on for about so many seconds; True when the next turn is wanted at once."""
    turn = _Turn.take(clock_id, actor)
    if turn is None:
        return False
    try:
        return turn.go_on(kernel_clock.monotonic() + seconds)
    except LeaseLost:
        return False
    except (OperationalError, InterfaceError):
        # A database that was away is no fault of the work: the next turn goes on.
        logger.warning("test_clock_interrupted", clock_id=str(clock_id), exc_info=True)
        connection.close()
        with suppress(Error, LeaseLost):
            turn.let_go()
        return False
    except Exception as error:
        logger.exception("test_clock_failed", clock_id=str(clock_id))
        with suppress(LeaseLost):
            turn.fail(error)
        return False


def forgotten(at: datetime) -> list[UUID]:
    """Clocks on their way that nobody moves: the worker died, or its doorbell was not heard."""
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=at - FORGOTTEN)
    return list(TestClock.objects.filter(free, status=Status.ADVANCING).values_list("pk", flat=True))


class _Turn:
    """A clock held under a lease."""

    def __init__(self, clock: TestClock, actor: Actor) -> None:
        self.clock, self.actor, self.scope = clock, actor, Scope(clock.pk)
        self.work = "advance"

    @classmethod
    def take(cls, clock_id: UUID, actor: Actor) -> "_Turn | None":
        """The clock, if it is on its way and nobody holds it."""
        now = kernel_clock.wall()
        free = Q(lease_until__isnull=True) | Q(lease_until__lte=now)
        with unit_of_work(actor):
            rows = TestClock.objects.filter(free, pk=clock_id, status=Status.ADVANCING, target__isnull=False)
            clock = rows.select_for_update(skip_locked=True).first()
            if clock is None:
                return None
            clock.lease_token = uuid4()
            TestClock.objects.filter(pk=clock_id).update(lease_token=clock.lease_token, lease_until=now + LEASE)
            return cls(clock, actor)

    @property
    def target(self) -> datetime:
        return self.clock.target or self.clock.frozen_time

    def go_on(self, until: float) -> bool:
        """From instant to instant, as far as time allows."""
        pause, in_vain = FIRST_PAUSE, True
        if self.clock.progress.get("turns_waited"):
            self._ring()
        while True:
            waiting = self._waiting()
            if waiting:
                self.clock.progress["waiting_for"] = waiting
                if kernel_clock.monotonic() >= until:
                    waited = self.clock.progress.get("turns_waited", 0) + 1 if in_vain else 1
                    self.clock.progress["turns_waited"] = waited
                    self.let_go()
                    return bool(waited < PATIENT_TURNS)
                kernel_clock.pause(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
                continue
            self.clock.progress.pop("waiting_for", None)
            self.clock.progress.pop("turns_waited", None)
            pause, in_vain = FIRST_PAUSE, False
            following = self._next()
            if following is None and self.clock.frozen_time >= self.target:
                self._write(status=Status.READY, target=None, lease_token=None, lease_until=None)
                return False
            self._move(self.target if following is None else following)
            self._work_off()
            if kernel_clock.monotonic() >= until:
                self.let_go()
                return True

    def let_go(self) -> None:
        """Free for the next turn."""
        self._write(lease_token=None, lease_until=kernel_clock.wall())

    def fail(self, error: Exception) -> None:
        """Stop here with the reason; sent on again it tries again."""
        first = next(iter(str(error).splitlines()), "")
        told = f"{error.code}: {error.detail}" if isinstance(error, DomainError) else f"{type(error).__name__}: {first}"
        reason = f"{self.work}: {told}"[:1000]
        self._write(status=Status.FAILED, error=reason, lease_token=None, lease_until=None)

    def _waiting(self) -> dict[str, int]:
        """What was begun and has not ended, by the work it belongs to."""
        found = {}
        for work in registered():
            self.work = work.name
            if pieces := work.pending(self.scope):
                found[work.name] = pieces
        return found

    def _ring(self) -> None:
        """Wake whoever finishes what is waited for."""
        for work in registered():
            if work.ring is not None and work.name in self.clock.progress.get("waiting_for", {}):
                work.ring()

    def _next(self) -> datetime | None:
        """The next instant at which anything is due, this one included."""
        instants = [instant for work in registered() if (instant := self._due(work)) is not None]
        return max(min(instants), self.clock.frozen_time) if instants else None

    def _due(self, work: DueWork) -> datetime | None:
        self.work = work.name
        now = self.clock.frozen_time
        if self.clock.progress.get("passed", {}).get(work.name) != now.isoformat():
            return work.due(self.target, self.scope)
        # What is still due of it stays so: look past it.
        if work.following is not None:
            return work.following(now, self.target, self.scope)
        return min(now + STRIDE, self.target) if now < self.target else None

    def _move(self, instant: datetime) -> None:
        self.clock.progress["steps"] += 1
        self._write(frozen_time=instant, lease_until=kernel_clock.wall() + LEASE)
        self.clock.frozen_time = instant

    def _work_off(self) -> None:
        """Do all that is due now; work that stays due without getting anywhere is passed until time has moved."""
        at = self.clock.frozen_time
        for work in registered():
            self.work = work.name
            for rounds in range(ROUNDS + 1):
                if work.due(at, self.scope) is None:
                    break
                done = 0 if rounds == ROUNDS else work.run(at, self.scope)
                if not done:
                    self.clock.progress.setdefault("passed", {})[work.name] = at.isoformat()
                    break
                self.clock.progress["pieces"] += done
                self._write(lease_until=kernel_clock.wall() + LEASE)

    def _write(self, **changes: object) -> None:
        """Record where it stands, unless the lease is somebody else's by now."""
        self.work = "advance"
        with unit_of_work(self.actor):
            written = TestClock.objects.filter(pk=self.clock.pk, lease_token=self.clock.lease_token).update(
                **changes, progress=self.clock.progress, version=F("version") + 1, updated_at=kernel_clock.wall()
            )
        if not written:
            raise LeaseLost
