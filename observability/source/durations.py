"""Durations of rules, which a drill makes shorter by one factor: five minutes are thirty seconds at ten."""

import re
from dataclasses import dataclass

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_MARKED = re.compile(r"<(\d+)([smhd])(!?)>")


@dataclass(frozen=True)
class Scale:
    """Divides every duration that is marked: `<5m>` becomes a duration of Prometheus, `<5m!>` a number of seconds."""

    factor: int = 1

    def seconds(self, number: int, unit: str) -> float:
        return number * SECONDS[unit] / self.factor

    def text(self, marked: str) -> str:
        """An expression or a duration with its marks filled in."""
        return _MARKED.sub(self._filled, marked)

    def _filled(self, match: re.Match[str]) -> str:
        number, unit, as_number = int(match[1]), match[2], bool(match[3])
        seconds = self.seconds(number, unit)
        if as_number:
            return f"{seconds:g}"
        if self.factor == 1:
            return f"{number}{unit}"
        return f"{round(seconds * 1000)}ms"


def unmarked(marked: str) -> str:
    """How people read it: `<5m>` is 5m."""
    return _MARKED.sub(lambda match: match[1] + match[2], marked)
