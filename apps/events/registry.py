"""Who listens to what. Each app's `subscribers.py` fills this at start."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # this is imported before models can be
    from apps.events.models import Event

Handler = Callable[[Sequence["Event"]], None]


@dataclass(frozen=True)
class Subscriber:
    """A handler under its stable name. `inline`: within the publisher's transaction; else through the relay."""

    name: str
    types: tuple[str, ...]
    handler: Handler
    inline: bool


_subscribers: dict[str, Subscriber] = {}


def subscribe(*types: str, name: str, inline: bool = False) -> Callable[[Handler], Handler]:
    """Have a function called with lists of events of exactly these types. It touches the database only.

    A queued handler runs in the transaction that marks its deliveries done: its database work happens exactly once.
    """
    if not types or len(set(types)) != len(types):
        raise ValueError(f"subscriber {name} names no event type, or one twice")

    def register(handler: Handler) -> Handler:
        if name in _subscribers:
            raise ValueError(f"subscriber {name} is registered already")
        _subscribers[name] = Subscriber(name, types, handler, inline)
        return handler

    return register


def unsubscribe(name: str) -> None:
    """Forget a subscriber."""
    _subscribers.pop(name, None)


def subscribers(*, inline: bool) -> list[Subscriber]:
    """All of one kind, in the order they were registered (lower apps first)."""
    return [subscriber for subscriber in _subscribers.values() if subscriber.inline is inline]


def subscriber(name: str) -> Subscriber:
    """The one of that name."""
    return _subscribers[name]


def listening(event_type: str, *, inline: bool) -> list[Subscriber]:
    """Those of one kind that listen to a type."""
    return [found for found in subscribers(inline=inline) if event_type in found.types]
