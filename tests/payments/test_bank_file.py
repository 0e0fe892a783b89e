"""A bank statement as a file: both delimiters, with and without BOM, and every fault with its line."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.payments.bank_file import MAX_BYTES, MAX_LINES, read

HEADER = "date,amount,currency,reference,payer"
DOCS = Path(__file__).resolve().parents[2] / "docs"


def faults(*lines: str, header: str = HEADER) -> list[tuple[int, str]]:
    found = read("\n".join([header, *lines]).encode())
    assert not (found.faults and found.lines) or len(lines) > 1
    return [(each.line, each.column) for each in found.faults]


@pytest.mark.fr("FR-070")
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize(("mark", "point"), [(",", "."), (";", ",")])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_are_read_in_any_dress(bom: bytes, mark: str, point: str, end: str) -> None:
    rows = [
        ["Payer", "date", "amount", "Currency", "reference"],
        ["Ada & Söhne", "2026-04-01", f"12{point}5", "eur", f'"INV-1{mark} and more"'],
        ["", "2026-04-02", "1980", "JPY", ""],
        ["Bank", "2026-04-02", f"-3{point}00", "USD", "fee"],
        ["K", "2026-04-03", f"1{point}005", "KWD", "x"],
    ]
    found = read(bom + end.join(mark.join(row) for row in rows).encode())
    assert found.faults == []
    assert [(each.number, each.booked_on.day, each.amount, each.currency) for each in found.lines] == [
        (2, 1, 1250, "EUR"), (3, 2, 1980, "JPY"), (5, 3, 1005, "KWD"),
    ]  # fmt: skip
    assert (found.lines[0].reference, found.lines[0].payer) == (f"INV-1{mark} and more", "Ada & Söhne")
    assert found.left_out == 1


@pytest.mark.fr("FR-070")
def test_every_fault_is_told_with_its_line_and_column() -> None:
    assert faults(
        "2026-02-30,1,USD,a,b", "1 April,1,USD,a,b", "2026-04-01,1.234,USD,a,b", "2026-04-01,1.5,JPY,a,b",
        '2026-04-01,"1,234.50",USD,a,b', "2026-04-01,0,USD,a,b", "2026-04-01,1,XXX,a,b", "2026-04-01,1,USD,a",
        '2026-04-01,1,USD,"a,b', f"2026-04-01,1,USD,{'x' * 256},b", "2026-04-01,1,USD,4242 4242 4242 4242,b",
        "2026-04-01,9999999999999999,USD,a,b", "x,y,USD,a,b",
    ) == [
        (2, "date"), (3, "date"), (4, "amount"), (5, "amount"), (6, "amount"), (7, "amount"), (8, "currency"), (9, ""),
        (10, ""), (11, "reference"), (12, "reference"), (13, "amount"), (14, "date"), (14, "amount"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"\n\n", b"date,amount", b"date,amount,currency,reference,payer,colour\n", b"\xff\xfe\x00",
        b"date,date,amount,currency,reference,payer\n", b"x" * (MAX_BYTES + 1), "datum;betrag".encode("utf-16"),
        (HEADER + "\n" + "2026-04-01,1,USD,a,b\n" * (MAX_LINES + 1)).encode(),
    ],
)  # fmt: skip
def test_a_file_that_is_none_is_refused_whole(raw: bytes) -> None:
    found = read(raw)
    assert (len(found.faults), list(found.lines)) == (1, [])


@pytest.mark.fr("FR-070")
def test_the_same_line_has_one_digest_and_equal_ones_of_a_day_have_two() -> None:
    once, twice = (read(f"{HEADER}\n{'2026-04-01,5,USD,INV-1,Ada' + chr(10)}".encode() * 1) for _ in range(2))
    assert [each.digest for each in once.lines] == [each.digest for each in twice.lines]
    pair = read(f"{HEADER}\n2026-04-01,5,USD,INV-1,Ada\n2026-04-01,5,USD,INV-1,Ada\n".encode()).lines
    assert pair[0].digest == once.lines[0].digest != pair[1].digest
    named = read(f"{HEADER},bank_reference\n2026-04-01,5,USD,a,b,77\n2026-04-02,5,USD,c,d,77\n".encode()).lines
    assert named[1].nth == 1


def test_the_example_of_the_documents_is_good() -> None:
    found = read((DOCS / "bank-statement.csv").read_bytes())
    assert (found.faults, len(found.lines), found.left_out) == ([], 4, 1)
    assert (found.lines[0].booked_on, found.lines[0].amount) == (date(2026, 4, 3), 11900)


@given(st.binary(max_size=400) | st.text(max_size=200).map(lambda text: f"{HEADER}\n{text}".encode("utf-8", "replace")))
def test_no_file_is_a_crash(raw: bytes) -> None:
    found = read(raw)
    assert all(each.amount > 0 for each in found.lines)
