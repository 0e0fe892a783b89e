"""Finance looks at recurring revenue, in both colour schemes and on a phone."""

import os
from datetime import timedelta
from typing import Any

import pytest

from apps.kernel import clock
from apps.subscriptions.actions.cancel import cancel
from apps.subscriptions.actions.change import change
from tests.browser.conftest import Desk
from tests.factories.accounts import make_account
from tests.factories.plans import make_plan
from tests.factories.subscriptions import ACTOR, make_subscription

pytestmark = pytest.mark.fr("FR-117")


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.long)])
def test_half_a_year_of_revenue(desk: Desk, scheme: Any) -> None:
    now = clock.wall()
    plan = make_plan(at=now - timedelta(days=200), prices={"USD": 4900})
    for month in range(6):
        then = now - timedelta(days=16 + 30 * month)
        some = [make_subscription(account=make_account(at=then), plan=plan, at=then) for _ in range(4)]
        change(subscription_id=some[0].pk, quantity=3, at=then + timedelta(days=2), actor=ACTOR)
        cancel(subscription_id=some[1].pk, at=then + timedelta(days=5), actor=ACTOR)
    page = desk.page
    page.emulate_media(color_scheme=scheme)
    desk.sign_in("finance_viewer")
    page.get_by_role("link", name="Recurring revenue", exact=False).first.click()
    page.wait_for_url("**/admin/revenue/")
    bars = page.locator("svg.bo-chart rect")
    assert bars.count() >= 6
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        page.screenshot(path=f"{folder}/revenue-{scheme}.png", full_page=True)
        page.set_viewport_size({"width": 390, "height": 844})
        page.screenshot(path=f"{folder}/revenue-phone-{scheme}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.set_viewport_size({"width": 1280, "height": 800})
    page.get_by_label("Months").select_option("3")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**months=3")
    assert bars.count() == 3
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename == "mrr.csv"
