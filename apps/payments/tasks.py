"""The worker's part: ask the gateway about whatever waits. Rows say what; a task only says when."""

from typing import Any

from celery import shared_task
from django.conf import settings

from apps.kernel import clock
from apps.kernel.actors import system
from apps.kernel.doorbell import ring
from apps.payments.actions import sweep as sweeping

SECONDS = 2.0
"""How long one task goes on: other queues have their turn, however much there is to collect."""


@shared_task(name="payments.sweep")
def sweep(**kwargs: Any) -> int:
    """Charge what is to be charged and look into what the gateway told us; safe to run twice and side by side."""
    began = clock.monotonic()
    answered = sweeping.sweep(seconds=SECONDS, actor=system("payments.sweep"), at_once=settings.STRIPE_CALLS_AT_ONCE)
    if clock.monotonic() - began >= SECONDS:
        ring("payments.sweep", "payments")  # more may wait; a silent gateway ends a sweep before its time
    return answered
