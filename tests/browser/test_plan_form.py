"""A finance person makes a plan with usage, and then a dearer version of it, in a real browser."""

import re
import time

import pytest

from apps.plans.models import Plan
from apps.plans.objects import plan_objects
from apps.rest.objects import builtins
from tests.browser.conftest import Desk

SAVED = re.compile("/change/")


@pytest.mark.fr("SC-022", "FR-022")
def test_a_plan_is_made_in_a_few_clicks(desk: Desk) -> None:
    page = desk.page
    began = time.monotonic()
    desk.sign_in("billing_admin")
    assert desk.open("/admin/plans/plan/") == 200
    page.locator("a[href*='/plans/plan/add/']").first.click()
    page.get_by_label("Name", exact=True).first.fill("Scale")
    page.get_by_label("Currency").fill("USD")
    page.get_by_label("Price", exact=True).fill("99")
    page.get_by_role("button", name="A metered charge").click()
    page.get_by_label("Metric").fill("api_calls")
    page.get_by_label("Priced").select_option("graduated")
    page.locator("[name=charges-0-tiers-0-up_to]").fill("10,000")
    page.locator("[name=charges-0-tiers-0-unit_price]").fill("0")
    page.get_by_role("button", name="Another tier").click()
    page.locator("[name=charges-0-tiers-1-unit_price]").fill("0.0025")
    page.get_by_role("button", name="Show what would happen").click()
    assert "above 10,000: 0.0025 USD each" in page.locator("#preview").inner_text()
    page.locator("#preview").get_by_role("button", name="Save").click()
    page.wait_for_url(SAVED)
    shown = builtins(plan_objects([Plan.objects.get()])[0])
    assert (shown["key"], shown["prices"]) == ("scale", {"USD": 9900})
    assert [tier["unit_price"] for tier in shown["charges"][0]["prices"]["USD"]["tiers"]] == ["0", "0.25"]

    page.get_by_role("link", name="New version").click()
    page.get_by_label("Price", exact=True).fill("119")
    page.get_by_label("Price", exact=True).press("Enter")  # what would happen, not the deed
    assert "Version 2 would come" in page.locator("#preview").inner_text()
    assert Plan.objects.get().current_version == 1
    page.get_by_role("button", name="Save").last.click()
    page.wait_for_url(SAVED)
    assert Plan.objects.get().current_version == 2
    assert time.monotonic() - began < 60
