"""A lease on a piece of outside work: one worker at a time holds a row, and lets go by itself if it dies."""

from datetime import datetime
from typing import TypeVar
from uuid import UUID, uuid4

from django.db import models
from django.db.models import F, Q

from apps.kernel import clock
from apps.kernel.transactions import unit_of_work
from apps.payments.rules import LEASE, back_off
from apps.kernel.actors import Actor

Work = TypeVar("Work", bound=models.Model)


def take(waiting: "models.QuerySet[Work]", *, limit: int, actor: Actor) -> tuple[UUID, list[Work]]:
    """Take up to `limit` rows whose turn it is and that nobody holds; returns the token that shows whose they are."""
    token, now = uuid4(), clock.wall()
    with unit_of_work(actor):
        free = waiting.filter(Q(lease_until__isnull=True) | Q(lease_until__lt=now), next_call_at__lte=now)
        ids = list(
            free.order_by("next_call_at").select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True)[:limit]
        )
        rows = waiting.model._default_manager.filter(pk__in=ids)
        rows.update(lease_token=token, lease_until=now + LEASE, calls=F("calls") + 1)
        return token, list(rows.order_by("next_call_at", "pk"))


def put_back(row: Work, token: UUID, *, reason: str, calls: int, actor: Actor) -> datetime:
    """Let go of a row that got no answer; its next turn comes after a pause that grows."""
    then = clock.wall() + back_off(calls)
    with unit_of_work(actor):
        type(row)._default_manager.filter(pk=row.pk, lease_token=token).update(
            lease_token=None, lease_until=None, next_call_at=then, last_error=reason[:1000]
        )
    return then
