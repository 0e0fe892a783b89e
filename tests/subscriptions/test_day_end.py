"""One document a day: what changes come to waits for local midnight, is invoiced once, and is what was previewed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from apps.clocks.actions import create as make_clock
from apps.invoices.models import Invoice, Line, PendingItem
from apps.kernel.errors import Conflict
from apps.kernel.schedule import Scope
from apps.monitoring.invariants import broken
from apps.subscriptions import due
from apps.subscriptions.actions import day_end
from apps.subscriptions.actions.cancel import cancel
from apps.subscriptions.actions.change import change
from apps.subscriptions.actions.day_end import invoice_day
from apps.subscriptions.actions.pause import pause
from apps.subscriptions.actions.preview import Before, committed, preview, upcoming
from apps.subscriptions.actions.renew import renew
from apps.subscriptions.actions.resume import resume
from apps.subscriptions.models import Subscription
from tests.accounts.calls import Api
from tests.explain.holding import unexplained
from tests.factories.accounts import make_account
from tests.factories.plans import make_plan
from tests.factories.subscriptions import ACTOR, make_subscription
from tests.factories.tax import registered
from tests.subscriptions.lives import WALL, an_hour_passes

pytestmark = pytest.mark.fr("FR-030")


@pytest.fixture(autouse=True)
def _one_document_a_day(settings: Any) -> None:
    settings.BILLING_PRORATION_INVOICE_AT = "day_end"


def time(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+00:00")


def begun(price: int = 4900, at: str = "2026-04-01T09:00", **fields: Any) -> Subscription:
    payer = fields.pop("account", None) or make_account()
    return make_subscription(account=payer, plan=make_plan(prices={"USD": price}), at=time(at), **fields)


def to(made: Subscription, price: int, at: str, **more: Any) -> Subscription:
    sold = make_plan(prices={"USD": price})
    return change(subscription_id=made.pk, plan_id=sold.pk, at=time(at), actor=ACTOR, **more)


def documents(made: Subscription) -> list[tuple[str, str, list[int]]]:
    """Kind, issue date and amounts of each invoice of the account but the first, void ones too."""
    rows = Invoice.objects.filter(account=made.account_id).order_by("created_at", "number")[1:]
    return [
        (row.kind, str(row.issue_date), list(row.lines.order_by("position").values_list("amount", flat=True)))
        for row in rows
    ]


def whole() -> None:
    assert broken() == []
    assert unexplained() == []


@pytest.mark.django_db
def test_a_day_s_changes_are_one_document_after_midnight() -> None:
    made = begun()
    to(made, 9900, "2026-04-15T09:00")
    to(made, 3000, "2026-04-15T18:00")
    assert documents(made) == []
    assert due.earliest_day_end(time("2026-04-15T23:59"), WALL) is None
    midnight = time("2026-04-16T00:00")
    assert due.earliest_day_end(time("2026-04-16T05:00"), WALL) == midnight
    assert due.run_day_ends(midnight, WALL) == 1
    assert documents(made) == [("proration", "2026-04-16", [-2613, 1600, 1013])]
    assert Line.objects.get(amount=1013).kind == "credit_to_balance"
    assert due.run_day_ends(midnight, WALL) == 0
    assert not PendingItem.objects.filter(invoice_id=None, removed_at=None).exists()
    whole()


@pytest.mark.django_db
def test_there_and_back_is_nothing() -> None:
    made = begun()
    back = made.plan_id
    to(made, 9900, "2026-04-15T09:00")
    change(subscription_id=made.pk, plan_id=back, at=time("2026-04-15T18:00"), actor=ACTOR)
    assert due.earliest_day_end(time("2026-04-16T05:00"), WALL) is None
    assert documents(made) == []
    whole()


@pytest.mark.django_db
def test_midnight_is_the_customer_s() -> None:
    made = begun(account=make_account(timezone="Pacific/Auckland"))
    to(made, 9900, "2026-04-14T12:30")  # 00:30 on the 15th there
    assert due.earliest_day_end(time("2026-04-15T11:59"), WALL) is None
    assert due.run_day_ends(time("2026-04-15T12:00"), WALL) == 1
    assert documents(made) == [("proration", "2026-04-16", [-2613, 5280])]
    whole()


@pytest.mark.django_db
def test_the_renewal_of_that_midnight_is_the_document() -> None:
    made = begun()
    to(made, 9900, "2026-04-30T09:00")
    renew([made.pk], at=time("2026-05-01T00:00"), actor=ACTOR)
    assert documents(made) == [("subscription", "2026-05-01", [9900, -163, 330])]
    assert due.earliest_day_end(time("2026-05-01T00:00"), WALL) is None
    whole()


@pytest.mark.django_db
@pytest.mark.fr("FR-029", "FR-033")
def test_a_cancellation_and_a_pause_wait_as_well() -> None:
    registered("DE")
    ends, rests = (begun(account=make_account(country="DE")) for _ in range(2))
    cancel(subscription_id=ends.pk, at=time("2026-04-15T09:00"), actor=ACTOR)
    pause(subscription_id=rests.pk, at=time("2026-04-15T09:00"), actor=ACTOR)
    assert documents(ends) == documents(rests) == []
    assert due.run_day_ends(time("2026-04-16T00:00"), WALL) == 2
    credit = [("proration", "2026-04-16", [-2613, 3109])]
    assert documents(ends) == documents(rests) == credit
    resume(subscription_id=rests.pk, at=time("2026-04-21T09:00"), actor=ACTOR)
    # What begins a period is invoiced at once.
    assert documents(rests)[1:] == [("subscription", "2026-04-21", [1633])]
    whole()


@pytest.mark.django_db
@pytest.mark.fr("FR-033")
def test_paused_and_resumed_on_one_day_is_as_if_nothing_had_been() -> None:
    made = begun()
    pause(subscription_id=made.pk, at=time("2026-04-15T09:00"), actor=ACTOR)
    resume(subscription_id=made.pk, at=time("2026-04-15T18:00"), actor=ACTOR)
    assert due.earliest_day_end(time("2026-04-16T05:00"), WALL) is None
    assert documents(made) == []
    whole()


@pytest.mark.django_db
@pytest.mark.parametrize("verb", ["change", "resume"])
def test_the_next_day_s_verb_invoices_the_day_before_first(verb: str) -> None:
    made = begun()
    if verb == "change":
        to(made, 9900, "2026-04-15T09:00")
        to(made, 3000, "2026-04-16T00:00")
        assert documents(made) == [("proration", "2026-04-16", [-2613, 5280])]
    else:
        pause(subscription_id=made.pk, at=time("2026-04-15T09:00"), actor=ACTOR)
        resume(subscription_id=made.pk, at=time("2026-04-16T00:00"), actor=ACTOR)
        assert documents(made)[0] == ("proration", "2026-04-16", [-2613, 2613])
    due.run_day_ends(time("2026-04-17T00:00"), WALL)
    assert len(documents(made)) == 2
    whole()


@pytest.mark.django_db
@pytest.mark.fr("B-02", "FR-055")
def test_preview_and_commit_are_of_that_document() -> None:
    made = begun()
    row = Subscription.objects.select_related("account").get(pk=made.pk)
    at, sold = time("2026-04-15T09:00"), make_plan(prices={"USD": 9900})
    before = Before.of(row, row.account, at)

    def verb() -> Subscription:
        return change(subscription_id=made.pk, plan_id=sold.pk, at=at, actor=ACTOR)

    shown = preview(verb, before=before, actor=ACTOR)
    assert [[line.amount for line in invoice.lines] for invoice in shown.invoices] == [[-2613, 5280]]
    assert shown.next_invoice is not None
    assert [line.amount for line in shown.next_invoice.lines] == [9900]
    assert documents(made) == []
    assert not PendingItem.objects.exists()
    committed(verb, expected=shown.hash, before=before, actor=ACTOR)
    assert documents(made) == []
    coming = upcoming(Subscription.objects.get(pk=made.pk), before=before, actor=ACTOR)
    assert [line.amount for line in coming.invoices[0].lines] == [-2613, 5280]
    assert documents(made) == []
    due.run_day_ends(time("2026-04-16T00:00"), WALL)
    assert documents(made) == [("proration", "2026-04-16", [-2613, 5280])]
    whole()


@pytest.mark.django_db
def test_what_cannot_be_invoiced_says_why_and_is_tried_later(monkeypatch: pytest.MonkeyPatch) -> None:
    bad, good = begun(), begun()
    for made in (bad, good):
        to(made, 9900, "2026-04-15T09:00")
    write = day_end.write

    def refuses(bill: Any, **more: Any) -> Any:
        if bad.account_id in more["accounts"]:
            raise Conflict("series_closed", "The series is closed.", hint="Open it.")
        return write(bill, **more)

    monkeypatch.setattr(day_end, "write", refuses)
    assert due.run_day_ends(time("2026-04-16T00:00"), WALL) == 2
    bad.refresh_from_db()
    assert (bad.billing_error, len(documents(good))) == ("series_closed: The series is closed.", 1)
    assert due.earliest_day_end(time("2026-04-16T00:30"), WALL) is None
    monkeypatch.undo()
    an_hour_passes()
    assert due.run_day_ends(time("2026-04-16T01:00"), WALL) == 1
    bad.refresh_from_db()
    assert (bad.billing_error, bad.billing_retry_at, len(documents(bad))) == ("", None, 1)
    whole()


@pytest.mark.django_db
@pytest.mark.fr("B-01")
def test_a_test_clock_s_day_is_its_own() -> None:
    frozen = make_clock(frozen_time=time("2026-04-15T09:00"), name="", actor=ACTOR)
    made = begun(account=make_account(test_clock_id=frozen.pk))
    to(made, 9900, "2026-04-15T09:00")
    later = time("2026-04-16T00:00")
    assert due.earliest_day_end(later, WALL) is None
    assert due.earliest_day_end(later, Scope(frozen.pk)) == later


@pytest.mark.django_db
def test_a_part_of_a_change_is_not_taken_back_alone() -> None:
    made = begun()
    to(made, 9900, "2026-04-15T09:00")
    item = PendingItem.objects.first()
    assert item is not None
    shown = Api().get(f"/pending-items/{item.pk}").json()
    assert shown["invoice_at"] == "2026-04-16T00:00:00Z"
    refused = Api()("delete", f"/pending-items/{item.pk}")
    assert (refused.status_code, refused.json()["code"]) == (409, "pending_item_of_change")
    assert PendingItem.objects.filter(removed_at=None).count() == 2


@pytest.mark.fr("FR-042")
def test_two_workers_make_one_document(committed_db: str) -> None:
    made = begun()
    to(made, 9900, "2026-04-15T09:00")
    barrier = Barrier(4)

    def work(_: int) -> bool:
        try:
            barrier.wait()
            return invoice_day(subscription_id=made.pk, at=datetime(2026, 4, 16, tzinfo=UTC), actor=ACTOR)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(work, range(4))) == [False, False, False, True]
    assert len(documents(made)) == 1
    whole()
