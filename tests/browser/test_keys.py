"""A Super Admin gives a program a key: a double click makes one, it can be copied, and it is not shown again."""

import os
import re
from datetime import timedelta
from typing import Any

import pytest

from apps.access import window
from apps.access.actions import create_api_key, note_use, rotate_api_key
from apps.access.models import ApiKey
from apps.kernel import clock
from apps.kernel.actors import system
from tests.browser.conftest import Desk

pytestmark = pytest.mark.fr("FR-140")


def picture(page: Any, name: str) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_a_key_is_made_copied_and_gone(desk: Desk) -> None:
    page = desk.page
    desk.sign_in("super_admin")
    page.get_by_role("link", name="API keys", exact=False).first.click()
    page.locator("a[href$='/apikey/add/']").first.click()
    page.get_by_label("Name").fill("Online shop")
    page.get_by_label("Role").select_option("support_rep")
    page.get_by_label("May be used from").fill("203.0.113.0/24")
    picture(page, "key-form")
    page.get_by_role("button", name="Make a key").dblclick()
    page.locator("#secret").wait_for()
    plain = page.locator("#secret").inner_text()
    assert re.fullmatch(r"bk_test_[A-Za-z0-9]{51}", plain)
    picture(page, "key-once")
    page.get_by_role("button", name="Copy").click()
    page.get_by_role("link", name="I have it").click()
    page.wait_for_url("**/change/")
    assert ApiKey.objects.count() == 1
    assert plain not in page.content()
    picture(page, "key-page")


def test_the_list_of_keys_and_a_rotation(desk: Desk) -> None:
    now = clock.wall()
    given: dict[str, Any] = {"livemode": False, "at": now, "actor": system("tests")}
    shop, _ = create_api_key(name="Online shop", role="billing_admin", rate_limit=2000, **given)
    create_api_key(name="Reports", role="finance_viewer", rate_limit=0, **given)
    crm, _ = create_api_key(name="CRM", role="support_rep", expires_at=now + timedelta(days=90), **given)
    rotate_api_key(crm.pk, overlap=timedelta(hours=48), at=now, actor=system("tests"))
    note_use(shop, at=now)
    for _ in range(12):
        window.count(f"key:{shop.pk}", limit=2000, bucket_seconds=60)
    page = desk.page
    desk.sign_in("super_admin")
    desk.open("/admin/access/apikey/")
    assert page.get_by_text("1,988 of 2,000").count()
    assert page.get_by_text("in overlap").count()
    picture(page, "key-list")
    page.get_by_role("link", name="Online shop").click()
    page.get_by_role("link", name="Rotate").click()
    page.wait_for_url("**/rotate")
    picture(page, "key-rotate")
    page.get_by_role("button", name="Rotate").click()
    page.locator("#secret").wait_for()
    picture(page, "key-rotated")
    page.get_by_role("link", name="I have it").click()
    page.get_by_role("link", name="Revoke").click()
    page.wait_for_url("**/revoke")
    picture(page, "key-revoke")
    page.get_by_role("button", name="Revoke").click()
    page.wait_for_url("**/change/")
    assert page.get_by_text("revoked", exact=True).count()
    picture(page, "key-revoked")
