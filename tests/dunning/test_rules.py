"""Days, steps and states; no database."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.dunning.rules import (
    DEFAULT,
    GRAVITY,
    TRANSITIONS,
    Action,
    Facts,
    Held,
    OnExhausted,
    Reason,
    State,
    Step,
    Terms,
    day_of,
    farewell,
    judge,
    overdue_days,
    problems,
)

DUE = date(2026, 3, 1)
CURRENT, WARNING, BLOCKED = State.CURRENT, State.WARNING, State.BLOCKED


def after(days: int, **fields: object) -> Facts:
    return Facts(**{"state": CURRENT, "today": DUE + timedelta(days=days), "due": DUE, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("days", "state", "reminded"),
    [(-5, CURRENT, False), (0, CURRENT, False), (2, CURRENT, False), (3, CURRENT, True), (6, CURRENT, True),
     (7, WARNING, False), (13, WARNING, False), (14, BLOCKED, False), (400, BLOCKED, False)],
)  # fmt: skip
def test_the_steps_of_the_rules(days: int, state: State, reminded: bool) -> None:
    verdict = judge(DEFAULT, after(days))
    assert (verdict.state, verdict.reminder is not None, verdict.days) == (state, reminded, days)
    assert verdict.reason is (None if state is CURRENT else Reason.OVERDUE)


@pytest.mark.fr("FR-088")
def test_days_on_hold_do_not_count_as_the_rules_say() -> None:
    """Due 1 Mar, hold [5, 25) Mar: on 26 Mar 5 days, CURRENT."""
    held = [Held(date(2026, 3, 5), date(2026, 3, 25))]
    assert overdue_days(DUE, date(2026, 3, 26), held) == 5
    verdict = judge(DEFAULT, Facts(CURRENT, date(2026, 3, 26), DUE, holds=held, reminded=3))
    assert (verdict.state, verdict.reminder, verdict.next_on) == (CURRENT, None, date(2026, 3, 28))


def test_nothing_gets_worse_on_hold_but_payment_clears() -> None:
    held = [Held(DUE, None)]
    assert judge(DEFAULT, after(60, holds=held)).state is CURRENT
    exhausted = judge(DEFAULT, after(60, holds=held, exhausted=True, state=WARNING))
    assert (exhausted.state, exhausted.reason, exhausted.next_on) == (WARNING, Reason.OVERDUE, None)
    blocked = judge(DEFAULT, after(60, holds=[Held(DUE + timedelta(days=20), None)], state=BLOCKED))
    assert (blocked.state, blocked.reason) == (BLOCKED, Reason.OVERDUE)
    assert judge(DEFAULT, Facts(BLOCKED, DUE, None, holds=held)).state is CURRENT


def test_the_graver_of_the_two_and_what_the_policy_says() -> None:
    verdict = judge(DEFAULT, after(-20, exhausted=True))
    assert (verdict.state, verdict.reason, verdict.message) == (BLOCKED, Reason.RETRIES_EXHAUSTED, "account_blocked")
    lenient = replace(DEFAULT, on_retries_exhausted=OnExhausted.NONE)
    assert judge(lenient, after(8, exhausted=True)).state is WARNING
    assert judge(lenient, after(-20, exhausted=True)).state is CURRENT


def test_a_later_step_says_what_the_earlier_did_not() -> None:
    """After an outage of three weeks somebody hears once, of what counts now."""
    assert judge(DEFAULT, after(20)).reminder is None
    assert judge(DEFAULT, after(3, reminded=3)).reminder is None
    assert farewell(BLOCKED) != farewell(WARNING)


def test_a_policy_may_end_subscriptions_once() -> None:
    ends = Terms((*DEFAULT.steps, Step(60, Action.CANCEL)))
    assert [judge(ends, after(days, state=BLOCKED)).cancel for days in (59, 60, 90)] == [False, True, True]
    assert not judge(ends, after(90, state=BLOCKED, cancelled=True)).cancel
    assert not judge(ends, after(90, state=BLOCKED, holds=[Held(DUE + timedelta(days=70), None)])).cancel
    assert judge(ends, after(20, state=BLOCKED)).next_on == DUE + timedelta(days=60)
    assert not judge(DEFAULT, after(400)).cancel, "by default nothing is ended"
    assert judge(ends, after(60)).message == "account_blocked"


def test_transitions_are_all_there_are() -> None:
    assert {(a, b) for a, steps in TRANSITIONS.items() for b in steps} == {
        (a, b) for a in GRAVITY for b in GRAVITY if a is not b
    }


spans = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20)), max_size=5)


@given(st.integers(1, 90), spans)
def test_the_day_of_a_step_is_the_first_with_so_many_days(days: int, drawn: list[tuple[int, int]]) -> None:
    holds, start = [], DUE - timedelta(days=10)
    for gap, length in drawn:
        start += timedelta(days=gap)
        holds.append(Held(start, start + timedelta(days=length)))
        start += timedelta(days=length)
    day = day_of(DUE, days, holds)
    assert day is not None
    assert overdue_days(DUE, day, holds) >= days
    assert overdue_days(DUE, day - timedelta(days=1), holds) < days
    # Counted one by one: days in [due, today) that lie in no hold.
    span = [DUE + timedelta(days=n) for n in range((day - DUE).days)]
    free = [each for each in span if not any(h.start <= each < h.end for h in holds if h.end)]
    assert overdue_days(DUE, day, holds) == len(free)


def test_a_hold_that_lasts_keeps_a_step_from_coming() -> None:
    assert day_of(DUE, 7, [Held(DUE + timedelta(days=3), None)]) is None
    assert day_of(DUE, 7, [Held(DUE + timedelta(days=7), None)]) == DUE + timedelta(days=7)


@pytest.mark.parametrize(
    ("steps", "codes"),
    [
        ((), ["steps_count"]),
        ((Step(0, Action.WARN),), ["days_range"]),
        ((Step(366, Action.WARN),), ["days_range"]),
        ((Step(3, Action.REMIND),), ["required"]),
        ((Step(7, Action.WARN), Step(7, Action.BLOCK)), ["days_order"]),
        ((Step(7, Action.BLOCK), Step(9, Action.WARN)), ["milder"]),
        ((Step(7, Action.WARN), Step(9, Action.WARN)), ["milder"]),
        ((Step(7, Action.WARN), Step(8, Action.REMIND, "payment_reminder"), Step(9, Action.BLOCK)), []),
        ((Step(7, Action.CANCEL), Step(9, Action.BLOCK)), ["milder"]),
        ((*DEFAULT.steps, Step(60, Action.CANCEL)), []),
        (DEFAULT.steps, []),
    ],
)
def test_what_is_wrong_with_a_policy(steps: tuple[Step, ...], codes: list[str]) -> None:
    assert [each.code for each in problems(Terms(steps))] == codes
