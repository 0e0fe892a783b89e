"""Parts of lines taken back, without a database."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.invoices.credit_note_rules import Creditable, of_amount, of_lines
from apps.kernel.errors import Invalid

LINE = Creditable(uuid4(), 1000, 190)


def after(line: Creditable, net: int, tax: int) -> Creditable:
    return Creditable(line.line_id, line.net, line.tax, line.credited_net + net, line.credited_tax + tax, line.prorated)


@pytest.mark.fr("B-09", "SC-008")
def test_the_tax_of_three_parts_is_the_tax_of_the_line() -> None:
    line, taxes = LINE, []
    for net in (333, 333, 334):
        part = of_lines([line], {line.line_id: net})[0]
        taxes.append(part.tax)
        line = after(line, part.net, part.tax)
    assert taxes == [63, 64, 63]
    assert (line.left, line.gross_left) == (0, 0)


@pytest.mark.fr("FR-063")
def test_an_amount_is_shared_in_proportion() -> None:
    whole = Creditable(uuid4(), 10000, 1900)
    part = of_amount([whole], 2380)[0]
    assert (part.net, part.tax) == (2000, 380)


def test_no_more_than_is_left() -> None:
    prorated = Creditable(uuid4(), 1000, 190, prorated=400)
    assert prorated.left == 600
    with pytest.raises(Invalid) as refusal:
        of_lines([prorated], {prorated.line_id: 601, uuid4(): 5})
    assert [fault.code for fault in refusal.value.errors] == ["credit_too_large", "line_unknown"]
    assert refusal.value.code == "credit_too_large"
    with pytest.raises(Invalid) as refusal:
        of_lines([prorated], {uuid4(): 5})
    assert refusal.value.code == "line_unknown"
    with pytest.raises(Invalid, match="714 is left"):
        of_amount([prorated], 715)
    assert sum(part.net + part.tax for part in of_amount([prorated], 714)) == 714


def test_a_line_of_nothing_has_nothing_to_take_back() -> None:
    free = Creditable(uuid4(), 0, 0)
    assert (free.left, free.gross_left, free.tax_of(0)) == (0, 0, 0)
    assert [part.line_id for part in of_amount([free, LINE], 1190)] == [LINE.line_id]


@given(
    st.lists(st.tuples(st.integers(1, 10**6), st.integers(0, 30)), min_size=1, max_size=5),
    st.lists(st.integers(1, 10**6), max_size=6),
)
def test_whatever_is_taken_back_in_whatever_parts_comes_to_the_lines_own(
    charged: list[tuple[int, int]], amounts: list[int]
) -> None:
    lines = [Creditable(uuid4(), net, net * rate // 100) for net, rate in charged]
    for wanted in [*amounts, None]:
        whole = sum(line.gross_left for line in lines)
        amount = whole if wanted is None else min(wanted, whole)
        if not amount:
            continue
        parts = {part.line_id: part for part in of_amount(lines, amount)}
        assert sum(part.net + part.tax for part in parts.values()) == amount
        assert all(part.net >= 0 and part.tax >= 0 for part in parts.values())
        lines = [
            after(line, parts[line.line_id].net, parts[line.line_id].tax) if line.line_id in parts else line
            for line in lines
        ]
        assert all(0 <= line.credited_net <= line.net and 0 <= line.credited_tax <= line.tax for line in lines)
    assert all((line.credited_net, line.credited_tax) == (line.net, line.tax) for line in lines)
