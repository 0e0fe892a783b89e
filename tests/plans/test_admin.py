"""The pages of plans for staff: read by all, written by those who may write plans, through the actions of the API."""

from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.test import Client

from apps.access.rules import Role
from apps.audit.models import Entry
from apps.events.models import Event
from apps.plans import actions
from apps.plans.models import Plan, PlanVersion
from apps.plans.objects import plan_objects
from apps.rest.objects import builtins
from tests.accounts.test_admin import staff
from tests.factories.plans import ACTOR, AT, CALLS, make_plan

pytestmark = pytest.mark.django_db

LIST = "/admin/plans/plan/"
ADD = f"{LIST}add/"
WRITERS = (Role.SUPER_ADMIN, Role.BILLING_ADMIN)
TYPED = {
    "name": "Pro Plus", "key": "", "interval": "month", "interval_count": "1", "trial_days": "14",
    "trial_usage": "free", "tax_behavior": "exclusive", "tax_code": "standard", "prices-0-currency": "USD",
    "prices-0-amount": "49.90", "prices-0-commitment": "100", "features-0-name": "seats",
    "features-0-kind": "number", "features-0-value": "5", "charges-0-metric": "api_calls", "charges-0-key": "",
    "charges-0-aggregation": "sum", "charges-0-model": "graduated", "charges-0-cap_behavior": "bill",
    "charges-0-tiers-0-up_to": "1,000", "charges-0-tiers-0-unit_price": "0", "charges-0-tiers-1-unit_price": "0.005",
}  # fmt: skip


def repriced() -> Plan:
    """A plan with two versions."""
    plan = make_plan(key="pro-eu", name="Pro", interval_count=3, prices={"USD": 4900, "EUR": 4500})
    return actions.update(plan_id=plan.pk, changes={"prices": {"USD": 5900}}, expected_version=None, at=AT, actor=ACTOR)


@pytest.mark.parametrize("role", list(Role))
def test_every_role_reads_and_none_edits_what_stands(role: Role) -> None:
    plan, browser = repriced(), staff(role)
    page = f"{LIST}{plan.pk}/change/"
    listed, shown = browser.get(LIST).content.decode(), browser.get(page).content.decode()
    assert "59.00 USD</span> / every 3 months" in listed
    assert '45.00 EUR</span>, <span class="bo-amount">49.00 USD' in shown
    assert "59.00 USD" in shown
    assert "_save" not in shown
    assert ("New version" in shown, "Stop selling" in shown) == (role in WRITERS,) * 2
    assert browser.post(page, {"name": "Eve"}).status_code == 403
    assert browser.post(f"{LIST}{plan.pk}/delete/").status_code == 403
    assert Plan.objects.get().name == "Pro"


@pytest.mark.parametrize("role", list(Role))
def test_forms_are_for_those_who_may_write_plans(role: Role) -> None:
    plan, browser = repriced(), staff(role)
    expected = 200 if role in WRITERS else 403
    for path in (ADD, f"{LIST}{plan.pk}/new-version", f"{LIST}{plan.pk}/selling"):
        assert browser.get(path).status_code == expected, path
        if expected == 403:
            assert browser.post(path, {**TYPED, "save": "1"}).status_code == 403, path
    assert (Plan.objects.count(), PlanVersion.objects.count(), Plan.objects.get().active) == (1, 2, True)


def test_strangers_see_nothing() -> None:
    assert staff(None).get(f"{LIST}{repriced().pk}/change/").status_code == 403
    assert Client().get(LIST).status_code == 302
    assert Client().post(ADD, {**TYPED, "save": "1"}).status_code == 302
    assert Plan.objects.count() == 1


@pytest.mark.fr("FR-019", "FR-020")
def test_a_plan_is_made_of_what_was_typed() -> None:
    browser = staff(Role.BILLING_ADMIN)
    checked = browser.post(ADD, {**TYPED, "check": "1"}).content.decode()
    assert "This would be sold as version 1" in checked
    assert "up to 1,000: free" in checked
    assert "above 1,000: 0.005 USD each" in checked
    assert Plan.objects.count() == 0
    saved = browser.post(ADD, {**TYPED, "save": "1"})
    plan = Plan.objects.get()
    assert saved["Location"] == f"{LIST}{plan.pk}/change/"
    shown = builtins(plan_objects([plan])[0])
    assert (shown["key"], shown["prices"], shown["commitment"]) == ("pro-plus", {"USD": 4990}, {"USD": 10000})
    assert (shown["trial_days"], shown["features"]) == (14, {"seats": 5})
    (charge,) = shown["charges"]
    assert [(tier["up_to"], tier["unit_price"]) for tier in charge["prices"]["USD"]["tiers"]] == [
        ("1000", "0"), (None, "0.5"),
    ]  # fmt: skip
    assert Entry.objects.get(table_name="plans_plan").actor.startswith("user:")
    page = browser.get(saved["Location"]).content.decode()
    for text in ("100.00 USD", "api_calls", "above 1,000: 0.005 USD each", "seats"):
        assert text in page


@pytest.mark.fr("FR-074")
def test_unique_counts_and_thresholds_are_typed_too() -> None:
    browser = staff(Role.BILLING_ADMIN)
    typed = {
        **TYPED, "charges-0-aggregation": "unique_count", "charges-0-unique_by": "user",
        "charges-0-thresholds": "80 %; 5,000; 500.00 usd",
    }  # fmt: skip
    saved = browser.post(ADD, {**typed, "save": "1"})
    (charge,) = builtins(plan_objects([Plan.objects.get()])[0])["charges"]
    assert charge["unique_by"] == "user"
    assert [next(each for each in one.values() if each) for one in charge["thresholds"]] == ["80", "5000", 50000]
    words = "different values of user; announced at 80 %, 5,000, 500.00 USD"
    assert words in browser.get(saved["Location"]).content.decode()
    wrong = {**typed, "charges-0-aggregation": "sum", "charges-0-thresholds": "80 %; 5 EUR"}
    page = browser.post(ADD, {**wrong, "key": "other", "check": "1"}).content.decode()
    assert "Only unique_count counts by a property." in page
    assert "The plan has no price in it, only in USD." in page


