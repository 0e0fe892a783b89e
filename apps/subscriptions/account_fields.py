"""What others ask of an account: which subscriptions it has, and whether any of them lives."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from apps.accounts.registry import keeps
from apps.subscriptions.models import Subscription
from apps.subscriptions.queries import ids_of
from apps.subscriptions.rules.lifecycle import LIVE
from apps.usage.registry import tell_owned

NAMED = 20

tell_owned(ids_of)


def _live(account_id: UUID, at: datetime) -> Iterator[str]:
    rows = Subscription.objects.filter(account_id=account_id, status__in=LIVE).order_by("pk")
    for pk, status in rows.values_list("pk", "status")[:NAMED]:
        yield f"Subscription {pk} is {status}."


keeps("subscriptions", _live)
