"""The worker's part: ask the gateway about whatever waits. Rows say what; a task only says when."""

from typing import Any

from celery import shared_task

from apps.kernel.actors import system
from apps.payments.actions.charge import charge_due
from apps.payments.actions.notices import look_into_due

BATCH = 20
ACTOR = system("payments.sweep")


@shared_task(name="payments.sweep")
def sweep(**kwargs: Any) -> int:
    """Charge what is to be charged and look into what the gateway told us, until nothing is left; safe to run twice."""
    done = 0
    while taken := charge_due(limit=BATCH, actor=ACTOR) + look_into_due(limit=BATCH, actor=ACTOR):
        done += taken
    return done
