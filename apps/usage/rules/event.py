"""One event as it is sent, and as it is once its shape is known to be right."""

import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import msgspec

from apps.kernel.errors import Invalid
from apps.rest import card_guard
from apps.usage.rules import refusals

KEY_LENGTH, METRIC_LENGTH = 255, 100
MAX_QUANTITY = Decimal(2**63 - 1)
MAX_PLACES = 12
MAX_PROPERTIES, MAX_PROPERTY_BYTES = 50, 4096

MAX_EXPONENT = 100

_DECIMAL = re.compile(rf"-?[0-9]{{1,19}}(?:\.[0-9]{{1,{MAX_PLACES}}})?", re.ASCII)
_DIGITS = re.compile("[0-9](?:[ -]{0,2}[0-9]){12}")
_SCALARS = frozenset({str, int, bool, type(None)})
_encoder = msgspec.json.Encoder(decimal_format="number")


class EventInput(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """An event as JSON has it. What must be there is checked apart, so that each omission has a code of its own.

    Fractions among properties are Decimals (the decoders of `reading` see to it), so that they stay what was sent.
    """

    idempotency_key: str | None = None
    subscription_id: str | None = None
    subscription_external_key: str | None = None
    metric: str | None = None
    quantity: int | str = 1
    timestamp: datetime | None = None
    properties: dict[str, Any] | None = None


class Candidate(msgspec.Struct, gc=False):
    """An event whose shape is right; whether its subscription takes it is another question."""

    key: str
    digest: str
    subscription: str | None
    external_key: str | None
    metric: str
    quantity: Decimal
    timestamp: datetime
    properties: dict[str, Any]
    encoded: str


def digest(key: str) -> str:
    """The 16 bytes by which a key is known, as hexadecimal digits."""
    return blake2b(key.encode(), digest_size=16).hexdigest()


def candidate(event: EventInput, *, plain: bool = False) -> Candidate | Invalid:
    """The event, or why it is refused. `plain`: no text of the request holds a NUL, which spares looking for it."""
    fault = _incomplete(event)
    if fault is not None:
        return fault
    key, metric, timestamp = str(event.idempotency_key), str(event.metric), event.timestamp
    properties = event.properties or {}
    if not plain and any("\0" in text for text in _texts(event)):
        return refusals.invalid_character()
    number = quantity(event.quantity)
    if number is None:
        return refusals.quantity_invalid()
    if timestamp is None or timestamp.tzinfo is None:
        return refusals.timestamp_naive()
    encoded = _encoded(properties) if properties else "{}"
    if isinstance(encoded, Invalid):
        return encoded
    if _may_hold_card(key):
        return refusals.card_data()
    return Candidate(
        key, digest(key), event.subscription_id, event.subscription_external_key, metric, number, timestamp,
        properties, encoded,
    )  # fmt: skip


def quantity(value: int | str) -> Decimal | None:
    """A whole number or a decimal as a string, within 64 bits and 12 places; None if it is neither."""
    if isinstance(value, str) and not _DECIMAL.fullmatch(value):
        return None
    if isinstance(value, int) and abs(value) > MAX_QUANTITY:
        return None
    number = Decimal(value)
    return number if -MAX_QUANTITY <= number <= MAX_QUANTITY else None


def _encoded(properties: dict[str, Any]) -> str | Invalid:
    """The properties as JSON, or why they are refused."""
    content = _encoder.encode(properties)
    if len(properties) > MAX_PROPERTIES or len(content) > MAX_PROPERTY_BYTES:
        return refusals.properties_too_large()
    if not all(type(value) in _SCALARS or _storable(value) for value in properties.values()):
        return refusals.property_not_scalar()
    encoded = content.decode()
    return refusals.card_data() if _hold_card(properties, encoded) else encoded


def _storable(value: object) -> bool:
    """Whether it is a fraction that the database can hold."""
    return isinstance(value, Decimal) and abs(value.adjusted()) <= MAX_EXPONENT


def _incomplete(event: EventInput) -> Invalid | None:
    if not event.idempotency_key:
        return refusals.key_missing()
    if len(event.idempotency_key) > KEY_LENGTH:
        return refusals.key_too_long(KEY_LENGTH)
    if (event.subscription_id is None) == (event.subscription_external_key is None):
        return refusals.subscription_missing()
    if not event.metric:
        return refusals.metric_missing()
    return refusals.timestamp_missing() if event.timestamp is None else None


def _texts(event: EventInput) -> Iterator[str]:
    yield from filter(None, (event.idempotency_key, event.subscription_external_key, event.metric))
    for name, value in (event.properties or {}).items():
        yield name
        if isinstance(value, str):
            yield value


def _may_hold_card(text: str) -> bool:
    """Whether `text` holds a card number; most have too few digits in a row to ask further."""
    return (not text.isascii() or _DIGITS.search(text) is not None) and card_guard.holds_card_number(text)


def _hold_card(properties: dict[str, Any], encoded: str) -> bool:
    asked = not encoded.isascii() or _DIGITS.search(encoded) or any(map(_suspect, properties))
    return bool(asked) and bool(card_guard.find(properties))


@lru_cache(maxsize=4096)
def _suspect(name: str) -> bool:
    """Whether a property of this name may be card data whatever its value: cvc, number beside an expiry..."""
    return bool(card_guard.find({name: "", "expiry": ""}))
