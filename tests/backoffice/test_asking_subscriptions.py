"""What staff do to subscriptions: shown with all amounts, done as shown or not at all, under their own name."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from apps.access.models import User
from apps.access.rules import Role
from apps.accounts.models import Account
from apps.clocks.actions import create as make_clock
from apps.invoices.models import Invoice
from apps.kernel import clock
from apps.subscriptions.actions.renew import renew
from apps.subscriptions.models import ScheduledChange, Subscription
from tests.accounts.test_admin import staff
from tests.backoffice.asking import Asked, asked
from tests.backoffice.desk import actors, detail
from tests.factories.accounts import make_account
from tests.factories.plans import make_plan
from tests.factories.subscriptions import ACTOR, make_subscription

pytestmark = pytest.mark.django_db
APRIL = datetime(2026, 4, 15, 12, tzinfo=UTC)


@pytest.fixture
def of_april(settings: Any) -> Subscription:
    """Grace pays 49.00 a month from 1 April on; on her clock it is the 15th."""
    settings.BILLING_TEST_CLOCKS = True
    frozen = make_clock(name="April", frozen_time=datetime(2026, 4, 1, 12, tzinfo=UTC), actor=ACTOR)
    grace = make_account(name="Grace Hopper", test_clock_id=frozen.pk, at=frozen.frozen_time)
    made = make_subscription(account=grace, at=frozen.frozen_time)
    type(frozen).objects.filter(pk=frozen.pk).update(frozen_time=APRIL)
    return made


def ask(browser: Client, made: Subscription, way: str) -> Asked:
    return asked(browser, f"subscriptions_subscription_{way}", made)


def change(made: Subscription, **given: Any) -> dict[str, Any]:
    same = {"plan": made.plan_id, "quantity": made.quantity, "effective": "now", "proration_behavior": "always_invoice"}
    return {**same, **given}


@pytest.mark.fr("FR-016", "FR-139")
def test_a_change_is_shown_to_the_cent_and_then_done(of_april: Subscription) -> None:
    larger, browser = make_plan(prices={"USD": 9900}, name="Team"), staff(Role.BILLING_ADMIN)
    page = ask(browser, of_april, "change_plan")
    assert "Team: 99.00 USD / month" in page.open().page
    page.look(**change(of_april, plan=larger.pk))
    for text in ("-26.13 USD", "52.80 USD", "Total 26.67 USD", "15 Apr 2026 to 30 Apr 2026", "After that", "99.00 USD"):
        assert text in page.page, text
    assert Invoice.objects.count() == 1
    assert page.confirm(**change(of_april, plan=larger.pk)) == "The subscription is changed."
    of_april.refresh_from_db()
    assert of_april.plan_id == larger.pk
    assert Invoice.objects.order_by("-pk")[0].total == 2667
    assert str(User.objects.get().actor) in actors("subscriptions_subscription", of_april.pk)


@pytest.mark.fr("B-02")
def test_a_second_press_and_a_page_out_of_date_do_nothing(of_april: Subscription) -> None:
    browser = staff(Role.BILLING_ADMIN)
    first, second = ask(browser, of_april, "change_plan"), ask(browser, of_april, "change_plan")
    wanted = change(of_april, quantity=3)
    first.look(**wanted)
    second.look(**wanted)
    assert first.confirm(**wanted) == "The subscription is changed."
    assert "Nothing of this is another than it is" in second.confirm(**wanted)
    third = ask(browser, of_april, "cancel").look(credit_unused="on")
    renew([of_april.pk], at=datetime(2026, 5, 1, 12, tzinfo=UTC), actor=ACTOR)
    assert "Something has changed since this was shown" in third.confirm(credit_unused="on")
    assert third.seen
    of_april.refresh_from_db()
    assert of_april.status == "ACTIVE"
    # What is shown now can be confirmed.
    assert third.confirm(credit_unused="on").startswith("The subscription is cancelled.")


def test_other_amounts_than_those_shown_are_not_done(of_april: Subscription) -> None:
    page = ask(staff(Role.BILLING_ADMIN), of_april, "change_plan").look(**change(of_april, quantity=2))
    assert "Something has changed" in page.confirm(**change(of_april, quantity=5))
    page.seen = "0" * 64
    assert "Something has changed" in page.confirm(**change(of_april, quantity=2))
    of_april.refresh_from_db()
    assert of_april.quantity == 1


def test_a_change_at_the_end_waits_and_is_dropped(of_april: Subscription) -> None:
    browser = staff(Role.BILLING_ADMIN)
    wanted = change(of_april, quantity=2, effective="period_end")
    page = ask(browser, of_april, "change_plan").look(**wanted)
    assert "After that, at the next renewal" in page.page
    assert "Total 98.00 USD" in page.page
    assert page.confirm(**wanted) == "The change waits for the end of the paid period."
    shown = browser.get(detail(of_april)).content.decode()
    assert ("/unschedule" in shown, "/uncancel" in shown) == (True, False)
    dropped = ask(browser, of_april, "unschedule").open()
    assert "Total 49.00 USD" in dropped.page
    assert dropped.confirm() == "The change is taken back."
    assert ScheduledChange.objects.get().outcome == "removed"


@pytest.mark.fr("FR-024")
def test_pause_and_resume_with_their_amounts(of_april: Subscription) -> None:
    browser = staff(Role.SUPPORT_REP)
    page = ask(browser, of_april, "pause").look(resume_at="2026-06-01")
    assert "-26.13 USD" in page.page
    assert page.confirm(resume_at="2026-06-01") == "The subscription is paused."
    of_april.refresh_from_db()
    assert (of_april.status, of_april.pause_resumes_on) == ("PAUSED", date(2026, 6, 1))
    shown = browser.get(detail(of_april)).content.decode()
    assert ("/pause" in shown, "/resume" in shown) == (False, True)
    back = ask(browser, of_april, "resume").open()
    assert back.confirm() == "The subscription goes on."
    # Paused and resumed on one day: as if nothing had been.
    assert list(Invoice.objects.exclude(status="VOID").values_list("total", flat=True)) == [4900]
    assert "at the latest" in ask(browser, of_april, "pause").look(resume_at="2026-12-01").page


def test_cancel_now_and_later_and_back(of_april: Subscription) -> None:
    browser = staff(Role.SUPPORT_REP)
    assert ask(browser, of_april, "cancel_at_period_end").do(reason="moved") == (
        "The subscription ends when all that is billed has passed."
    )
    assert "/uncancel" in browser.get(detail(of_april)).content.decode()
    assert ask(browser, of_april, "uncancel").open().confirm() == "The subscription goes on."
    page = ask(browser, of_april, "cancel").look(credit_unused="on", reason="moved away")
    assert "-26.13 USD" in page.page
    kept = ask(browser, of_april, "cancel").look(reason="moved away")
    assert "Nothing is billed, and nothing is given back." in kept.page
    assert page.confirm(credit_unused="on", reason="moved away").startswith("The subscription is cancelled.")
    of_april.refresh_from_db()
    assert (of_april.status, of_april.cancellation_reason) == ("CANCELLED", "moved away")
    shown = browser.get(detail(of_april)).content.decode()
    assert not any(f"/{way}" in shown for way in ("cancel", "pause", "change-plan"))


def test_one_that_is_periods_behind_is_ended_with_what_was_due_billed_before() -> None:
    browser = staff(Role.SUPPORT_REP)
    for way, wanted in (("cancel", "CANCELLED"), ("cancel_at_period_end", "ACTIVE")):
        made = make_subscription(at=clock.wall() - timedelta(days=70))
        page = ask(browser, made, way).look(reason="moved away")
        assert "Invoice 2 of" in page.page
        assert Invoice.objects.filter(account=made.account).count() == 1
        page.confirm(reason="moved away")
        made.refresh_from_db()
        assert (made.status, made.cancellation_reason) == (wanted, "moved away")
        assert Invoice.objects.filter(account=made.account).count() >= 3


def test_a_renewal_that_stops_is_told_and_nothing_is_cancelled() -> None:
    made = make_subscription(at=clock.wall() - timedelta(days=40))
    Subscription.objects.filter(pk=made.pk).update(plan_version=make_plan(prices={"EUR": 100}).versions.get())
    page = ask(staff(Role.BILLING_ADMIN), made, "cancel").look()
    assert ("could not be billed" in page.page, page.seen) == (True, "")
    made.refresh_from_db()
    assert made.status == "ACTIVE"


def test_there_is_nothing_to_confirm_where_nothing_can_be_done(of_april: Subscription) -> None:
    """Asked by an old link: to keep what nothing ends, to end what is ending or has ended."""
    browser = staff(Role.SUPPORT_REP)
    ways = ("cancel", "cancel_at_period_end", "uncancel", "resume")

    def offered() -> list[bool]:
        pages = [ask(browser, of_april, way).open() for way in ways]
        assert {page.status for page in pages} == {200}
        return ["Leave it as it is" in page.page for page in pages]

    assert offered() == [True, True, False, False]
    ask(browser, of_april, "cancel_at_period_end").do()
    assert offered() == [True, False, True, False]
    ask(browser, of_april, "cancel").do(credit_unused="on")
    assert offered() == [False, False, False, False]
    assert "No cancellation is scheduled" in ask(browser, of_april, "uncancel").open().page
    assert "It has ended already" in ask(browser, of_april, "cancel").look(credit_unused="on").page


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"quantity": "x"}, "whole number"),
        ({"quantity": "0"}, "greater than or equal to 1"),
        ({"quantity": "9" * 30}, "less than or equal to"),
        ({"plan": "019a0000-0000-7000-8000-000000000000"}, "not one of the available choices"),
        ({"effective": "yesterday"}, "not one of the available choices"),
        ({"version": "99"}, "version 99"),
        ({}, "Nothing of this is another"),
    ],
)
def test_a_form_that_is_none_asks_again(of_april: Subscription, given: dict[str, Any], text: str) -> None:
    page = ask(staff(Role.BILLING_ADMIN), of_april, "change_plan").look(**change(of_april, **given))
    assert (text in page.page, page.seen, page.status) == (True, "", 200), page.page
    long = ask(Client(), of_april, "cancel")
    assert long.look().status == 302


def test_reasons_that_cannot_be_kept_are_refused(of_april: Subscription) -> None:
    browser = staff(Role.SUPPORT_REP)
    for wrong in ("y" * 256, "a\0b"):
        page = ask(browser, of_april, "cancel").look(reason=wrong)
        assert (page.status, page.seen) == (200, ""), wrong
    of_april.refresh_from_db()
    assert of_april.status == "ACTIVE"


def test_plans_of_another_currency_are_not_offered() -> None:
    yen = make_account(currency="JPY", name="Tokyo")
    made = make_subscription(account=yen, plan=make_plan(prices={"JPY": 1980}), at=clock.wall())
    make_plan(prices={"USD": 100}, name="Dollars")
    make_plan(prices={"JPY": 4980}, name="Yen")
    page = ask(staff(Role.BILLING_ADMIN), made, "change_plan").open().page
    assert ("Yen: 4,980 JPY / month" in page, "Dollars" in page) == (True, False)
    assert Account.objects.count() == 1