def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost() -> None:
    browser = staff(Role.BILLING_ADMIN)
    wrong = {
        **TYPED, "name": "", "key": "pro", "prices-0-amount": "4.999", "prices-1-currency": "EUR",
        "prices-1-amount": "45", "charges-0-tiers-0-currency": "USD", "charges-0-tiers-1-currency": "USD",
        "charges-0-tiers-1-up_to": "2000", "charges-0-metric": "api calls",
    }  # fmt: skip
    for button in ("save", "check"):
        page = browser.post(ADD, {**wrong, button: "1"}).content.decode()
        for text in (
            "Nothing was saved", "This is needed.", "USD has 2 digits after the point.",
            "Leave it empty in the last tier", "The plan has a price in EUR", "such as api_calls",
            'value="4.999"', 'value="api calls"', 'value="2000"',
        ):  # fmt: skip
            assert text in page, text
    assert Plan.objects.count() == 0


def test_a_taken_key_is_told_on_the_form() -> None:
    make_plan(key="pro-plus")
    page = staff(Role.BILLING_ADMIN).post(ADD, {**TYPED, "save": "1"}).content.decode()
    assert "There is a plan &#x27;pro-plus&#x27;" in page
    assert 'value="49.90"' in page


def test_rows_are_added_and_taken_out_without_saving() -> None:
    browser = staff(Role.BILLING_ADMIN)
    page = browser.post(ADD, {**TYPED, "add": "charges-0-tiers"}).content.decode()
    assert 'name="charges-0-tiers-2-unit_price"' in page
    page = browser.post(ADD, {**TYPED, "remove": "charges-0"}).content.decode()
    assert "charges-0" not in page
    assert 'value="49.90"' in page
    assert Plan.objects.count() == 0


@pytest.mark.fr("FR-022")
def test_a_new_version_is_shown_before_it_comes() -> None:
    plan = make_plan(name="Pro", charges=[CALLS], prices={"USD": 4900}, features={"sso": True})
    browser, path = staff(Role.SUPER_ADMIN), f"{LIST}{plan.pk}/new-version"
    form = browser.get(path)
    assert 'value="49.00"' in form.content.decode()
    fields = {cell.name: cell.value for cell in _cells(form.context)} | {"seen": "1"}
    same = browser.post(path, {**fields, "check": "1"}).content.decode()
    assert "Nothing would change" in same
    other = {**fields, "prices-0-amount": "59", "charges-0-tiers-1-unit_price": "0.004"}
    checked = browser.post(path, {**other, "check": "1"}).content.decode()
    for text in ("Version 2 would come", "prices.USD", "charges[calls].prices.USD.tiers[2].unit_price"):
        assert text in checked, text
    assert PlanVersion.objects.count() == 1
    assert browser.post(path, {**other, "save": "1"}).status_code == 302
    assert plan_objects([Plan.objects.get()])[0].prices == {"USD": 5900}
    assert Event.objects.filter(event_type="plan.updated").count() == 1
    stale = browser.post(path, {**other, "prices-0-amount": "69", "save": "1"}).content.decode()
    assert "Nothing was saved" in stale
    assert PlanVersion.objects.count() == 2


@pytest.mark.fr("FR-023")
def test_selling_is_stopped_and_taken_up_again() -> None:
    plan, browser = make_plan(), staff(Role.BILLING_ADMIN)
    path = f"{LIST}{plan.pk}/selling"
    assert "Subscriptions to it go on" in browser.get(path).content.decode()
    browser.post(path, {"active": "no"})
    assert not Plan.objects.get().active
    assert "Sell again" in browser.get(path).content.decode()
    browser.post(path, {"active": "yes"})
    assert Plan.objects.get().active
    kinds = list(Event.objects.order_by("id").values_list("event_type", flat=True))
    assert kinds == ["plan.created", "plan.deleted", "plan.updated"]


def test_plans_are_found_and_filtered() -> None:
    repriced()
    make_plan(name="Basic", key="basic", active=False)
    browser = staff(Role.BILLING_ADMIN)
    for term in ("q=pro", "q=-eu", "active__exact=1"):
        text = browser.get(f"{LIST}?{term}").content.decode()
        assert ("4900 USD / month" in text, "every 3 months" in text) == (False, True), term


def test_pages_cost_the_same_whatever_they_show(django_assert_num_queries: Any) -> None:
    plan, browser = repriced(), staff(Role.FINANCE_VIEWER)
    # session, user, roles; the bounded count, the page, versions, prices, charges
    with django_assert_num_queries(8):
        browser.get(LIST)
    for _ in range(20):
        make_plan(charges=[CALLS])
    with django_assert_num_queries(8):
        browser.get(LIST)
    ContentType.objects.get_for_model(Plan)  # kept by the process: whichever page asks first pays for it
    # the same three; the plan; the versions, their prices and charges; permissions
    with django_assert_num_queries(10):
        browser.get(f"{LIST}{plan.pk}/change/")


def _cells(context: Any) -> list[Any]:
    rows = [*context["prices"], *context["features"]]
    for charge in context["charges"]:
        rows += [charge, *charge["tiers"], *charge["bounds"]]
    return [*context["cells"], *(cell for row in rows for cell in row["cells"])]
