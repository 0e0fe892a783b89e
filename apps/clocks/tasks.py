"""The worker's doors to test clocks: one turn at one, and the sweep that rings for those nobody moves."""

from typing import Any
from uuid import UUID

from celery import shared_task

from apps.clocks.actions import step as stepping
from apps.clocks.actions.advance import QUEUE, TASK
from apps.kernel import clock
from apps.kernel.actors import system
from apps.kernel.doorbell import ring

SECONDS = 0.8
"""How long one turn goes on; a single piece of work may take longer."""


@shared_task(name="clocks.advance", ignore_result=True)
def advance(clock_id: str, **kwargs: Any) -> None:
    """One turn; safe to run twice and side by side, for the clock is held under a lease."""
    if stepping.step(clock_id=UUID(clock_id), seconds=SECONDS, actor=system("clocks.advance")):
        ring(TASK, QUEUE, clock_id=clock_id)


@shared_task(name="clocks.sweep", ignore_result=True)
def sweep(**kwargs: Any) -> None:
    """Ring for clocks on their way whose worker died or whose doorbell was lost."""
    for clock_id in stepping.forgotten(clock.wall()):
        ring(TASK, QUEUE, clock_id=str(clock_id))
