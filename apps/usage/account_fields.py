"""What keeps an account from being deleted: usage that may still come, and would be billed."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from apps.accounts.registry import keeps
from apps.usage.models import MeterWindow

NAMED = 20


def _accepted(account_id: UUID, at: datetime) -> Iterator[str]:
    rows = MeterWindow.objects.filter(account_id=account_id, accept_until__gt=at).order_by("pk")
    for subscription_id, until in rows.values_list("subscription_id", "accept_until")[:NAMED]:
        yield f"Usage of subscription {subscription_id} is accepted until {until:%Y-%m-%dT%H:%M:%SZ}."


keeps("usage", _accepted)
