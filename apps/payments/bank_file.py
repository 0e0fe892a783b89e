"""A bank statement as CSV: read line by line, every fault with its line; nothing is looked up here.

Columns: date (2026-04-01), amount (as many decimals as the currency has, after `.` or `,`; no thousands), currency,
reference, payer; bank_reference, where the bank gives each line an id of its own. In any order, by `,` or `;`, UTF-8.
"""

import csv
import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from apps.kernel.currencies import CURRENCIES
from apps.kernel.money import MAX_AMOUNT
from apps.rest import card_guard

MAX_BYTES = 512 * 1024
MAX_LINES = 500
MAX_TEXT = 255
REQUIRED = ("date", "amount", "currency", "reference", "payer")
COLUMNS = (*REQUIRED, "bank_reference")
_AMOUNT = re.compile(r"(-?)([0-9]{1,16})(?:[.,]([0-9]{1,4}))?", re.ASCII)
_BREAK = re.compile(r"\r\n|\n|\r")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class StatementLine:
    """Money that came to our bank account, in minor units. `nth`: of lines that say the same, on one statement."""

    number: int
    booked_on: date
    amount: int
    currency: str
    reference: str
    payer: str
    bank_reference: str = ""
    nth: int = 0

    @property
    def digest(self) -> str:
        """The same for the same line, however often and in whatever file it comes."""
        own = (self.currency, self.bank_reference)
        whole = (
            self.booked_on.isoformat(), str(self.amount), self.currency, self.reference, self.payer, str(self.nth),
        )  # fmt: skip
        return hashlib.sha256("\0".join(own if self.bank_reference else whole).encode()).hexdigest()


@dataclass(frozen=True)
class LineFault:
    """Why a line, or (0) the file, cannot be read. Never holds what a cell held."""

    line: int
    column: str
    reason: str


@dataclass(frozen=True)
class Statement:
    """What a file says: money that came, how many lines are of money that left, and all that is wrong."""

    lines: Sequence[StatementLine]
    left_out: int
    faults: Sequence[LineFault]


def read(raw: bytes) -> Statement:
    """The whole file; with any fault nothing of it should be used."""
    if len(raw) > MAX_BYTES:
        return _refused(f"It holds more than {MAX_BYTES // 1024} KiB: split it.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _refused("It is not UTF-8: save it as CSV in UTF-8.")
    rows = [(number, line) for number, line in enumerate(_BREAK.split(text), start=1) if line.strip()]
    if not rows:
        return _refused("It is empty.")
    names, fault = _header(rows[0][1])
    if fault:
        return _refused(fault, line=rows[0][0])
    if len(rows) - 1 > MAX_LINES:
        return _refused(f"It has more than {MAX_LINES} lines: split it.")
    delimiter, faults, lines, left_out = _delimiter(rows[0][1]), [], [], 0
    for number, line in rows[1:]:
        found = list(_line(number, line, names, delimiter))
        faults += [each for each in found if isinstance(each, LineFault)]
        lines += [each for each in found if isinstance(each, StatementLine) and each.amount > 0]
        left_out += sum(1 for each in found if isinstance(each, StatementLine) and each.amount < 0)
    return Statement(numbered(lines), left_out, faults)


def numbered(lines: Sequence[StatementLine]) -> list[StatementLine]:
    """With the place of each among those that say the same: two equal transfers on one day are two."""
    seen: Counter[str] = Counter()
    found = []
    for each in lines:
        found.append(replace(each, nth=seen[each.digest]))
        seen[each.digest] += 1
    return found


def _refused(reason: str, *, line: int = 0) -> Statement:
    return Statement((), 0, [LineFault(line, "", reason)])


def _delimiter(header: str) -> str:
    return ";" if ";" in header else ","


def _header(line: str) -> tuple[list[str], str]:
    names = [name.strip().lower() for name in next(csv.reader([line], delimiter=_delimiter(line)))]
    if unknown := [name for name in names if name not in COLUMNS]:
        shown = ", ".join(repr(card_guard.redact(name[:40])) for name in unknown[:5])
        return names, f"There are no such columns: {shown}. There are {', '.join(COLUMNS)}."
    if missing := [name for name in REQUIRED if name not in names]:
        return names, f"These columns are missing: {', '.join(missing)}."
    return names, "A column stands twice." if len(set(names)) < len(names) else ""


def _line(number: int, line: str, names: Sequence[str], delimiter: str) -> Iterator[StatementLine | LineFault]:
    try:
        cells = [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter, strict=True))]
    except csv.Error:
        yield LineFault(number, "", "The quotes do not match: a cell holds no line break.")
        return
    if len(cells) != len(names):
        yield LineFault(number, "", f"It has {len(cells)} cells, the header {len(names)}.")
        return
    given = dict(zip(names, cells, strict=True))
    faults = list(_faults(number, given))
    yield from faults
    if not faults:
        yield StatementLine(
            number=number,
            booked_on=date.fromisoformat(given["date"]),
            amount=_minor(given["amount"], given["currency"].upper()) or 0,
            currency=given["currency"].upper(),
            reference=given["reference"],
            payer=given["payer"],
            bank_reference=given.get("bank_reference", ""),
        )


def _faults(number: int, given: dict[str, str]) -> Iterator[LineFault]:
    for name in ("reference", "payer", "bank_reference"):
        cell = given.get(name, "")
        if len(cell) > MAX_TEXT or "\0" in cell:
            yield LineFault(number, name, f"It holds more than {MAX_TEXT} characters, or one that is none.")
        if card_guard.holds_card_number(cell):
            yield LineFault(number, name, "It holds a card number, which is kept nowhere.")
    if not _DAY.fullmatch(given["date"]) or not _is_day(given["date"]):
        yield LineFault(number, "date", "Not a date such as 2026-04-01.")
    code = given["currency"].upper()
    if code not in CURRENCIES:
        yield LineFault(number, "currency", "Not a currency of ISO 4217, such as EUR.")
    elif not _minor(given["amount"], code):
        digits = CURRENCIES[code].exponent
        yield LineFault(
            number, "amount", f"Not an amount with at most {digits} decimals, without thousands, other than 0."
        )


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _minor(text: str, currency: str) -> int | None:
    """Minor units; None for what is no amount of this currency."""
    match, digits = _AMOUNT.fullmatch(text), CURRENCIES[currency].exponent
    if match is None or len(match[3] or "") > digits:
        return None
    amount = int(Decimal(f"{match[1]}{match[2]}.{match[3] or 0}").scaleb(digits))
    return amount if abs(amount) <= MAX_AMOUNT else None
