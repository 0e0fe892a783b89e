"""What an account's export holds of its subscriptions: each as it is, with all that happened to it."""

from collections.abc import Sequence

from msgspec import structs

from apps.accounts.registry import section
from apps.subscriptions.models import Subscription
from apps.subscriptions.objects import SubscriptionObject, subscription_objects
from apps.subscriptions.objects_history import HistoryObject, history_objects
from apps.subscriptions.queries import histories, subscriptions


class HeldSubscriptionObject(SubscriptionObject, kw_only=True, frozen=True):
    """A subscription with its history, the oldest first."""

    history: list[HistoryObject]


def _shown(rows: Sequence[Subscription]) -> list[HeldSubscriptionObject]:
    happened = histories([row.pk for row in rows])
    return [
        HeldSubscriptionObject(**structs.asdict(each), history=history_objects(happened.get(each.id, [])))
        for each in subscription_objects(rows)
    ]


section(
    "subscriptions",
    HeldSubscriptionObject,
    rows=lambda account_id: subscriptions().filter(account_id=account_id),
    show=_shown,
)
