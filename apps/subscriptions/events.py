"""What subscriptions announce."""

from dataclasses import dataclass
from typing import ClassVar

from apps.events.declare import DomainEvent


@dataclass(frozen=True, kw_only=True)
class SubscriptionCreated(DomainEvent):
    type: ClassVar[str] = "subscription.created"


@dataclass(frozen=True, kw_only=True)
class SubscriptionUpdated(DomainEvent):
    type: ClassVar[str] = "subscription.updated"


@dataclass(frozen=True, kw_only=True)
class TrialWillEnd(DomainEvent):
    """Three days before, or at once where a trial is shorter."""

    type: ClassVar[str] = "subscription.trial_will_end"


@dataclass(frozen=True, kw_only=True)
class InvoiceUpcoming(DomainEvent):
    """The next invoice of a subscription, three days before it falls due. `object_id` is the subscription's."""

    type: ClassVar[str] = "invoice.upcoming"


@dataclass(frozen=True, kw_only=True)
class TrialEnded(DomainEvent):
    type: ClassVar[str] = "subscription.trial_ended"


@dataclass(frozen=True, kw_only=True)
class SubscriptionPaused(DomainEvent):
    type: ClassVar[str] = "subscription.paused"


@dataclass(frozen=True, kw_only=True)
class SubscriptionResumed(DomainEvent):
    type: ClassVar[str] = "subscription.resumed"


@dataclass(frozen=True, kw_only=True)
class SubscriptionCancelled(DomainEvent):
    type: ClassVar[str] = "subscription.cancelled"


@dataclass(frozen=True, kw_only=True)
class SubscriptionExpired(DomainEvent):
    type: ClassVar[str] = "subscription.expired"


@dataclass(frozen=True, kw_only=True)
class ThresholdWasReached(DomainEvent):
    """Usage of a charge has reached a threshold for the first time in its period. `object_id` is the subscription's."""

    type: ClassVar[str] = "usage.threshold_reached"
