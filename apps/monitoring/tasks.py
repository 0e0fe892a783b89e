"""Beat's door to the registry of due work."""

from typing import Any

import structlog
from celery import shared_task

from apps.kernel import clock, schedule

logger = structlog.get_logger(__name__)


@shared_task(name="schedule.run_due")
def run_due(**_: Any) -> None:
    """Do what has fallen due for all accounts on the wall clock, each kind of work by itself."""
    at, scope = clock.wall(), schedule.Scope(None)
    for work in schedule.registered():
        try:
            if work.due(at, scope) is None:
                continue
            done = work.run(at, scope)
        except Exception:
            # One kind that fails must not keep the others from running; it is due again in a minute.
            logger.exception("due_work_failed", work=work.name)
        else:
            logger.info("due_work_done", work=work.name, pieces=done)
