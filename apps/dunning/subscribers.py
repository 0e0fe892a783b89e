"""What dunning hears: invoices that are made and settled, and retries that are exhausted."""

from collections.abc import Sequence
from uuid import UUID

from apps.dunning.actions.cancel import cancel_unpaid
from apps.dunning.actions.entitle import forget
from apps.dunning.actions.notice import given_up, made, settled
from apps.dunning.rules import Kind
from apps.events.models import Event
from apps.events.registry import subscribe
from apps.events.rules import Lane
from apps.invoices.registry import watches
from apps.kernel.actors import system

ACTOR = system("dunning.judge")

# A bank that took its money back, a write-off that is reversed: what was settled is owed again.
watches(made)


@subscribe("invoice.created", name="dunning.watch")
def watch_invoices(events: Sequence[Event]) -> None:
    """Note when each is to be looked at, unless nothing is left to pay."""
    owed = [event.object_id for event in events if event.data["object"]["balance"]]
    if owed:
        made(owed, actor=ACTOR)


@subscribe("invoice.paid", "invoice.voided", name="dunning.clear", inline=True)
def clear_accounts(events: Sequence[Event]) -> None:
    """Whoever was behind is judged in the transaction that settled the invoice."""
    settled({event.account_id for event in events if event.account_id}, actor=ACTOR, lane=Lane(events[0].lane))


@subscribe(
    "subscription.created", "subscription.updated", "subscription.paused", "subscription.resumed",
    "subscription.trial_ended", "subscription.cancelled", "subscription.expired",
    name="dunning.entitlements", inline=True,
)  # fmt: skip
def forget_entitlements(events: Sequence[Event]) -> None:
    """What an account may use is another from the commit on that changes its subscriptions, not a moment later."""
    forget({event.account_id for event in events if event.account_id})


@subscribe("payment.retries_exhausted", name="dunning.exhausted")
def block_exhausted(events: Sequence[Event]) -> None:
    """The event's object is the invoice, or the payment that was tried last."""
    found = {}
    for event in events:
        if event.account_id:
            invoice_id = UUID(event.data["object"].get("invoice_id") or event.data["object"]["id"])
            found[invoice_id] = (event.account_id, event.effective_at)
    given_up(found, actor=ACTOR, lane=Lane(events[0].lane))


@subscribe("dunning.step_taken", name="dunning.cancel")
def cancel_subscriptions(events: Sequence[Event]) -> None:
    """What a policy ends is cancelled; almost all steps end nothing."""
    ended = {
        UUID(event.data["object"]["account_id"]) for event in events if event.data["object"]["kind"] == Kind.CANCEL
    }
    if ended:
        cancel_unpaid(ended, actor=ACTOR)
