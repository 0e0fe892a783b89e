"""What subscriptions announce."""

from dataclasses import dataclass
from typing import ClassVar

from apps.events.declare import DomainEvent


@dataclass(frozen=True, kw_only=True)
class SubscriptionCreated(DomainEvent):
    """An account has subscribed to a plan; its first invoice, if there is one, is announced by itself."""

    type: ClassVar[str] = "subscription.created"


@dataclass(frozen=True, kw_only=True)
class SubscriptionUpdated(DomainEvent):
    """A subscription has other terms, another period, or something is scheduled for it."""

    type: ClassVar[str] = "subscription.updated"


@dataclass(frozen=True, kw_only=True)
class TrialWillEnd(DomainEvent):
    """A trial ends in three days, or sooner where it is shorter."""

    type: ClassVar[str] = "subscription.trial_will_end"


@dataclass(frozen=True, kw_only=True)
class InvoiceUpcoming(DomainEvent):
    """The next invoice of a subscription, three days before it falls due. `object_id` is the subscription's."""

    type: ClassVar[str] = "invoice.upcoming"


@dataclass(frozen=True, kw_only=True)
class TrialEnded(DomainEvent):
    """A trial is over, and the subscription is billed from now on."""

    type: ClassVar[str] = "subscription.trial_ended"


@dataclass(frozen=True, kw_only=True)
class SubscriptionPaused(DomainEvent):
    """A subscription stands still: nothing is billed until it is resumed."""

    type: ClassVar[str] = "subscription.paused"


@dataclass(frozen=True, kw_only=True)
class SubscriptionResumed(DomainEvent):
    """A subscription goes on after a pause."""

    type: ClassVar[str] = "subscription.resumed"


@dataclass(frozen=True, kw_only=True)
class SubscriptionCancelled(DomainEvent):
    """A subscription was ended by somebody, or for nonpayment; `cancellation_reason` says why."""

    type: ClassVar[str] = "subscription.cancelled"


@dataclass(frozen=True, kw_only=True)
class SubscriptionExpired(DomainEvent):
    """A subscription has come to the end that was agreed, its `ends_on`."""

    type: ClassVar[str] = "subscription.expired"


@dataclass(frozen=True, kw_only=True)
class ThresholdWasReached(DomainEvent):
    """Usage of a charge has reached a threshold for the first time in its period. `object_id` is the subscription's."""

    type: ClassVar[str] = "usage.threshold_reached"
