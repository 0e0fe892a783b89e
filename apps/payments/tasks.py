"""The worker's part: ask the gateway about whatever waits. Rows say what; a task only says when."""

from typing import Any

from celery import shared_task

from apps.kernel.actors import system
from apps.payments.actions import sweep as sweeping

SECONDS = 50.0
"""How long one task goes on; what is left is for the next doorbell, at most five seconds later."""


@shared_task(name="payments.sweep")
def sweep(**kwargs: Any) -> int:
    """Charge what is to be charged and look into what the gateway told us; safe to run twice and side by side."""
    return sweeping.sweep(seconds=SECONDS, actor=system("payments.sweep"))
