"""What analytics hears: subscriptions that begin, change and end, in their own transaction: no figure is late."""

from collections.abc import Sequence
from uuid import UUID

from apps.analytics.actions import Changed, record
from apps.dunning.actions.cancel import NONPAYMENT
from apps.events.models import Event
from apps.events.registry import subscribe

MOVES = frozenset({"status", "plan_id", "plan_version", "quantity", "coupons"})
"""Without a change of one of these, and without coupons, a subscription costs what it did."""


@subscribe(
    "subscription.created", "subscription.updated", "subscription.paused", "subscription.resumed",
    "subscription.trial_ended", "subscription.cancelled", "subscription.expired",
    name="analytics.movements", inline=True,
)  # fmt: skip
def record_movements(events: Sequence[Event]) -> None:
    """Write how the accounts moved; whoever changes a subscription has locked its account."""
    changed: dict[UUID, Changed] = {}
    for event in events:
        if event.account_id and _may_move(event):
            before = changed.get(event.account_id)
            unpaid = event.data["object"]["cancellation_reason"] == NONPAYMENT
            changed[event.account_id] = Changed(
                event.account_id, event.effective_at, unpaid or (before is not None and before.involuntary)
            )
    record(list(changed.values()))


def _may_move(event: Event) -> bool:
    shown, previous = event.data["object"], event.data["previous_attributes"]
    if previous is None:
        return bool(shown["status"] == "ACTIVE")
    return bool(shown["coupons"]) or not MOVES.isdisjoint(previous)
