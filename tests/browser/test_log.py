"""A Super Admin asks who has seen a customer: on the customer's page, and in the log."""

import os

import pytest

from apps.access.models import User
from apps.audit.actions import note_access
from apps.audit.rules import Access
from tests.browser.conftest import Desk
from tests.factories.accounts import make_account

pytestmark = pytest.mark.fr("FR-006")


def test_who_has_seen_a_customer(desk: Desk) -> None:
    account = make_account(name="Ada Lovelace")
    grace = User.objects.create_user(username="grace.hopper", is_staff=True)
    for kind, page in (
        (Access.VIEW, "accounts_account_change"),
        (Access.EXPORT, "/v1/accounts/{account_id}/statement"),
    ):
        note_access(kind, table="accounts_account", row_id=str(account.pk), details={"page": page}, actor=grace.actor)
    page = desk.page
    desk.sign_in("super_admin")
    desk.open(f"/admin/accounts/account/{account.pk}/change/")
    table = page.locator("section", has_text="Who has seen it")
    assert table.get_by_text("grace.hopper").count() == 2
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{folder}/seen.png", full_page=True)
    table.get_by_role("link", name="See all").click()
    page.wait_for_url("**what=access**")
    assert page.get_by_text("super_admin-desk").count() > 1
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{folder}/log.png", full_page=True)
    page.locator("#result_list tbody a").first.click()
    page.wait_for_url("**/change/**")
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{folder}/log-entry.png", full_page=True)
