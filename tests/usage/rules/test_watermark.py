"""Which transactions a watermark holds."""

from uuid import UUID

import pytest

from apps.usage.rules.watermark import Watermark

LOW, HIGH = UUID(int=5), UUID(int=50)


@pytest.mark.parametrize(
    ("snapshot", "transaction", "held"),
    [("10:10:", 9, True), ("10:10:", 10, False), ("10:15:11,13", 10, True), ("10:15:11,13", 11, False),
     ("10:15:11,13", 12, True), ("10:15:11,13", 14, True), ("10:15:11,13", 15, False)],
)  # fmt: skip
def test_a_snapshot(snapshot, transaction, held):
    mark = Watermark.of(snapshot, HIGH)
    assert mark.holds(transaction, LOW) is held
    assert not mark.holds(transaction, HIGH)
    assert Watermark.read(str(mark)) == mark
