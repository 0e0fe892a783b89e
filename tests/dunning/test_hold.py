"""A dispute holds dunning still, with who and why, and its days do not count."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.dunning.actions.hold import hold, hold_many, release, release_many
from apps.dunning.actions.remind import remind_many
from apps.dunning.models import Hold, Watch
from apps.kernel.errors import Conflict, NotFound
from apps.kernel.periods import midnight
from tests.factories.dunning import ACTOR, DUE, clocked, days_later, debtor, give_up, happened, pay, stand_at, state

pytestmark = pytest.mark.django_db


@pytest.mark.fr("FR-088")
@pytest.mark.parametrize("timezone", ["UTC", "Pacific/Auckland", "America/Los_Angeles"])
def test_the_example_of_the_rules(timezone: str) -> None:
    """Due 1 Mar, hold [5, 25) Mar: on 26 Mar 5 days, CURRENT. So WARNING on 28 Mar, BLOCKED on 4 Apr."""
    clock = clocked(date(2026, 2, 28) if timezone == "Pacific/Auckland" else DUE)
    account, one = debtor(clock, timezone=timezone, card=True)
    assert one.due_date == DUE

    def on(day: date) -> tuple[str, str]:
        stand_at(clock, midnight(day, timezone))
        return state(account)

    assert on(date(2026, 3, 5)) == ("CURRENT", "")
    hold(account_id=account.pk, reason="Disputes the seats", actor=ACTOR)
    account.refresh_from_db()
    assert account.dispute_hold
    assert Watch.objects.get(account=account).next_at is None
    assert on(date(2026, 3, 20)) == ("CURRENT", "")
    stand_at(clock, midnight(date(2026, 3, 25), timezone))
    freed = release(account_id=account.pk, note="Settled", actor=ACTOR)
    assert (freed.from_date, freed.to_date) == (date(2026, 3, 5), date(2026, 3, 25))
    assert on(date(2026, 3, 26)) == ("CURRENT", "")
    assert on(date(2026, 3, 27)) == ("CURRENT", "")
    assert on(date(2026, 3, 28)) == ("WARNING", "overdue")
    assert on(date(2026, 4, 3)) == ("WARNING", "overdue")
    assert on(date(2026, 4, 4)) == ("BLOCKED", "overdue")
    assert [kind for kind, _, _ in happened(account)] == ["reminder", "hold", "release", "state", "state"]
    account.refresh_from_db()
    assert not account.dispute_hold


def test_who_and_why_are_kept() -> None:
    clock = clocked()
    account, _ = debtor(clock, card=True)
    made = hold(account_id=account.pk, reason="Disputes the seats", actor=ACTOR)
    assert (made.reason, made.placed_by, made.placed_at) == ("Disputes the seats", str(ACTOR), clock.frozen_time)
    assert hold(account_id=account.pk, reason="Disputes the seats", actor=ACTOR).pk == made.pk
    with pytest.raises(Conflict, match="Disputes the seats"):
        hold(account_id=account.pk, reason="Something else", actor=ACTOR)
    freed = release(account_id=account.pk, actor=ACTOR)
    assert (freed.released_by, freed.released_at) == (str(ACTOR), clock.frozen_time)
    with pytest.raises(Conflict, match="not on hold"):
        release(account_id=account.pk, actor=ACTOR)
    with pytest.raises(NotFound):
        hold(account_id=UUID(int=1), reason="?", actor=ACTOR)
    assert happened(account) == [("hold", "CURRENT", ""), ("release", "CURRENT", "")]


def test_blocked_stays_blocked_on_hold_until_it_is_paid() -> None:
    clock = clocked()
    account, one = debtor(clock)
    days_later(clock, 14)
    hold(account_id=account.pk, reason="Disputes it", actor=ACTOR)
    days_later(clock, 60)
    assert state(account) == ("BLOCKED", "overdue")
    pay(one, clock.frozen_time)
    assert state(account) == ("CURRENT", "")


def test_nothing_gets_worse_on_hold() -> None:
    clock = clocked()
    account, one = debtor(clock)
    days_later(clock, 8)
    hold(account_id=account.pk, reason="Disputes it", actor=ACTOR)
    days_later(clock, 40)
    give_up(one, clock.frozen_time)
    assert state(account) == ("WARNING", "overdue")
    release(account_id=account.pk, actor=ACTOR)
    assert state(account) == ("BLOCKED", "retries_exhausted")


def test_many_at_once_with_the_same_queries() -> None:
    def queries(number: int, do: Any) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert do(number) == number
        return len(captured)

    clock = clocked()
    groups = {number: [debtor(clock)[0].pk for _ in range(number)] for number in (1, 8)}
    days_later(clock, 4)
    for do in (
        lambda number: remind_many(account_ids=groups[number], actor=ACTOR),
        lambda number: hold_many(account_ids=groups[number], reason="Flood", actor=ACTOR),
        lambda number: release_many(account_ids=groups[number], actor=ACTOR),
    ):
        if do(1) == 0:  # the policy has reminded them today
            days_later(clock, 5)
            do(1)
        assert queries(8, do) < 60
    assert Hold.objects.count() == 9


def test_a_reminder_by_hand_goes_once_a_day_and_not_on_hold() -> None:
    clock = clocked()
    account, one = debtor(clock, card=True)
    everyone = [account.pk]
    assert remind_many(account_ids=everyone, actor=ACTOR) == 0, "nothing is overdue"
    days_later(clock, 1)
    assert remind_many(account_ids=everyone, actor=ACTOR) == 1
    assert remind_many(account_ids=everyone, actor=ACTOR) == 0
    days_later(clock, 2)
    assert remind_many(account_ids=everyone, actor=ACTOR) == 1
    hold(account_id=account.pk, reason="Disputes it", actor=ACTOR)
    days_later(clock, 5)
    assert remind_many(account_ids=everyone, actor=ACTOR) == 0
    release(account_id=account.pk, actor=ACTOR)
    pay(one, clock.frozen_time)
    days_later(clock, 6)
    assert remind_many(account_ids=everyone, actor=ACTOR) == 0
    assert [row for row in happened(account) if row[0] == "reminder_by_hand"] == [
        ("reminder_by_hand", "CURRENT", "payment_reminder")
    ] * 2


def test_one_open_hold_by_the_database() -> None:
    clock = clocked()
    account, _ = debtor(clock)
    hold(account_id=account.pk, reason="Disputes it", actor=ACTOR)
    fields: dict[str, Any] = {"account": account, "placed_at": clock.frozen_time, "placed_by": "sql", "from_date": DUE}
    for more in (
        {"reason": "Second"},
        {"reason": "", "to_date": DUE, "released_at": clock.frozen_time, "released_by": "sql"},
        {"reason": "Ends before", "to_date": DUE - timedelta(days=1), "released_at": clock.frozen_time,
         "released_by": "sql"},
    ):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            Hold.objects.create(**fields, **more)
