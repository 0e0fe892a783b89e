"""Charts as figures for templates: bars over days, and how far something has come. No script draws them."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from apps.plans.words import quantity

WIDTH, HEIGHT = 720, 150
LEFT, RIGHT, TOP, BOTTOM = 64, 8, 10, 22
LABELS = 8
"""As many names stand below the bars, at most."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar with what it says when it is pointed at."""

    x: str
    y: str
    width: str
    height: str
    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A word at a place: at a line across the bars, or below one of them."""

    at: str
    text: str


@dataclass(frozen=True, slots=True)
class BarChart:
    """Bars with the lines behind them and the names below them."""

    bars: Sequence[Bar]
    lines: Sequence[Mark]
    names: Sequence[Mark]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    floor: int = HEIGHT - BOTTOM


@dataclass(frozen=True, slots=True)
class Limit:
    """Something that a quantity is compared with. `place`: percent of the bar's length."""

    text: str
    place: str
    passed: bool


@dataclass(frozen=True, slots=True)
class Gauge:
    """How far a quantity has come, in percent of its length, and what lies on the way."""

    filled: str
    limits: Sequence[Limit]


def bars(values: Sequence[tuple[str, Decimal]]) -> BarChart:
    """A bar for each (name, value); what is below zero has none."""
    top = rounded_up(max((value for _, value in values), default=Decimal(0)))
    room, tall = Decimal(WIDTH - LEFT - RIGHT) / max(len(values), 1), HEIGHT - TOP - BOTTOM
    gap = min(room / 5, Decimal(4))
    drawn, names = [], []
    every = -(-len(values) // LABELS)
    for index, (name, value) in enumerate(values):
        x, high = LEFT + room * index, tall * max(value, Decimal(0)) / top
        text = f"{name}: {quantity(value)}"
        drawn.append(Bar(_at(x + gap / 2), _at(HEIGHT - BOTTOM - high), _at(room - gap), _at(high), text))
        if index % every == 0:
            names.append(Mark(_at(x + room / 2), name))
    lines = [
        Mark(_at(HEIGHT - BOTTOM - tall * share), quantity(top * share)) for share in map(Decimal, ("0", "0.5", "1"))
    ]
    return BarChart(drawn, lines, names)


def gauge(value: Decimal, limits: Sequence[tuple[str, Decimal]]) -> Gauge | None:
    """A quantity on its way past `limits` (text and quantity); None where there is nothing to compare it with."""
    if not limits:
        return None
    length = max(value, *(limit for _, limit in limits)) * Decimal("1.04")
    ordered = sorted(limits, key=lambda limit: limit[1])
    return Gauge(
        _at(100 * max(value, Decimal(0)) / length),
        [Limit(text, _at(100 * limit / length), value >= limit) for text, limit in ordered],
    )


def rounded_up(value: Decimal) -> Decimal:
    """The next even digit (or 1) with zeros behind it, or before it: half of it is a plain number too."""
    if value <= 0:
        return Decimal(1)
    digit = Decimal(1).scaleb(value.adjusted())
    times = (value / digit).to_integral_value(ROUND_CEILING)
    return next(step for step in (1, 2, 4, 6, 8, 10) if step >= times) * digit


def _at(value: Decimal) -> str:
    return f"{value:.2f}"
