"""Reading a document of JSON values: every fault is kept with its pointer, what is right comes out in one form.

Decimals come as strings or numbers and leave as strings without needless zeros; no float is ever counted with.
"""

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from numbers import Real
from typing import Any

from apps.kernel.errors import Problem
from apps.kernel.money import MAX_AMOUNT

MAX_PLACES = 12
MAX_DECIMAL = Decimal(MAX_AMOUNT)
NUMBER_DIGITS = 15
"""As many digits of a JSON number survive its reading, whatever reads it; more are written as a string."""

_DECIMAL = re.compile(r"-?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/-]*", re.ASCII)


def pointer(above: str, name: object) -> str:
    """The JSON pointer (RFC 6901) of a member, its name shortened where it is absurdly long."""
    return f"{above}/{str(name)[:100].replace('~', '~0').replace('/', '~1')}"


def plain(value: Decimal) -> str:
    """A decimal as it is written: no exponent, no zeros at the end."""
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def decimal(value: object) -> Decimal | None:
    """What a JSON value means as a decimal; None if it means none exactly."""
    if type(value) is int:
        return Decimal(value) if abs(value) <= 10**40 else None
    if isinstance(value, Real) and not isinstance(value, int):
        found = Decimal(repr(value))
        return found if found.is_finite() and len(found.normalize().as_tuple().digits) <= NUMBER_DIGITS else None
    return Decimal(value) if isinstance(value, str) and _DECIMAL.fullmatch(value) else None


Reader = Callable[["Reading", Any, str], Any]


@dataclass(frozen=True)
class Member:
    """A member of an object: how it is read, and its value when it is absent; null is as absent if that is None."""

    read: Reader
    required: bool = False
    default: Any = None

    def absent(self) -> Any:
        """A value of its own each time."""
        return self.default() if callable(self.default) else self.default


class Reading:
    """One walk through a document; `problems` is all that was wrong."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def add(self, problem: Problem) -> None:
        """Keep a fault."""
        self.problems.append(problem)

    def spoilt(self, above: str) -> bool:
        """Whether something below this pointer is wrong."""
        return any(problem.pointer == above or problem.pointer.startswith(f"{above}/") for problem in self.problems)

    def members(self, value: Any, at: str, known: Mapping[str, Member]) -> dict[str, Any]:
        """An object with just these members, each read; absent ones have their default."""
        if not isinstance(value, Mapping):
            self.add(Problem(at, "wrong_type", f"Expected an object with {', '.join(known)}."))
            return {}
        for name in value:
            if name not in known:
                self.add(Problem(pointer(at, name), "unknown_field", f"There is no such field.{_near(name, known)}"))
        found = {}
        for name, member in known.items():
            given = value.get(name)
            if name not in value and member.required:
                self.add(Problem(pointer(at, name), "required", "This field is required."))
            if name not in value or (given is None and not member.required and member.absent() is None):
                found[name] = member.absent()
            else:
                found[name] = member.read(self, given, pointer(at, name))
        return found

    def listed(self, value: Any, at: str, read: Reader, *, longest: int) -> list[Any]:
        """A list, each element read."""
        if not isinstance(value, list | tuple):
            self.add(Problem(at, "wrong_type", "Expected an array."))
            return []
        if len(value) > longest:
            self.add(Problem(at, "too_long", f"At most {longest} are taken."))
            return []
        return [read(self, each, pointer(at, index)) for index, each in enumerate(value)]

    def once(self, names: Iterable[tuple[str, object]]) -> None:
        """Each of these, given with its pointer, stands once."""
        first: dict[object, str] = {}
        for at, name in names:
            earlier = first.setdefault(name, at)
            if earlier != at and name is not None:
                self.add(Problem(at, "duplicate", f"The same stands at {earlier}."))


def name(longest: int) -> Reader:
    """A name of code: letters, digits and _ . : / - after a letter or digit."""

    def read(reading: Reading, value: Any, at: str) -> str | None:
        if not isinstance(value, str):
            reading.add(Problem(at, "wrong_type", "Expected a string."))
        elif len(value) > longest:
            reading.add(Problem(at, "too_long", f"At most {longest} characters."))
        elif not _NAME.fullmatch(value):
            reading.add(Problem(at, "name_invalid", "Use letters, digits and _ . : / -, such as api_calls."))
        else:
            return value
        return None

    return read


def one_of(choices: Sequence[str]) -> Reader:
    """One of some strings."""

    def read(reading: Reading, value: Any, at: str) -> str | None:
        if not isinstance(value, str):
            reading.add(Problem(at, "wrong_type", "Expected a string."))
        elif value not in choices:
            reading.add(Problem(at, "invalid_choice", f"It is one of {', '.join(choices)}."))
        else:
            return str(value)
        return None

    return read


def number(*, positive: bool = False, most: Decimal = MAX_DECIMAL) -> Reader:
    """A decimal of 0 or more (`positive`: above 0), as its plain text."""

    def read(reading: Reading, value: Any, at: str) -> str | None:
        found = decimal(value)
        if found is None:
            asked = 'a decimal as a string, such as "0.5"'
            reading.add(Problem(at, "wrong_type", f"Expected {asked}; a number of {NUMBER_DIGITS} digits will do."))
            return None
        text = plain(found)
        if found < 0 or (positive and not found):
            reading.add(Problem(at, "too_small", "It is above 0." if positive else "It is 0 or more."))
        elif found > most:
            reading.add(Problem(at, "too_large", f"It is at most {plain(most)}."))
        elif len(text.partition(".")[2]) > MAX_PLACES:
            reading.add(Problem(at, "too_precise", f"At most {MAX_PLACES} digits after the point."))
        else:
            return text
        return None

    return read


def amount(least: int = 0) -> Reader:
    """Whole minor units."""

    def read(reading: Reading, value: Any, at: str) -> int | None:
        if type(value) is not int:
            reading.add(Problem(at, "wrong_type", "Expected whole minor units: 4900 for 49 dollars."))
        elif value < least:
            reading.add(Problem(at, "too_small", f"It is {least} or more; leave it out where there is none."))
        elif value > MAX_AMOUNT:
            reading.add(Problem(at, "amount_too_large", f"It is at most {MAX_AMOUNT} minor units."))
        else:
            return value
        return None

    return read


def _near(name: str, known: Mapping[str, Member]) -> str:
    near = difflib.get_close_matches(str(name)[:100], list(known), n=1)
    return f" Did you mean {near[0]!r}?" if near else f" There are {', '.join(known)}."
