"""Random months of metered usage against an oracle that goes through the events one by one, day by day."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.invoices.models import Line
from apps.kernel.errors import DomainError
from apps.kernel.money import rounded
from apps.monitoring.invariants import broken
from apps.subscriptions.actions.change import change
from apps.subscriptions.actions.late import bill_late
from apps.subscriptions.actions.pause import pause
from apps.subscriptions.actions.renew import renew
from apps.subscriptions.actions.resume import resume
from apps.subscriptions.models import Subscription, UsageRecount
from apps.usage.actions.record import record
from apps.usage.rules.event import EventInput
from tests.factories.accounts import make_account
from tests.factories.plans import make_plan
from tests.factories.subscriptions import ACTOR, make_subscription

BEGINS = datetime.fromisoformat("2026-01-31T00:00+00:00")
TIERS = {
    "low": [(Decimal(10), Decimal(0)), (None, Decimal("1.5"))],
    "high": [(Decimal(5), Decimal(2)), (Decimal(20), Decimal(1)), (None, Decimal("0.25"))],
}
PLANS = ("low", "low", "high")
"""The first two differ in their price alone: usage goes on from one to the other."""
USE = st.tuples(st.just("use"), st.integers(1, 300).map(lambda tenths: Decimal(tenths) / 10), st.integers(0, 9))
PLAN = st.tuples(st.just("plan"), st.integers(0, 2))
STEP = st.one_of(USE, USE, USE, PLAN, PLAN, st.tuples(st.sampled_from(["pause", "resume", "again"])))
STEPS = st.lists(st.tuples(st.sampled_from([0, 1, 2, 4, 9]), STEP), min_size=8, max_size=18)


@dataclass
class Oracle:
    """What was used when; under which plan a day ended while it was counted, and whether it was counted at its end."""

    used: list[tuple[datetime, Decimal]] = field(default_factory=list)
    plans: dict[date, int] = field(default_factory=dict)
    counted: dict[date, bool] = field(default_factory=dict)

    def cost(self, until: date) -> int:
        """Period by period and, in it, plan after plan: the events of the days of equal tiers, through the tiers."""
        return sum(
            rounded(through(TIERS[kind], quantity))
            for start, end in months(until)
            for kind, quantity in self.runs(start, end)
        )

    def runs(self, start: date, end: date) -> list[tuple[str, Decimal]]:
        found: list[tuple[str, Decimal]] = []
        plan, on, day = 0, False, min(self.plans)
        while day < end:
            plan, was = self.plans.get(day, plan), on
            on = self.counted.get(day, on)
            if day >= start and (was or on or day in self.plans):
                if not found or found[-1][0] != PLANS[plan]:
                    found.append((PLANS[plan], Decimal(0)))
                today = sum((quantity for at, quantity in self.used if at.date() == day), Decimal(0))
                found[-1] = (PLANS[plan], found[-1][1] + today)
            day += timedelta(days=1)
        return found


ENDS = [date.fromisoformat(f"2026-{day}") for day in (
    "01-31", "02-28", "03-31", "04-30", "05-31", "06-30", "07-31", "08-31", "09-30", "10-31", "11-30",
)]  # fmt: skip


def months(until: date) -> list[tuple[date, date]]:
    return [(start, end) for start, end in pairwise(ENDS) if end <= until]


def through(tiers: Any, quantity: Decimal) -> Fraction:
    cost, below = Fraction(0), Decimal(0)
    for up_to, price in tiers:
        within = max(Decimal(0), (quantity if up_to is None else min(quantity, up_to)) - below)
        cost += Fraction(within) * Fraction(price)
        below = up_to or quantity
    return cost


class Life:
    def __init__(self) -> None:
        self.at, self.oracle = BEGINS + timedelta(hours=9), Oracle()
        self.sent, self.refusals = list[EventInput](), list[DomainError]()
        tiers = {
            name: [{"unit_price": str(price), **({"up_to": str(up_to)} if up_to else {})} for up_to, price in rows]
            for name, rows in TIERS.items()
        }
        self.plans = [
            make_plan(
                prices={"USD": 1000 * (index + 1)},
                charges=[{"key": f"k{index}", "metric": "calls", "model": "graduated",
                          "prices": {"USD": {"tiers": tiers[name]}}}],
            )
            for index, name in enumerate(PLANS)
        ]  # fmt: skip
        self.made = make_subscription(account=make_account(), plan=self.plans[0], at=self.at)
        self.oracle.plans[self.at.date()], self.oracle.counted[self.at.date()] = 0, True

    def do(self, days: int, step: tuple[Any, ...]) -> None:
        self.at += timedelta(days=days, minutes=1)
        while renew([self.made.pk], at=self.at, actor=ACTOR).pieces:
            pass
        known: dict[str, Any] = {"subscription_id": self.made.pk, "at": self.at, "actor": ACTOR}
        try:
            if step[0] == "plan":
                change(plan_id=self.plans[step[1]].pk, **known)
            elif step[0] in ("pause", "resume"):
                {"pause": pause, "resume": resume}[step[0]](**known)
            elif step[0] == "use":
                self._use(step[1], self.at - timedelta(days=step[2]))
            elif self.sent:
                # What was refused in a pause may be taken once the day is no longer one of a pause.
                self._stored(self.sent)
        except DomainError as refusal:
            self.refusals.append(refusal)
        row = Subscription.objects.get(pk=self.made.pk)
        self.oracle.counted[self.at.date()] = row.status == "ACTIVE"
        if row.status == "ACTIVE":
            self.oracle.plans[self.at.date()] = [plan.pk for plan in self.plans].index(row.plan_id)

    def _use(self, quantity: Decimal, stamp: datetime) -> None:
        event = EventInput(
            idempotency_key=f"{len(self.sent)}", subscription_id=str(self.made.pk), metric="calls",
            quantity=str(quantity), timestamp=stamp,
        )  # fmt: skip
        self.sent.append(event)
        self._stored([event])

    def _stored(self, events: list[EventInput]) -> None:
        for place in record(events, at=self.at).stored:
            stamp = events[place].timestamp
            self.oracle.used.append((stamp, Decimal(events[place].quantity)))
            # What a sweep finds between transactions is noted here: all of this life is one.
            UsageRecount.objects.get_or_create(subscription=self.made, starts_at=stamp, due_at=self.at)
            bill_late(subscription_id=self.made.pk, at=self.at, actor=ACTOR)


def lived(steps: Any) -> None:
    with transaction.atomic():
        life = Life()
        for days, step in steps:
            life.do(days, step)
        while renew([life.made.pk], at=datetime.fromisoformat("2026-12-01T00:00+00:00"), actor=ACTOR).pieces:
            pass
        lines = Line.objects.filter(subscription_id=life.made.pk, kind="usage").exclude(invoice__status="VOID")
        assert sum(line.amount for line in lines) == life.oracle.cost(ENDS[-1])
        assert all(refusal.hint for refusal in life.refusals)
        assert broken() == []
        transaction.set_rollback(True)


LIVES: dict[str, Any] = {"deadline": None, "suppress_health_check": list(HealthCheck), "derandomize": True}


@pytest.mark.django_db
@pytest.mark.fr("FR-073", "FR-075", "FR-078", "FR-079", "SC-008")
@settings(max_examples=25, **LIVES)
@given(STEPS)
def test_some(steps: Any) -> None:
    lived(steps)


@pytest.mark.long
@pytest.mark.django_db
@settings(max_examples=400, **LIVES)
@given(STEPS)
def test_many(steps: Any) -> None:
    lived(steps)
