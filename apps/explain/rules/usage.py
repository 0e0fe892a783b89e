"""The derivation of metered lines: from the events that they hold, and part by part of their breakdown."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeAlias

from apps.explain.rules.stored import Line

Wrong: TypeAlias = tuple[str, object, object]
"""A figure, as it is stored, and as it is derived."""

ADDED = ("billed_before", "maximum")
"""Parts that are not of the usage itself."""


def half_up(exact: Fraction) -> int:
    """Rounded to a whole, halves away from zero."""
    whole = (2 * abs(exact.numerator) + exact.denominator) // (2 * exact.denominator)
    return whole if exact >= 0 else -whole


def metered(line: Line) -> tuple[int, list[Wrong]]:
    """What a line of usage, or of what is missing to a minimum, comes to; and where that is not what is stored."""
    return _missing(line) if line.kind == "minimum" else _used(line)


def _used(line: Line) -> tuple[int, list[Wrong]]:
    """The exact parts together, cut at the maximum, rounded once, less what was billed before."""
    wrong = list(_counted(line))
    exact, before = Fraction(0), 0
    cut: int | None = None
    for part in line.breakdown:
        amount = int(part["amount"])
        if part["kind"] == "billed_before":
            before -= amount
        elif part["kind"] == "maximum":
            cut = int(line.source["maximum"])
        else:
            each = Fraction(amount) if line.source.get("by_event") and part["kind"] == "tier" else _exact(part, line)
            exact += each
            if abs(each - amount) >= 1:
                wrong.append((f"part {part['kind']} of {part['quantity']}", amount, half_up(each)))
    if cut is not None and exact > cut:
        exact = Fraction(cut)
    if sum(int(part["amount"]) for part in line.breakdown) != int(line.source["gross"]):
        wrong.append(("breakdown", sum(int(part["amount"]) for part in line.breakdown), line.source["gross"]))
    return half_up(exact) - before, wrong


def _exact(part: Any, line: Line) -> Fraction:
    price, quantity = Fraction(Decimal(part["unit_price"] or 0)), Fraction(Decimal(part["quantity"]))
    rate = part["kind"] == "tier" and str(line.source.get("model", "")).endswith("percentage")
    return quantity * price / (100 if rate else 1)


def _missing(line: Line) -> tuple[int, list[Wrong]]:
    """The minimum less what usage (to a commitment: all that counts) has come to, less what was missing before."""
    source = line.source
    return max(0, int(source["minimum"]) - int(source["billed"])) - int(source["billed_before"]), []


def _counted(line: Line) -> Iterator[Wrong]:
    if line.source.get("dropped"):
        # What it was billed for is charged by another line now: it holds nothing itself.
        for figure, stored in (("events", int(line.source["events"])), ("quantity", line.quantity)):
            if stored:
                yield figure, stored, 0
    if line.counted is None:
        return
    if int(line.source["events"]) != line.counted.events:
        yield "events", line.source["events"], line.counted.events
    if line.quantity != line.counted.quantity:
        yield "quantity", line.quantity, line.counted.quantity
