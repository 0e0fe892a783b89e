"""Tables that pages are made of: a title, columns, rows of cells, what to say when there are none, where to see all."""

from collections.abc import Sequence
from dataclasses import dataclass, field

Row = Sequence[object]


@dataclass(frozen=True, slots=True)
class Table:
    """One section of a page."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Row]
    hint: str = "Nothing yet."
    more: str = ""
    more_text: str = "See all"
    id: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """A figure, or several beneath each other, that lead somewhere."""

    title: str
    lines: Sequence[tuple[object, str]]
    hint: str = "Nothing."
    note: str = ""
    tone: str = ""
    details: Sequence[object] = field(default_factory=tuple)
