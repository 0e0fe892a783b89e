"""Reads of the outbox: the stream by position, and how far behind the relay is."""

from datetime import datetime
from uuid import UUID

from django.db.models import Max, Min, QuerySet

from apps.events.models import Delivery, Event
from apps.events.rules import Status


def events_after(position: int, limit: int) -> list[Event]:
    """The next `limit` events above `position`, in order. Going on from the last one read, nothing is ever skipped."""
    return list(Event.objects.filter(position__gt=position).order_by("position")[:limit])


def of_account(account_id: UUID) -> QuerySet[Event]:
    """All that was announced of an account and of what belongs to it."""
    return Event.objects.filter(account_id=account_id)


def last_position() -> int:
    """The highest position given; 0 before the first."""
    return Event.objects.aggregate(last=Max("position"))["last"] or 0


def dead_letters() -> int:
    """Deliveries that were given up and wait for a person."""
    return Delivery.objects.filter(status=Status.DEAD.value).count()


def outbox_oldest_age(at: datetime) -> float:
    """Seconds for which the most overdue piece of work has waited: a delivery to be made or a position to be given."""
    due = Delivery.objects.filter(status=Status.PENDING.value).aggregate(first=Min("next_attempt_at"))["first"]
    unplaced = Event.objects.filter(position__isnull=True).order_by("id").values_list("created_at", flat=True).first()
    waits = [(at - since).total_seconds() for since in (due, unplaced) if since is not None]
    return max([0.0, *waits])
