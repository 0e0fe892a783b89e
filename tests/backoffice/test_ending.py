"""Ending a subscription from its page: by whom, under whose name, and what is said when it cannot be."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.access.models import User
from apps.access.rules import Role
from apps.invoices.models import Invoice
from apps.kernel import clock
from apps.subscriptions.models import ScheduledChange, Subscription
from tests.accounts.test_admin import staff
from tests.backoffice.desk import actors, detail, said
from tests.factories.plans import make_plan
from tests.factories.subscriptions import make_subscription

pytestmark = pytest.mark.django_db


def ask(browser: Client, made: Subscription, way: str, **given: Any) -> Any:
    made.refresh_from_db()
    path = reverse(f"admin:subscriptions_subscription_{way}", args=[made.pk])
    return browser.post(path, {"version": made.version, "reason": "", **given})


def test_one_that_is_periods_behind_is_ended_with_what_was_due_billed_before(db: None) -> None:
    """The page was read before the call billed what was due: that is not out of date."""
    for way, wanted in (("cancel", "CANCELLED"), ("cancel_at_period_end", "ACTIVE")):
        made = make_subscription(at=clock.wall() - timedelta(days=70))
        answer = ask(staff_once(), made, way, reason="moved away")
        assert "out of date" not in said(answer)
        made.refresh_from_db()
        assert (made.status, made.cancellation_reason) == (wanted, "moved away"), said(answer)
        assert Invoice.objects.filter(account=made.account).count() >= 3
    assert ScheduledChange.objects.count() == 1


def staff_once() -> Client:
    User.objects.all().delete()
    return staff(Role.SUPPORT_REP)


def test_each_way_and_back_under_ones_own_name(db: None) -> None:
    browser, made = staff(Role.SUPPORT_REP), make_subscription(at=clock.wall())
    assert said(ask(browser, made, "cancel_at_period_end")) == (
        "The subscription ends when all that is billed has passed."
    )
    assert "/uncancel" in browser.get(detail(made)).content.decode()
    assert said(ask(browser, made, "uncancel")) == "The subscription goes on."
    assert ScheduledChange.objects.get().outcome == "removed"
    done = said(ask(browser, made, "cancel", credit_unused="on"))
    assert done.startswith("The subscription is cancelled.")
    assert actors("subscriptions_subscription", made.pk) == {str(User.objects.get().actor)}
    assert "/cancel" not in browser.get(detail(made)).content.decode()


def test_refusals_are_told_in_words(db: None) -> None:
    browser, made = staff(Role.BILLING_ADMIN), make_subscription(at=clock.wall())
    nothing = said(ask(browser, made, "uncancel"))
    assert nothing.startswith("No cancellation is scheduled")
    old = said(ask(browser, made, "cancel", version=made.version + 1))
    assert "Read the object again" in old
    ask(browser, made, "cancel_at_period_end")
    again = said(ask(browser, made, "cancel_at_period_end"))
    assert "already" in again
    ask(browser, made, "cancel")
    ended = said(ask(browser, made, "cancel"))
    assert "was cancelled" in ended
    made.refresh_from_db()
    assert made.status == "CANCELLED"


def test_a_renewal_that_stops_is_told_and_nothing_is_cancelled(db: None) -> None:
    made = make_subscription(at=clock.wall() - timedelta(days=40))
    Subscription.objects.filter(pk=made.pk).update(plan_version=make_plan(prices={"EUR": 100}).versions.get())
    refusal = said(ask(staff(Role.BILLING_ADMIN), made, "cancel"))
    assert "could not be billed" in refusal
    made.refresh_from_db()
    assert made.status == "ACTIVE"


def test_there_is_nothing_to_confirm_where_nothing_can_be_done(db: None) -> None:
    """Asked by an old link: to keep what nothing ends, to end what is ending or has ended."""
    browser, made = staff(Role.SUPPORT_REP), make_subscription(at=clock.wall())

    def offered(way: str) -> bool:
        answer = browser.get(reverse(f"admin:subscriptions_subscription_{way}", args=[made.pk]))
        assert answer.status_code == 200
        return "bo-danger" in answer.content.decode()

    ways = ("cancel", "cancel_at_period_end", "uncancel")
    assert [offered(way) for way in ways] == [True, True, False]
    ask(browser, made, "cancel_at_period_end")
    assert [offered(way) for way in ways] == [True, False, True]
    ask(browser, made, "cancel")
    assert [offered(way) for way in ways] == [False, False, False]


def test_a_form_that_is_none_asks_again(db: None) -> None:
    browser, made = staff(Role.SUPPORT_REP), make_subscription(at=clock.wall())
    for given in ({"version": "x"}, {"version": ""}, {"reason": "y" * 501}, {"reason": "a\0b"}):
        answer = ask(browser, made, "cancel", **given)
        assert (answer.status_code, "bo-error" in answer.content.decode()) == (200, True), given
    made.refresh_from_db()
    assert made.status == "ACTIVE"
