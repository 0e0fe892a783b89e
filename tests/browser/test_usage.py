"""Finance looks at a customer's usage in a real browser: from the subscription to its charts, and a period before."""

import os

import pytest

from apps.clocks.models import TestClock
from apps.kernel import clock
from apps.subscriptions.actions.late import sweep
from apps.subscriptions.due import run_thresholds
from apps.subscriptions.models import Subscription
from tests.browser.conftest import Desk
from tests.clocks.lives import move, new_clock
from tests.factories.accounts import make_account
from tests.factories.plans import make_plan
from tests.factories.subscriptions import ACTOR
from tests.subscriptions.lives import WALL
from tests.subscriptions.test_usage import TIERS, begun, time, use


@pytest.fixture
def metered(server: str) -> Subscription:
    """Ada's calls and users of April and May, with a threshold that was reached."""
    sweep(actor=ACTOR, often=True)
    ours: TestClock = new_clock(time("2026-04-01T00:00"))
    price = {"USD": {"tiers": TIERS}}
    plan = make_plan(name="Scale", charges=[
        {"key": "calls", "metric": "api_calls", "model": "graduated", "prices": price, "cap": "20000",
         "thresholds": [{"percent": "50"}, {"percent": "100"}, {"amount": 900, "currency": "USD"}]},
        {"key": "users", "metric": "api_calls", "aggregation": "unique_count", "unique_by": "user",
         "model": "per_unit", "prices": {"USD": {"tiers": [{"unit_price": "200"}]}}},
    ])  # fmt: skip
    made = begun(plan, "2026-04-01T00:00", make_account(name="Ada Lovelace", test_clock_id=ours.pk))
    for month, days in (("04", 30), ("05", 19)):
        move(ours, time(f"2026-{month}-{days}T12:00"))
        for day in range(1, days + 1):
            use(made, day * 37 % 11 * 97, f"2026-{month}-{day:02}T10:00", received=f"2026-{month}-{days}T12:00",
                properties={"user": f"u{day % 7}"})  # fmt: skip
    sweep(actor=ACTOR, often=True)
    run_thresholds(clock.wall(), WALL)
    return made


@pytest.mark.fr("FR-139")
@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.long)])
def test_from_a_subscription_to_its_charts(desk: Desk, metered: Subscription, scheme: str) -> None:
    page = desk.page
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    desk.sign_in("finance_viewer")
    assert desk.open(f"/admin/subscriptions/subscription/{metered.pk}/change/") == 200
    page.get_by_role("link", name="Usage", exact=False).and_(page.locator(".bo-button")).click()
    page.wait_for_url("**/usage")
    charts = page.locator("svg.bo-chart")
    assert charts.count() == 2
    bar = charts.first.locator("rect").nth(2)
    box = bar.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) > 3
    assert bar.locator("title").text_content() == "3 May: 97"
    frame = charts.first.bounding_box()
    assert frame is not None
    assert frame["x"] + frame["width"] <= 1400
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{folder}/usage-{scheme}.png", full_page=True)
    page.get_by_label("Period").select_option("2026-04-01")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**period=2026-04-01")
    assert "50 % (10,000) REACHED" in page.locator("body").inner_text().upper()
    page.get_by_role("link", name="Events").and_(page.locator(".bo-button")).click()
    page.wait_for_url("**/usageevent/**")
    assert "api_calls" in page.locator("#result_list").inner_text()
