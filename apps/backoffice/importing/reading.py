"""The file, line by line: bytes in, cells out. A cell holds no line break, so a fault stays in its line."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from apps.kernel.errors import Invalid
from apps.rest import card_guard

MAX_LINE_BYTES = 64 * 1024
REQUIRED = ("external_key", "email", "name")
ACCOUNT = (
    "external_key", "email", "name", "currency", "timezone", "country", "locale", "tax_exempt", "tax_id",
    "net_terms_days",
)  # fmt: skip
ADDRESS = ("address_line1", "address_line2", "address_city", "address_region", "address_postal_code")
SUBSCRIPTION = ("quantity", "start_date", "trial_days", "billing_anchor_date", "bill_from", "subscription_external_key")
COLUMNS = (*ACCOUNT, *ADDRESS, "payment_method_token", "plan", *SUBSCRIPTION)


@dataclass(frozen=True)
class Fault:
    """Why a line cannot be imported. Never holds what the cell held."""

    line: int
    column: str
    reason: str
    hint: str


@dataclass(frozen=True)
class Row:
    """The cells of one line that hold something, by column."""

    line: int
    cells: dict[str, str]


def header(stream: IO[bytes]) -> list[str]:
    """The names of the columns, from the first line. Errors: header_invalid (422)."""
    raw = stream.readline(MAX_LINE_BYTES + 1)
    if not raw.strip():
        raise _bad_header("The file is empty.")
    try:
        names = [name.strip() for name in _cells(raw.removeprefix(b"\xef\xbb\xbf"))]
    except ValueError as error:
        raise _bad_header(f"Line 1: {error}") from error
    unknown = [name for name in names if name not in COLUMNS and not (name.startswith("metadata.") and name[9:])]
    if unknown:
        shown = ", ".join(repr(card_guard.redact(name[:60])) for name in unknown[:10])
        raise _bad_header(f"There are no such columns: {shown}.")
    if len(set(names)) < len(names):
        raise _bad_header("A column stands twice.")
    if missing := [name for name in REQUIRED if name not in names]:
        raise _bad_header(f"These columns are missing: {', '.join(missing)}.")
    return names


def rows(stream: IO[bytes], names: Sequence[str]) -> Iterator[Row | Fault]:
    """Every line after the header that is not empty."""
    number = 1
    while raw := stream.readline(MAX_LINE_BYTES + 1):
        number += 1
        if len(raw) > MAX_LINE_BYTES:
            while raw and not raw.endswith(b"\n"):
                raw = stream.readline(MAX_LINE_BYTES)
            yield Fault(number, "", f"The line holds more than {MAX_LINE_BYTES} bytes.", "Check the quotes around it.")
            continue
        if not raw.strip():
            continue
        try:
            cells = _cells(raw)
        except ValueError as error:
            yield Fault(number, "", str(error), "Save the file as CSV in UTF-8, one customer a line.")
            continue
        if len(cells) != len(names):
            yield Fault(
                number, "", f"The line has {len(cells)} cells, the header {len(names)}.",
                "Put a cell that holds a comma into double quotes.",
            )  # fmt: skip
            continue
        found = zip(names, cells, strict=True)
        yield Row(number, {name: cell.strip() for name, cell in found if cell.strip()})


def _cells(raw: bytes) -> list[str]:
    try:
        text = raw.decode().rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise ValueError(f"It is not UTF-8 at byte {error.start + 1}.") from error
    if "\x00" in text:
        raise ValueError("It holds a NUL character.")
    try:
        return next(csv.reader([text], strict=True))
    except csv.Error as error:
        raise ValueError(f"It is not CSV: {error}.") from error


def _bad_header(detail: str) -> Invalid:
    return Invalid(
        "header_invalid",
        detail,
        hint=f"Line 1 names the columns. Needed: {', '.join(REQUIRED)}. Known: {', '.join(COLUMNS)}, metadata.*",
    )
