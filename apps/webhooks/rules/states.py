"""States of endpoints, deliveries and attempts, and what may follow what."""

from collections.abc import Mapping
from enum import StrEnum


class EndpointStatus(StrEnum):
    """A DISABLED endpoint is sent nothing until it is enabled again; a DELETED one stays for its log alone."""

    ENABLED = "ENABLED"
    DISABLED = "DISABLED"
    DELETED = "DELETED"


ENDPOINT_TRANSITIONS: Mapping[EndpointStatus, tuple[EndpointStatus, ...]] = {
    EndpointStatus.ENABLED: (EndpointStatus.DISABLED, EndpointStatus.DELETED),
    EndpointStatus.DISABLED: (EndpointStatus.ENABLED, EndpointStatus.DELETED),
    EndpointStatus.DELETED: (),
}


class Reason(StrEnum):
    """Why an endpoint is disabled."""

    NONE = ""
    BY_HAND = "by_hand"
    FAILING = "failing"
    GONE = "gone"


class Format(StrEnum):
    """What is sent: our event, signed; or a Segment `track` call, for platforms that take those."""

    EVENT = "event"
    SEGMENT = "segment"


class Status(StrEnum):
    """Of a delivery: to be made, made, given up."""

    PENDING = "PENDING"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"


TRANSITIONS: Mapping[Status, tuple[Status, ...]] = {
    Status.PENDING: (Status.DELIVERED, Status.FAILED),
    # Sent again, because somebody asked, or because the endpoint answers again.
    Status.DELIVERED: (Status.PENDING,),
    Status.FAILED: (Status.PENDING,),
}


class Outcome(StrEnum):
    """How an attempt ended. `released`: it was not made at all, for the endpoint had begun to fail meanwhile."""

    DELIVERED = "delivered"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    BLOCKED = "blocked"
    RELEASED = "released"


class Scope(StrEnum):
    """What a resend sends again: what was given up, or everything."""

    FAILED = "failed"
    ALL = "all"
