"""What falls due here: accounts whose next step has come, and once a day a look at all that is overdue."""

from datetime import datetime

from apps.dunning import queries
from apps.dunning.actions import sweep
from apps.dunning.models import Look
from apps.kernel.actors import system
from apps.kernel.schedule import DueWork, Scope, register

ACTOR = system("dunning.judge")


def earliest(at: datetime, scope: Scope) -> datetime | None:
    """When the step fell due that has waited longest: a local midnight of its account."""
    return queries.to_look_at(at, scope).values_list("next_at", flat=True).first()


def run(at: datetime, scope: Scope) -> int:
    """Judge all that is due."""
    return sweep.sweep(at, scope, actor=ACTOR)


def earliest_look(at: datetime, scope: Scope) -> datetime | None:
    """`at`, once a day; on test clocks every step is noted as it comes about, and nothing is looked for."""
    return at if scope.clock_id is None and not Look.objects.filter(day=at.date()).exists() else None


def run_look(at: datetime, scope: Scope) -> int:
    """Have all of them looked at."""
    return sweep.look(at, actor=ACTOR)


def pending(scope: Scope) -> int:
    """A judgement is one transaction: nothing is ever half done."""
    return 0


LOOK = register(DueWork(name="dunning.look", due=earliest_look, run=run_look, pending=pending))
WORK = register(DueWork(name="dunning.judge", due=earliest, run=run, pending=pending))
