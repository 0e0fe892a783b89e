"""Accounts are judged by days in their own time zone, once, and cleared by payment at once."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.dunning.actions import sweep as sweeping
from apps.dunning.actions.hold import hold, release
from apps.dunning.actions.judge import judge
from apps.dunning.actions.sweep import look, sweep
from apps.dunning.due import earliest, earliest_look
from apps.dunning.models import Exhaustion, History, Standing, Watch
from apps.dunning.queries import times_of
from apps.events.models import Event
from apps.invoices.actions.write_off import reverse_write_off, write_off
from apps.kernel.periods import midnight
from apps.kernel.schedule import Scope
from apps.monitoring.invariants import broken
from tests.factories.dunning import (
    ACTOR,
    DUE,
    announced,
    clocked,
    days_later,
    debtor,
    give_up,
    happened,
    pay,
    state,
    told,
)
from tests.factories.invoices import invoice, payer

pytestmark = pytest.mark.django_db
ASKED = ("reminder", "CURRENT", "payment_method_needed")
REMINDED = ("reminder", "CURRENT", "payment_reminder")
WARNED = ("state", "WARNING", "payment_warning")
BLOCKED = ("state", "BLOCKED", "account_blocked")


@pytest.mark.fr("FR-082", "FR-083", "FR-089", "FR-091")
@pytest.mark.parametrize("timezone", ["Pacific/Auckland", "America/Los_Angeles", "UTC", "Pacific/Kiritimati"])
def test_a_life_that_is_not_paid_for(timezone: str) -> None:
    """Each step comes with the first second of its local day, and not the second before."""
    clock = clocked()
    account, one = debtor(clock, timezone=timezone, card=True)
    due = one.due_date
    assert due is not None
    for days, before, after in ((3, [], [REMINDED]), (7, [REMINDED], [REMINDED, WARNED]),
                                (14, [REMINDED, WARNED], [REMINDED, WARNED, BLOCKED])):  # fmt: skip
        days_later(clock, days, timezone=timezone, due=due, second=-1)
        assert happened(account) == before
        days_later(clock, days, timezone=timezone, due=due)
        assert happened(account) == after
    assert state(account) == ("BLOCKED", "overdue")
    assert announced(account) == ["account.overdue", "account.blocked"]
    late = Event.objects.get(event_type="invoice.overdue")
    assert (late.object_id, late.data["object"]["balance"]) == (one.pk, one.total), "once, at the first step"
    assert [row.days for row in History.objects.filter(account=account).order_by("id")] == [3, 7, 14]
    assert earliest(clock.frozen_time + timedelta(days=4000), Scope(clock.pk)) is None
    assert broken() == []


@pytest.mark.fr("FR-087")
def test_payment_clears_at_once() -> None:
    clock = clocked()
    account, one = debtor(clock)
    days_later(clock, 14)
    pay(one, clock.frozen_time)
    assert state(account) == ("CURRENT", "")
    assert announced(account)[-1] == "account.restored"
    assert happened(account)[-1] == ("state", "CURRENT", "welcome_back")
    assert not Standing.objects.get(account=account).due_date
    assert Watch.objects.get(account=account).next_at is None


def test_what_is_paid_in_time_is_never_looked_at() -> None:
    clock = clocked()
    account, one = debtor(clock, card=True)
    assert Watch.objects.get(account=account).next_at == midnight(DUE + timedelta(days=3), "UTC")
    pay(one, clock.frozen_time)
    assert Watch.objects.get(account=account).next_at is None
    assert not Standing.objects.exists()


def test_without_a_payment_method_one_is_asked_for_on_the_due_date_and_has_seven_days() -> None:
    clock = clocked()
    account, one = debtor(clock)
    late = payer(test_clock_id=clock.pk, net_terms_days=5)
    invoice(4900, account=late, at=clock.frozen_time)
    told()
    days_later(clock, 0)
    assert happened(account) == [ASKED]
    assert happened(late) == []
    assert Watch.objects.get(account=late).next_at == midnight(DUE + timedelta(days=5), "UTC")
    days_later(clock, 5)
    assert happened(late) == [ASKED]
    days_later(clock, 6)
    assert (happened(account), state(account)) == ([ASKED, REMINDED], ("CURRENT", ""))
    days_later(clock, 7)
    assert happened(account) == [ASKED, REMINDED, WARNED]
    pay(one, clock.frozen_time)
    assert state(account) == ("CURRENT", "")


def test_from_a_warning_nobody_is_welcomed_back() -> None:
    clock = clocked()
    account, one = debtor(clock)
    days_later(clock, 7)
    pay(one, clock.frozen_time)
    assert happened(account)[-1] == ("state", "CURRENT", "account_settled")


def test_the_next_oldest_decides() -> None:
    """Of two invoices the older is paid: what is left is 8 days late, so it is a warning, and not nothing."""
    clock = clocked()
    account, older = debtor(clock)
    days_later(clock, 12)
    younger = invoice(700, account=account, at=clock.frozen_time)
    told()
    days_later(clock, 20)
    assert state(account) == ("BLOCKED", "overdue")
    pay(older, clock.frozen_time)
    assert state(account) == ("WARNING", "overdue")
    assert Standing.objects.get(account=account).invoice_id == younger.pk
    assert happened(account)[-1] == WARNED
    days_later(clock, 26)
    assert state(account) == ("BLOCKED", "overdue")


def test_exhausted_retries_block_before_the_due_date_and_payment_clears() -> None:
    """Issued and failed 1 Mar with net terms of 30 days: BLOCKED on 11 Mar, 20 days before it is due."""
    clock = clocked()
    account = payer(test_clock_id=clock.pk, net_terms_days=30)
    late = invoice(4900, account=account, at=clock.frozen_time)
    told()
    days_later(clock, 10)
    assert state(account) == ("CURRENT", "")
    give_up(late, clock.frozen_time)
    give_up(late, clock.frozen_time)
    assert state(account) == ("BLOCKED", "retries_exhausted")
    assert happened(account) == [BLOCKED]
    assert Exhaustion.objects.count() == 1
    days_later(clock, 44)
    assert state(account) == ("BLOCKED", "retries_exhausted")
    pay(late, clock.frozen_time)
    assert state(account) == ("CURRENT", "")


def test_what_was_exhausted_and_is_settled_counts_no_more() -> None:
    clock = clocked()
    account, one = debtor(clock)
    pay(one, clock.frozen_time)
    give_up(one, clock.frozen_time)
    assert state(account) == ("CURRENT", "")


def test_judged_twice_nothing_more_happens() -> None:
    clock = clocked()
    account, _ = debtor(clock)
    for days in (3, 3, 7, 7, 14, 14, 15):
        days_later(clock, days)
        judge(at=times_of([account.pk]), actor=ACTOR)
    assert happened(account) == [REMINDED, WARNED, BLOCKED]


def test_an_outage_of_three_weeks_says_one_thing() -> None:
    clock = clocked()
    account, _ = debtor(clock)
    days_later(clock, 21)
    assert happened(account) == [BLOCKED]


@pytest.mark.fr("FR-086")
def test_the_application_is_told() -> None:
    clock = clocked()
    account, _ = debtor(clock)
    days_later(clock, 14)
    event = Event.objects.get(event_type="account.blocked")
    assert event.account_id == account.pk
    assert event.data["object"]["overdue_status"] == "BLOCKED"
    assert event.data["previous_attributes"] == {"overdue_status": "CURRENT"}
    updated = Event.objects.filter(event_type="account.updated").latest("id")
    assert updated.data["object"] == event.data["object"]
    step = Event.objects.get(event_type="dunning.step_taken")
    assert (step.data["object"]["message"], step.data["object"]["days_overdue"]) == ("account_blocked", 14)


def test_a_batch_takes_as_many_queries_as_one() -> None:
    def queries(number: int) -> int:
        clock = clocked()
        for _ in range(number):
            debtor(clock)
        at = midnight(DUE + timedelta(days=14), "UTC")
        with CaptureQueriesContext(connection) as captured:
            assert sweep(at, Scope(clock.pk), actor=ACTOR) == number
        return len(captured)

    assert queries(1) + 1 == queries(12) == queries(24), "a few events and their deliveries are one statement"


def test_one_that_cannot_be_judged_keeps_nobody_waiting(monkeypatch: Any) -> None:
    clock = clocked()
    bad, _ = debtor(clock)
    good, _ = debtor(clock)

    def fails(*, at: Any, **more: Any) -> Any:
        if bad.pk in at:
            raise ValueError("cannot be judged")
        return judge(at=at, **more)

    monkeypatch.setattr(sweeping, "judge", fails)
    days_later(clock, 14)
    assert (state(good)[0], state(bad)[0]) == ("BLOCKED", "CURRENT")
    monkeypatch.undo()
    days_later(clock, 14, second=3600)
    assert state(bad)[0] == "BLOCKED"


@pytest.mark.fr("FR-082")
def test_once_a_day_everything_overdue_is_looked_at() -> None:
    """What nobody has announced is found all the same: a debt that was written off is claimed again."""
    account, one = _overdue_on_the_wall()
    write_off(invoice_id=one.pk, reason="Bankrupt", at=times_of([account.pk])[account.pk], actor=ACTOR)
    assert state(account)[0] == "CURRENT"
    reverse_write_off(invoice_id=one.pk, at=times_of([account.pk])[account.pk], actor=ACTOR)
    at = times_of([account.pk])[account.pk]
    assert earliest_look(at, Scope()) == at
    assert earliest_look(at, Scope(account.pk)) is None
    look(at, actor=ACTOR)
    assert earliest_look(at, Scope()) is None
    sweep(at, Scope(), actor=ACTOR)
    assert state(account) == ("BLOCKED", "overdue")


@pytest.mark.parametrize(
    ("sql", "constraint"),
    [
        ("UPDATE dunning_standing SET reason = ''", "dunning_standing_reason"),
        ("UPDATE dunning_standing SET due_date = NULL", "dunning_standing_invoice"),
        ("UPDATE dunning_standing SET status = 'LATE'", "may not go from"),
        ("INSERT INTO dunning_standing (id, created_at, updated_at, version, status, reason, account_id)"
         " SELECT gen_random_uuid(), now(), now(), 1, 'CURRENT', '', account_id FROM dunning_standing", "account_id"),
        ("UPDATE dunning_history SET days = 1", "rows are final"),
        ("DELETE FROM dunning_history", "rows are final"),
        ("UPDATE dunning_policystep SET days = 1", "rows are final"),
        ("UPDATE dunning_hold SET reason = 'Other'", "rows are final"),
    ],
)  # fmt: skip
def test_raw_sql_is_refused(sql: str, constraint: str) -> None:
    clock = clocked()
    account, _ = debtor(clock)
    hold(account_id=account.pk, reason="Disputes it", actor=ACTOR)
    release(account_id=account.pk, actor=ACTOR)
    days_later(clock, 14)
    with pytest.raises(Exception, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_a_reminder_is_written_once() -> None:
    clock = clocked()
    account, one = debtor(clock)
    days_later(clock, 3)
    row = History.objects.get(account=account)
    with pytest.raises(IntegrityError), transaction.atomic():
        History.objects.create(
            account=account, kind="reminder", at=row.at, status_before="CURRENT", status_after="CURRENT", invoice=one,
            days=3, actor="sql",
        )  # fmt: skip


def _overdue_on_the_wall() -> tuple[Any, Any]:
    account = payer(net_terms_days=0)
    at = times_of([account.pk])[account.pk]
    one = invoice(4900, account=account, at=at - timedelta(days=20))
    told()
    sweep(at, Scope(), actor=ACTOR)
    assert state(account) == ("BLOCKED", "overdue")
    return account, one
