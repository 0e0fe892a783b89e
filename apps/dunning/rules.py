"""How far behind an account is, by which day, and what that means. Dates and states alone; no database.

Overdue days = local date - due date of the oldest unpaid invoice, less the days on hold between the two. A policy says
what comes of how many; the account's state is the graver of that and of what exhausted retries mean.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from numbers import Real
from typing import Any

from apps.accounts.rules import OverdueStatus as State
from apps.kernel.errors import Problem

TRANSITIONS: Mapping[State, tuple[State, ...]] = {
    State.CURRENT: (State.WARNING, State.BLOCKED),
    State.WARNING: (State.CURRENT, State.BLOCKED),
    State.BLOCKED: (State.CURRENT, State.WARNING),
}

MOST_DAYS = 365
MOST_STEPS = 12


class Reason(StrEnum):
    """Why an account is not CURRENT."""

    OVERDUE = "overdue"
    RETRIES_EXHAUSTED = "retries_exhausted"


class Denial(StrEnum):
    """Why an account may not use something. The first two as `Reason` has them."""

    OVERDUE = "overdue"
    RETRIES_EXHAUSTED = "retries_exhausted"
    FEATURE_NOT_GRANTED = "feature_not_granted"


def combined(grants: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """What several subscriptions grant together: of limits the highest, of words those of the first that has them."""
    found: dict[str, Any] = {}
    for each in grants:
        for name, value in each.items():
            known = found.get(name)
            numbers = isinstance(known, Real) and isinstance(value, Real)
            if not known or (numbers and value > known):
                found[name] = value
    return dict(sorted(found.items()))


class Action(StrEnum):
    """What a step of a policy does."""

    REMIND = "remind"
    WARN = "warn"
    BLOCK = "block"
    CANCEL = "cancel"


class OnExhausted(StrEnum):
    """What it means that an invoice could not be collected and is not tried again by itself."""

    BLOCK = "block"
    NONE = "none"


class Message(StrEnum):
    """What the customer is told; the words are templates of notifications."""

    METHOD_NEEDED = "payment_method_needed"
    REMINDER = "payment_reminder"
    WARNING = "payment_warning"
    BLOCKED = "account_blocked"
    WELCOME_BACK = "welcome_back"
    SETTLED = "account_settled"


class Kind(StrEnum):
    """What a row of the history tells."""

    STATE = "state"
    REMINDER = "reminder"
    REMINDER_BY_HAND = "reminder_by_hand"
    HOLD = "hold"
    RELEASE = "release"
    POLICY = "policy"
    CANCEL = "cancel"


LEADS_TO: Mapping[Action, State] = {
    Action.REMIND: State.CURRENT, Action.WARN: State.WARNING, Action.BLOCK: State.BLOCKED,
    Action.CANCEL: State.BLOCKED,
}  # fmt: skip
ORDER: Sequence[Action] = (Action.WARN, Action.BLOCK, Action.CANCEL)
"""In which order steps may come, each once; reminders lie anywhere."""
GRAVITY: Sequence[State] = (State.CURRENT, State.WARNING, State.BLOCKED)


@dataclass(frozen=True, order=True)
class Step:
    """From so many overdue days on. `message`: what the customer is told then, "" nothing."""

    days: int
    action: Action
    message: str = ""


@dataclass(frozen=True)
class Terms:
    """A version of a policy: its steps by days."""

    steps: tuple[Step, ...]
    on_retries_exhausted: OnExhausted = OnExhausted.BLOCK

    @property
    def cancels(self) -> bool:
        """Whether anything is cancelled by it."""
        return any(step.action is Action.CANCEL for step in self.steps)


@dataclass(frozen=True)
class Held:
    """Local days on hold: [start, end), None as long as it lasts."""

    start: date
    end: date | None


@dataclass(frozen=True)
class Facts:
    """What an account's state follows from. `due`: the due date of its oldest unpaid invoice, None: nothing is unpaid.

    `reminded`: the days of the last reminder about that invoice, None: it was not reminded of. `has_method`: it can be
    charged. Somebody who cannot is asked for a payment method on the due date, and has until the first step to add one.
    """

    state: State
    today: date
    due: date | None
    exhausted: bool = False
    reminded: int | None = None
    cancelled: bool = False
    holds: Sequence[Held] = ()
    has_method: bool = True

    @property
    def on_hold(self) -> bool:
        """Whether a hold lasts."""
        return any(held.end is None for held in self.holds)


@dataclass(frozen=True)
class Verdict:
    """What comes of it: state and why, what to remind of now, and the local date on which to look again."""

    state: State
    reason: Reason | None
    days: int
    reminder: Step | None = None
    cancel: bool = False
    next_on: date | None = None
    message: str = ""


METHOD_NEEDED = Step(0, Action.REMIND, Message.METHOD_NEEDED)

DEFAULT = Terms(
    (
        Step(3, Action.REMIND, Message.REMINDER),
        Step(7, Action.WARN, Message.WARNING),
        Step(14, Action.BLOCK, Message.BLOCKED),
    )
)
"""What a new deployment starts from."""


def overdue_days(due: date, today: date, holds: Iterable[Held] = ()) -> int:
    """Days from `due` to `today` that were not on hold; below zero while it is not due."""
    if today <= due:
        return (today - due).days
    held = sum(
        max(0, (min(today, each.end or today) - max(due, each.start)).days)
        for each in holds
    )  # fmt: skip
    return (today - due).days - held


def day_of(due: date, days: int, holds: Iterable[Held] = ()) -> date | None:
    """The first local date with so many overdue days; None while a hold keeps it from coming."""
    day = due + timedelta(days=days)
    for held in sorted(holds, key=lambda each: each.start):
        start = max(held.start, due)
        if start >= day:
            break
        if held.end is None:
            return None
        day += timedelta(days=max(0, (held.end - start).days))
    return day


def graver(one: State, other: State) -> State:
    """The worse of the two."""
    return max(one, other, key=GRAVITY.index)


def judge(terms: Terms, facts: Facts) -> Verdict:
    """The verdict on an account. While it is on hold nothing gets worse, and nobody is reminded or cancelled."""
    days = 0 if facts.due is None else overdue_days(facts.due, facts.today, facts.holds)
    reached = [] if facts.due is None else [step for step in terms.steps if step.days <= days]
    state, told = State.CURRENT, ""
    reason: Reason | None = None
    for step in reached:
        if graver(state, LEADS_TO[step.action]) is not state:
            state, reason, told = LEADS_TO[step.action], Reason.OVERDUE, step.message
    if facts.exhausted and terms.on_retries_exhausted is OnExhausted.BLOCK:
        told = next((step.message for step in terms.steps if step.action is Action.BLOCK), Message.BLOCKED)
        state, reason = State.BLOCKED, Reason.RETRIES_EXHAUSTED
    if facts.on_hold:
        if graver(state, facts.state) is state and state is not facts.state:
            # Exhausted retries block at once, so whatever is only a warning comes of days.
            state, reason = facts.state, (Reason.OVERDUE if facts.state is State.WARNING else None)
        return Verdict(state, reason, days, message=told)
    last = reached[-1] if reached else METHOD_NEEDED if _asks_for_method(facts) else None
    before = -1 if facts.reminded is None else facts.reminded
    remind = last is not None and last.action is Action.REMIND and last.days > before
    cancel = not facts.cancelled and any(step.action is Action.CANCEL for step in reached)
    return Verdict(state, reason, days, last if remind else None, cancel, _next(terms, facts, days), told)


def first_look(terms: Terms, due: date, *, has_method: bool) -> date:
    """The first local date on which an invoice may bring something about."""
    return due + timedelta(days=terms.steps[0].days if has_method else 0)


def farewell(before: State) -> Message:
    """What somebody is told who is CURRENT again."""
    return Message.WELCOME_BACK if before is State.BLOCKED else Message.SETTLED


def _asks_for_method(facts: Facts) -> bool:
    return facts.due is not None and facts.today >= facts.due and not facts.has_method


def _next(terms: Terms, facts: Facts, days: int) -> date | None:
    if facts.due is None:
        return None
    if days < 0 and not facts.has_method:
        return facts.due
    ahead = [step.days for step in terms.steps if step.days > days]
    return day_of(facts.due, ahead[0], facts.holds) if ahead else None


def problems(terms: Terms) -> Iterator[Problem]:
    """All that is wrong with a policy, by the place in its list of steps."""
    if not 1 <= len(terms.steps) <= MOST_STEPS:
        yield Problem("/steps", "steps_count", f"A policy has 1 to {MOST_STEPS} steps.")
    for index, step in enumerate(terms.steps):
        if not 0 < step.days <= MOST_DAYS:
            yield Problem(f"/steps/{index}/days", "days_range", f"Days lie between 1 and {MOST_DAYS}.")
        if step.action is Action.REMIND and not step.message:
            yield Problem(f"/steps/{index}/message", "required", "A reminder needs a message.")
    for index, (earlier, later) in enumerate(pairwise(terms.steps), start=1):
        if later.days <= earlier.days:
            yield Problem(f"/steps/{index}/days", "days_order", "Each step comes later than the one before.")
    moving = [(index, step) for index, step in enumerate(terms.steps) if step.action is not Action.REMIND]
    for (_, earlier), (index, later) in pairwise(moving):
        if ORDER.index(later.action) <= ORDER.index(earlier.action):
            yield Problem(f"/steps/{index}/action", "milder", "Nothing milder comes after it, nor the same again.")
