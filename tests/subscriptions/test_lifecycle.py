"""States and steps."""

import pytest

from apps.subscriptions.rules.lifecycle import BILLING, LIVE, TRANSITIONS, Status

STEPS = {
    ("TRIAL", "ACTIVE"), ("TRIAL", "CANCELLED"), ("TRIAL", "EXPIRED"),
    ("ACTIVE", "PAUSED"), ("ACTIVE", "CANCELLED"), ("ACTIVE", "EXPIRED"),
    ("PAUSED", "ACTIVE"), ("PAUSED", "CANCELLED"), ("PAUSED", "EXPIRED"),
}  # fmt: skip


@pytest.mark.fr("FR-027")
def test_the_steps_are_those_of_the_rules_and_no_others() -> None:
    assert {(str(state), str(step)) for state, steps in TRANSITIONS.items() for step in steps} == STEPS
    assert set(TRANSITIONS) == set(Status)


def test_what_ended_is_neither_live_nor_billed() -> None:
    assert {state for state in Status if TRANSITIONS[state]} == set(LIVE)
    assert set(BILLING) == set(LIVE) - {Status.PAUSED}
