"""Accounts as files, written piece by piece: however much there is, one piece is in memory."""

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from io import StringIO
from typing import Any, cast

import msgspec
from django.db.models import QuerySet

from apps.accounts.models import Account
from apps.accounts.objects import AccountObject, account_objects
from apps.accounts.registry import SECTIONS
from apps.kernel.cells import cell
from apps.kernel.pieces import pieces
from apps.rest.objects import ApiObject, builtins, encode

PIECE = 1_000
ADDRESS = ("line1", "line2", "city", "region", "postal_code")

_FIELDS = AccountObject.__struct_fields__
COLUMNS = [
    column for name in _FIELDS for column in ([f"address_{part}" for part in ADDRESS] if name == "address" else [name])
]
"""Of the list as CSV: the members of an account, its address in columns of its own, its metadata as JSON."""


def as_csv(rows: QuerySet[Account]) -> Iterator[bytes]:
    """A heading, then a line an account."""
    return _csv(account_objects(piece) for piece in pieces(rows, PIECE))


def as_json(rows: QuerySet[Account]) -> Iterator[bytes]:
    """One document as lists have it, with a line an account; without its end it is not whole."""
    return _json(account_objects(piece) for piece in pieces(rows, PIECE))


FORMATS: Mapping[str, tuple[str, Callable[[QuerySet[Account]], Iterator[bytes]]]] = {
    "csv": ("text/csv; charset=utf-8", as_csv),
    "json": ("application/json", as_json),
}


def whole(account: Account, *, at: datetime) -> Iterator[bytes]:
    """All that is held about one account, section by section, each as it stands when it is read."""
    yield b'{"exported_at":' + encode(at) + b',"account":' + encode(account_objects([account])[0])
    for name, section in SECTIONS.items():
        yield b"," + encode(name) + b":["
        yield from _array(section.show(piece) for piece in section.read(account.pk, PIECE))
        yield b"]"
    yield b"}\n"


def export_object() -> type[ApiObject]:
    """What `whole` writes, for the OpenAPI document; once every app has contributed its sections."""
    sections = [(name, list[section.kind]) for name, section in SECTIONS.items()]  # type: ignore[name-defined]
    members: list[Any] = [("exported_at", datetime), ("account", AccountObject), *sections]
    says = {"__doc__": "All that is held about an account, oldest first; usage by subscription, metric and time."}
    made: Any = msgspec.defstruct(
        "AccountExportObject", members, bases=(ApiObject,), namespace=says, module=__name__, frozen=True, kw_only=True
    )
    return cast("type[ApiObject]", made)


def _csv(parts: Iterator[Sequence[AccountObject]]) -> Iterator[bytes]:
    yield _lines([COLUMNS])
    for part in parts:
        yield _lines([_cells(builtins(each)) for each in part])


def _json(parts: Iterator[Sequence[AccountObject]]) -> Iterator[bytes]:
    yield b'{"data":['
    yield from _array(parts)
    yield b"]}\n"


def _array(parts: Iterator[Sequence[ApiObject]]) -> Iterator[bytes]:
    """The members of an array, one on each line."""
    between = b"\n"
    for part in parts:
        yield between + b",\n".join([encode(each) for each in part])
        between = b",\n"


def _cells(shown: Mapping[str, Any]) -> list[object]:
    found: list[object] = []
    for name in _FIELDS:
        value = shown[name]
        if name == "address":
            found += [cell(value.get(part, "")) for part in ADDRESS]
        elif isinstance(value, dict):
            found.append(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
        else:
            found.append(str(value).lower() if isinstance(value, bool) else cell(value))
    return found


def _lines(rows: Sequence[Sequence[object]]) -> bytes:
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()
