"""The worker's part: ask VIES about the numbers that wait. Rows say which; a task only says when."""

from typing import Any

from celery import shared_task

from apps.kernel import clock
from apps.kernel.actors import system
from apps.kernel.doorbell import ring
from apps.tax import consultation

SECONDS = 2.0
"""How long one task goes on: other work has its turn, however many numbers wait."""


@shared_task(name="tax.sweep")
def sweep(**kwargs: Any) -> int:
    """Ask about what waits; safe to run twice and side by side."""
    began = clock.monotonic()
    answered = consultation.sweep(seconds=SECONDS, actor=system("tax.sweep"))
    if answered and clock.monotonic() - began >= SECONDS:
        ring(consultation.TASK, consultation.QUEUE)  # more may wait; a silent VIES has its pause
    return answered
