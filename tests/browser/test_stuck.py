"""Somebody asks why it is stuck, finds it, and has it tried: in both colour schemes, on a phone too."""

import os
from typing import Any

import pytest

from apps.payments.models import Payment
from tests.backoffice.planted import planted
from tests.browser.conftest import Desk

pytestmark = pytest.mark.fr("B-14")


@pytest.mark.parametrize(("scheme", "width"), [("light", 1400), ("dark", 390)])
def test_a_lost_worker_is_found_and_its_work_tried(desk: Desk, scheme: Any, width: int) -> None:
    of = planted()
    page = desk.page
    page.emulate_media(color_scheme=scheme)
    desk.sign_in("super_admin")
    page.get_by_role("link", name="Why is this stuck?").first.click()
    page.wait_for_url("**/admin/stuck/")
    page.set_viewport_size({"width": width, "height": 1000})
    assert page.get_by_role("heading", name="Scheduler", exact=True).is_visible()
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        page.screenshot(path=f"{folder}/stuck-{scheme}.png", full_page=True)
    page.get_by_label("Work").select_option(label="Charges")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**kind=payments.charges")
    row = page.locator("table tbody tr").filter(has_text="worker lost")
    assert row.count() == 1
    if folder:
        page.screenshot(path=f"{folder}/stuck-kind-{scheme}.png", full_page=True)
    row.get_by_role("button", name="Try now").click()
    page.wait_for_load_state()
    assert page.get_by_text("It is tried now").count() == 1
    assert Payment.objects.get(pk=of.of.payment.pk).lease_token is None
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
