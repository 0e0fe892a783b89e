"""The pages of plans for staff."""

from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.test import Client

from apps.access.rules import Role
from apps.plans import actions
from apps.plans.models import Plan
from tests.accounts.test_admin import staff
from tests.factories.plans import ACTOR, AT, make_plan

pytestmark = pytest.mark.django_db

LIST = "/admin/plans/plan/"


def repriced() -> Plan:
    """A plan with two versions."""
    plan = make_plan(key="pro-eu", name="Pro", interval_count=3, prices={"USD": 4900, "EUR": 4500})
    return actions.update(plan_id=plan.pk, changes={"prices": {"USD": 5900}}, expected_version=None, at=AT, actor=ACTOR)


@pytest.mark.parametrize("role", list(Role))
def test_every_role_reads_and_none_edits(role: Role) -> None:
    plan, browser = repriced(), staff(role)
    page = f"{LIST}{plan.pk}/change/"
    listed, shown = browser.get(LIST).content.decode(), browser.get(page).content.decode()
    assert "59.00 USD</span> / every 3 months" in listed
    assert '45.00 EUR</span>, <span class="bo-amount">49.00 USD' in shown
    assert "59.00 USD" in shown
    assert "_save" not in shown
    assert browser.post(page, {"name": "Eve"}).status_code == 403
    assert browser.get(f"{LIST}add/").status_code == 403
    assert browser.post(f"{LIST}{plan.pk}/delete/").status_code == 403
    assert Plan.objects.get().name == "Pro"


def test_strangers_see_nothing() -> None:
    assert staff(None).get(f"{LIST}{repriced().pk}/change/").status_code == 403
    assert Client().get(LIST).status_code == 302


def test_plans_are_found_and_filtered() -> None:
    repriced()
    make_plan(name="Basic", key="basic", active=False)
    browser = staff(Role.BILLING_ADMIN)
    for term in ("q=pro", "q=-eu", "active__exact=1"):
        text = browser.get(f"{LIST}?{term}").content.decode()
        assert ("4900 USD / month" in text, "every 3 months" in text) == (False, True), term


def test_pages_cost_the_same_whatever_they_show(django_assert_num_queries: Any) -> None:
    plan, browser = repriced(), staff(Role.FINANCE_VIEWER)
    # session, user, roles; the bounded count, the page, versions, prices
    with django_assert_num_queries(7):
        browser.get(LIST)
    for _ in range(20):
        make_plan()
    with django_assert_num_queries(7):
        browser.get(LIST)
    ContentType.objects.get_for_model(Plan)  # kept by the process: whichever page asks first pays for it
    # the same three; the plan with its current version and prices; the versions and their prices; permissions (2)
    with django_assert_num_queries(8):
        browser.get(f"{LIST}{plan.pk}/change/")
