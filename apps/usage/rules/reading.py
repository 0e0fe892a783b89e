"""From bytes to events, each on its own: a fault costs the event it is in, and no other."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TypeAlias, TypeVar

import msgspec

from apps.kernel.errors import Invalid, Malformed, TooLarge
from apps.usage.rules import refusals
from apps.usage.rules.event import EventInput

MAX_EVENTS = 10_000
MAX_COMMAS = 600_000
"""As many are in the fullest batch; more members are not even counted, because each costs memory."""

Read: TypeAlias = EventInput | Invalid

_one = msgspec.json.Decoder(EventInput, float_hook=Decimal)
_all = msgspec.json.Decoder(list[EventInput], float_hook=Decimal)
_parts = msgspec.json.Decoder(list[msgspec.Raw])
_FAULTS = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError)
Part = TypeVar("Part")


def single(raw: bytes) -> EventInput:
    """The one event of a body."""
    read = _event(raw)
    if isinstance(read, Invalid):
        raise read
    return read


def array(raw: bytes) -> Sequence[Read]:
    """The events of a JSON array."""
    if raw.count(b",") > MAX_COMMAS:
        raise _too_many()
    try:
        events: Sequence[Read] = _all.decode(raw)
    except _FAULTS:
        # One of them is wrong, or the whole: which, is seen part by part.
        events = [_event(bytes(part)) for part in _limited(_split(raw))]
    return _limited(events)


def lines(raw: bytes) -> Sequence[Read]:
    """The events of a body that has one on each line; empty lines are none."""
    if raw.count(b"\n") > MAX_EVENTS * 10:
        raise _too_many()
    try:
        events: Sequence[Read] = _one.decode_lines(raw)
    except _FAULTS:
        events = [_event(line) for line in _limited([line for line in raw.split(b"\n") if line.strip()])]
    return _limited(events)


def _event(raw: bytes) -> Read:
    try:
        return _one.decode(raw)
    except RecursionError:
        return refusals.malformed("The event is nested too deep.")
    except _FAULTS as error:
        return refusals.malformed(f"The event cannot be read: {_reason(error)}.")


def _reason(error: Exception) -> str:
    """What is wrong and where, without the value."""
    return "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error).replace("`", "'")[:300]


def _split(raw: bytes) -> list[msgspec.Raw]:
    try:
        return _parts.decode(raw)
    except _FAULTS as error:
        raise Malformed(
            "malformed_json",
            f"The body is no JSON array: {_reason(error)}.",
            hint="Send an array of events; or one event a line with Content-Type: application/x-ndjson, where a "
            "broken line costs only itself.",
        ) from error


def _limited(parts: Sequence[Part]) -> Sequence[Part]:
    if len(parts) > MAX_EVENTS:
        raise _too_many()
    return parts


def _too_many() -> TooLarge:
    return TooLarge(
        "too_many_events",
        f"The batch holds more than {MAX_EVENTS} events.",
        hint=f"Send at most {MAX_EVENTS} events in a request; split what is larger.",
    )
