"""How far a cap lets events in, one after the other."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from apps.usage.rules.meters import EXACT, Aggregation, WindowMeter


@dataclass
class Running:
    """What a meter has come to, as far as it is known. `values`: the different ones, for unique counts alone."""

    quantity: Decimal = Decimal(0)
    values: set[str] = field(default_factory=set)


def admits(meter: WindowMeter, running: Running, quantity: Decimal, properties: Mapping[str, Any]) -> bool:
    """Whether one more event stays within the cap."""
    return meter.cap is None or _after(meter, running, quantity, properties) <= meter.cap


def admit(meter: WindowMeter, running: Running, quantity: Decimal, properties: Mapping[str, Any]) -> None:
    """Count it."""
    running.quantity = _after(meter, running, quantity, properties)
    value = unique(meter.unique_by, quantity, properties) if meter.aggregation is Aggregation.UNIQUE_COUNT else None
    if value is not None:
        running.values.add(value)


def unique(unique_by: str | None, quantity: Decimal, properties: Mapping[str, Any]) -> str | None:
    """What a unique count tells an event by: a text, as PostgreSQL writes the property. None counts nothing."""
    value = quantity if unique_by is None else properties.get(unique_by)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return plain(value) if unique_by is None else f"{value:f}"
    return None if value is None else str(value)


def plain(value: Decimal) -> str:
    """A decimal without an exponent and without zeros at its end."""
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def _after(meter: WindowMeter, running: Running, quantity: Decimal, properties: Mapping[str, Any]) -> Decimal:
    match meter.aggregation:
        case Aggregation.SUM:
            return EXACT.add(running.quantity, quantity)
        case Aggregation.COUNT:
            return running.quantity + 1
        case Aggregation.UNIQUE_COUNT:
            value = unique(meter.unique_by, quantity, properties)
            return running.quantity + (value is not None and value not in running.values)
        case _:
            # A maximum, or the last one: as far as this event goes, whatever others say.
            return quantity
