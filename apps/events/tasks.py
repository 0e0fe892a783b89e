"""Doors of the relay for Celery. Each may run twice, late, at once or never: the work is rows."""

from typing import Any

from celery import shared_task

from apps.events import relay, sequencer
from apps.events.rules import Lane


@shared_task(name="events.relay", ignore_result=True)
def relay_lane(lane: str = Lane.API.value, **kwargs: Any) -> None:
    """Give positions, then tell the subscribers of one lane."""
    sequencer.assign()
    relay.drain(Lane(lane))


@shared_task(name="events.sweep", ignore_result=True)
def sweep(**kwargs: Any) -> None:
    """Find all that is due, rung for or not."""
    relay.sweep()


@shared_task(name="events.sequence", ignore_result=True)
def sequence(**kwargs: Any) -> None:
    """Give positions to what has been committed."""
    sequencer.assign()
