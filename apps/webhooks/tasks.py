"""The worker's part: send what is due. Rows say what; a task only says when."""

from typing import Any

from celery import shared_task

from apps.kernel import clock
from apps.kernel.actors import system
from apps.webhooks.actions import sweep as sweeping
from apps.webhooks.actions.tell import tell_next

SECONDS = 20.0
"""How long one task calls whoever is due. Then it waits for what it has begun, serving those who answer, and the next
takes over."""


@shared_task(name="webhooks.sweep")
def sweep(**kwargs: Any) -> int:
    """Make deliveries and send them; safe to run twice and side by side."""
    return sweeping.sweep(seconds=SECONDS, actor=system("webhooks.sweep"))


@shared_task(name="webhooks.tell")
def tell(**kwargs: Any) -> int:
    """Tell owners of endpoints that were disabled."""
    told = 0
    while told < 100 and tell_next(at=clock.wall(), actor=system("webhooks.tell")):
        told += 1
    return told
