"""Finance looks at what was recovered, in both colour schemes."""

import os
from datetime import timedelta
from typing import Any

import pytest

from apps.kernel import clock
from tests.analytics.cases import case
from tests.browser.conftest import Desk

pytestmark = pytest.mark.fr("SC-019")


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.long)])
def test_a_year_of_recoveries(desk: Desk, scheme: Any) -> None:
    now = clock.wall()
    for month in range(6):
        then = now - timedelta(days=15 + 30 * month)
        for origin, reason, amount in (
            ("retry", "insufficient_funds", 4900), ("retry", "insufficient_funds", 9900),
            ("page", "expired_card", 14900), ("person", "do_not_honor", 2900),
            ("", "stolen_card", 4900 * (1 + month % 2)),
        ):  # fmt: skip
            case(then, amount=amount, reason=reason, origin=origin, days=3 + month)
    page = desk.page
    page.emulate_media(color_scheme=scheme)
    desk.sign_in("finance_viewer")
    page.get_by_role("link", name="Recovery", exact=False).first.click()
    page.wait_for_url("**/admin/recovery/")
    bars = page.locator("svg.bo-chart rect")
    assert bars.count() == 6
    box = bars.first.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) > 3
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{folder}/recovery-{scheme}.png", full_page=True)
    page.get_by_label("Months").select_option("3")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**months=3")
    assert bars.count() == 3
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename == "recovery.csv"
