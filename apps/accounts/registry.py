"""What upper apps contribute to an account, without accounts knowing them.

A field is contributed with a bulk loader, so a page of accounts costs one query a field, not one a row. A related
object is contributed with what shows it, for `?expand=` of a single account. A section of an account's export is
contributed with the rows that it holds and what shows them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from apps.kernel.pieces import pieces
from apps.rest.objects import ApiObject

Load = Callable[[Sequence[UUID]], Mapping[UUID, Any]]
Read = Callable[[UUID, int], Iterator[Sequence[Any]]]
"""Of an account, so many rows at a time."""


@dataclass(frozen=True)
class _Contribution:
    load: Load
    default: Any


_fields: dict[str, _Contribution] = {}

EXPANSIONS: dict[str, Callable[[UUID], Any]] = {}
"""Name in `?expand=` -> the object to show for an account's id, or None."""


def contribute(field: str, load: Load, *, default: Any) -> None:
    """Let `load(account_ids)` fill `field` of account objects; accounts it leaves out show `default`."""
    if field in _fields:
        raise ValueError(f"account field {field} is contributed already")
    _fields[field] = _Contribution(load, default)


def contributed(account_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """The contributed fields of each account."""
    loaded = {field: contribution.load(account_ids) for field, contribution in _fields.items()}
    return {
        account_id: {
            field: loaded[field].get(account_id, contribution.default) for field, contribution in _fields.items()
        }
        for account_id in account_ids
    }


Waiting = Callable[[UUID, datetime], Iterable[str]]

_open: list[tuple[str, Waiting]] = []


def keeps(what: str, waiting: Waiting) -> None:
    """Let an account not be deleted while `waiting(account_id, at)` gives sentences that say what is not settled."""
    _open.append((what, waiting))


def unsettled(account_id: UUID, at: datetime) -> list[tuple[str, str]]:
    """All that keeps an account from being deleted: what kind it is, and a sentence."""
    return [(what, said) for what, waiting in _open for said in waiting(account_id, at)]


def expand(name: str, show: Callable[[UUID], Any]) -> None:
    """Let `?expand=name` of an account show what `show(account_id)` gives."""
    if name in EXPANSIONS:
        raise ValueError(f"account expansion {name} is contributed already")
    EXPANSIONS[name] = show


@dataclass(frozen=True)
class Section:
    """A part of an account's export: how what it holds about an account is read, and the objects that `show` it."""

    kind: type[ApiObject]
    read: Read
    show: Callable[[Sequence[Any]], Sequence[ApiObject]]


SECTIONS: dict[str, Section] = {}
"""Member of an account's export -> what stands there."""


def section(
    name: str,
    kind: type[ApiObject],
    *,
    rows: Callable[[UUID], QuerySet[Any]],
    show: Callable[[Sequence[Any]], Sequence[ApiObject]],
) -> None:
    """Let the export of an account hold what `rows(account_id)` finds, as `show` makes objects of some of it."""
    section_read(name, kind, read=lambda account_id, size: pieces(rows(account_id), size), show=show)


def section_read(
    name: str, kind: type[ApiObject], *, read: Read, show: Callable[[Sequence[Any]], Sequence[ApiObject]]
) -> None:
    """The same of what is not read by rising ids."""
    if name in SECTIONS:
        raise ValueError(f"section {name} of an account's export is contributed already")
    SECTIONS[name] = Section(kind, read, show)
