"""Usage that comes late, is corrected, or was on an invoice that is made again: the difference, once."""

from datetime import timedelta

import pytest
import time_machine

from apps.invoices.models import Invoice, Line
from apps.kernel import clock
from apps.kernel.schedule import Scope
from apps.subscriptions import due
from apps.subscriptions.actions.change import change
from apps.subscriptions.actions.late import sweep
from apps.subscriptions.actions.void import void
from apps.subscriptions.models import UsageRecount
from apps.usage.actions import correct
from apps.usage.actions.record import record
from apps.usage.models import UsageEvent
from tests.factories.accounts import make_account
from tests.factories.subscriptions import ACTOR
from tests.factories.tax import registered
from tests.subscriptions.lives import WALL

# Real commits: which events an invoice holds is a matter of which transactions it has seen.
from tests.subscriptions.test_usage import begun, bill, event, lines, metered, time, use, whole

pytestmark = [pytest.mark.usefixtures("committed_db"), pytest.mark.fr("FR-075")]


@pytest.mark.fr("FR-051", "FR-079")
def test_late_events_are_a_supplemental_invoice_the_next_day() -> None:
    made = begun(metered())
    sweep(actor=ACTOR, often=True)
    use(made, 1500, "2026-04-03T10:00")
    bill(made, "2026-05-01T01:00")
    for hour in (9, 15):
        use(made, 100, "2026-04-20T10:00", received=f"2026-05-04T{hour:02}:00")
    with time_machine.travel(time("2026-05-04T16:00"), tick=False):
        assert sweep(actor=ACTOR, often=True) == 1
    assert due.earliest_late(time("2026-05-04T23:59"), WALL) is None
    assert due.run_late(time("2026-05-05T00:00"), WALL) == 1
    assert due.run_late(time("2026-05-05T00:00"), WALL) == 0
    late = Invoice.objects.get(kind="supplemental")
    assert (late.total, str(late.issue_date), lines(made)[-1]) == (200, "2026-05-05", ("usage", 200))
    line = Line.objects.get(invoice=late)
    assert line.breakdown is not None
    before = line.breakdown[-1]
    assert (before["kind"], before["amount"], line.source["events"]) == ("billed_before", -500, 3)
    refused = record([event(made, 1, "2026-04-20T10:00")], at=time("2026-05-08T00:00")).refused
    assert refused[0].code == "event_too_late"
    whole()


@pytest.mark.fr("B-07")
def test_usage_may_come_to_less() -> None:
    registered("DE")
    made = begun(metered("volume"), account=make_account(country="DE"))
    sweep(actor=ACTOR, often=True)
    use(made, 10000, "2026-04-03T10:00")
    bill(made, "2026-05-01T01:00")
    use(made, 1, "2026-04-20T10:00", received="2026-05-04T09:00")
    sweep(actor=ACTOR, often=True)
    due.run_late(time("2027-01-01T00:00"), WALL)
    late = Invoice.objects.get(kind="supplemental")
    assert [(row.kind, row.amount, row.tax_amount) for row in late.lines.order_by("position")] == [
        ("usage", -4999, -950), ("credit_to_balance", 5949, 0),
    ]  # fmt: skip
    whole()


@pytest.mark.fr("B-07")
def test_a_corrected_event_is_credited() -> None:
    made = begun(metered("per_unit", [{"unit_price": "1"}]))
    sweep(actor=ACTOR, often=True)
    use(made, 700, "2026-04-03T10:00")
    use(made, 50, "2026-04-04T10:00")
    bill(made, "2026-05-01T01:00")
    wrong = UsageEvent.objects.get(quantity=700).pk
    correct.void(event_id=wrong, reason="twice", at=time("2026-05-20T09:00"), actor=ACTOR)
    assert sweep(actor=ACTOR, often=True) == 1
    due.run_late(time("2027-01-01T00:00"), WALL)
    assert lines(made)[-1] == ("usage", -700)
    whole()


@pytest.mark.fr("FR-050")
def test_a_void_invoice_s_usage_is_rated_again() -> None:
    made = begun(metered("per_unit", [{"unit_price": "1"}]))
    use(made, 700, "2026-04-03T10:00")
    bill(made, "2026-05-01T01:00")
    use(made, 11, "2026-04-20T10:00", received="2026-05-04T09:00")
    renewal = Invoice.objects.filter(kind="subscription").order_by("-number")[0]
    void(invoice_id=renewal.pk, reason="wrong address", at=time("2026-05-05T09:00"), actor=ACTOR)
    assert lines(made) == [("recurring", 3000), ("recurring", 3000), ("usage", 711)]
    corrected = Invoice.objects.get(kind="correction")
    void(invoice_id=corrected.pk, reason="x", replace_it=False, at=time("2026-05-06T09:00"), actor=ACTOR)
    bill(made, "2026-06-01T01:00")
    assert lines(made) == [("recurring", 3000), ("recurring", 3000)]
    whole()


@pytest.mark.fr("FR-030")
def test_a_change_on_the_day_of_renewal_makes_it_again_with_its_usage() -> None:
    made = begun(metered())
    use(made, 1500, "2026-04-03T10:00")
    bill(made, "2026-05-01T01:00")
    change(subscription_id=made.pk, plan_id=metered(price=6000).pk, at=time("2026-05-01T12:00"), actor=ACTOR)
    assert lines(made) == [("recurring", 3000), ("recurring", 6000), ("usage", 500)]
    assert Invoice.objects.filter(status="VOID").count() == 1
    use(made, 1003, "2026-05-01T02:00", received="2026-05-01T13:00")
    bill(made, "2026-06-01T01:00")
    assert lines(made)[3:] == [("recurring", 6000), ("usage", 3)]
    whole()


@pytest.mark.fr("FR-144")
def test_notes_that_were_done_two_years_ago_are_forgotten() -> None:
    made = begun(metered())
    wall = clock.wall()
    rows = [(3 * 365, True), (3 * 365, False), (1, True)]
    for days, done in rows:
        then = wall - timedelta(days=days)
        with time_machine.travel(then, tick=False):
            UsageRecount.objects.create(subscription=made, starts_at=then, due_at=then, done_at=then if done else None)
    assert due.earliest_forgetting(wall, Scope(made.pk)) is None
    assert due.run_forgetting(wall, Scope(made.pk)) == 0
    assert due.earliest_forgetting(wall, WALL) == wall
    assert due.run_forgetting(wall, WALL) == 1
    assert due.earliest_forgetting(wall, WALL) is None
    assert UsageRecount.objects.count() == 2
