"""System checks: nobody listens to a type that nobody announces."""

from typing import Any

from django.core.checks import CheckMessage, Error

from apps.events import registry
from apps.events.declare import declared


def subscriptions_are_declared(**kwargs: Any) -> list[CheckMessage]:
    """One error per subscription to an undeclared type."""
    known = declared()
    return [
        Error(
            f"Subscriber {subscriber.name} listens to {event_type}, which no app declares.",
            hint="Mend the name in its subscribers.py, or declare the event in the owner's events.py.",
            id="events.E001",
        )
        for inline in (True, False)
        for subscriber in registry.subscribers(inline=inline)
        for event_type in subscriber.types
        if event_type not in known
    ]
