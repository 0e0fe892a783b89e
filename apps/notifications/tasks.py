"""The worker's part: send what waits. Rows say what; a task only says when."""

from typing import Any

from celery import shared_task

from apps.kernel.actors import system
from apps.notifications.actions import send

SECONDS = 2.0
"""How long one task goes on: short, for charges and runs share the workers. What is left is for the next doorbell."""


@shared_task(name="notifications.sweep")
def sweep(**kwargs: Any) -> int:
    """Send what waits; safe to run twice and side by side."""
    return send.sweep(seconds=SECONDS, actor=system("notifications.sweep"))
