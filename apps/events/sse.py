"""Events as server-sent events: the position is the id, so a client that comes again says where it was."""

from collections.abc import Sequence

from apps.events.models import Event
from apps.events.objects import event_objects
from apps.rest.objects import encode

MEDIA_TYPE = "text/event-stream"
POSITION, TYPES = "x-stream-position", "x-stream-types"
"""Headers by which the view tells the shell around it from where the stream goes on, and with which types."""

RETRY = b"retry: 1000\n\n"
"""A client whose connection ends comes again after a second."""


def chunk(event: Event) -> bytes:
    """One event as it is sent."""
    [shown] = event_objects([event])
    return b"id: %d\nevent: %b\ndata: %b\n\n" % (event.position or 0, event.event_type.encode(), encode(shown))


def body(events: Sequence[Event]) -> bytes:
    """The beginning of an answer."""
    return RETRY + b"".join(chunk(event) for event in events)
