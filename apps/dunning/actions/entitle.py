"""What the subscriptions of an account grant, kept until one of them changes."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.accounts.queries import lock_to_read
from apps.dunning.models import Entitlement
from apps.kernel.membership import array
from apps.kernel.statements import execute
from apps.subscriptions.queries import granted

_FORGET = "DELETE FROM dunning_entitlement WHERE account_id = ANY(%s::uuid[])"


def keep(account_id: UUID) -> list[dict[str, Any]]:
    """What they grant, the oldest first.

    Whoever changes a subscription has locked its account. While nobody has, what is read stays true until it is kept;
    while somebody has, it is answered and not kept.
    """
    with transaction.atomic():
        rests = lock_to_read(account_id)
        found = granted(account_id)
        if rests:
            Entitlement.objects.bulk_create([Entitlement(account_id=account_id, granted=found)], ignore_conflicts=True)
    return found


def forget(account_ids: Collection[UUID]) -> None:
    """What was kept of these accounts holds no longer. Inside the transaction that changes their subscriptions."""
    execute(_FORGET, [array(account_ids)])
