"""What a line says of what was billed before it."""

from apps.invoices.rules import DraftLine, LineKind
from apps.subscriptions.rules.rerating import TRANSITIONS, Difference, RerateStatus, differences

PERIOD = {"full_period": ["2026-04-01", "2026-05-01"]}


def test_usage_says_it_in_its_breakdown_and_a_minimum_in_its_source() -> None:
    parts = [{"kind": "tier", "amount": 700}, {"kind": "billed_before", "amount": -1400}]
    lines = [
        DraftLine(kind=LineKind.USAGE, description="", amount=-700, breakdown=parts,
                  source={**PERIOD, "charge": "calls"}),
        DraftLine(kind=LineKind.MINIMUM, description="", amount=300, source={
            **PERIOD, "charge": "calls", "minimum": 1000, "billed": 700, "billed_before": 0}),
        DraftLine(kind=LineKind.RECURRING, description="", amount=5, source={}),
    ]  # fmt: skip
    days = ("2026-04-01", "2026-05-01")
    assert differences(lines) == [
        Difference("calls", "usage", days, 1400, 700), Difference("calls", "minimum", days, 0, 300),
    ]  # fmt: skip


def test_every_state_is_left_one_way() -> None:
    assert set(TRANSITIONS) == set(RerateStatus)
    assert [len(after) for after in TRANSITIONS.values()] == [1, 1, 1, 0]
