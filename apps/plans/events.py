"""What plans announce."""

from apps.events.declare import DomainEvent


class PlanCreated(DomainEvent):
    """A plan can be sold."""

    type = "plan.created"


class PlanUpdated(DomainEvent):
    """A plan has changed; with another price it has a new version."""

    type = "plan.updated"


class PlanDeleted(DomainEvent):
    """A plan is no longer sold; subscriptions to it go on."""

    type = "plan.deleted"
