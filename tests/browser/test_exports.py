"""Accounts are exported from their list, as it is searched, and from a customer's page."""

import csv
import json
import os
from pathlib import Path

import pytest

from tests.browser.conftest import Desk
from tests.factories.accounts import make_account

pytestmark = pytest.mark.fr("FR-015")


def download(desk: Desk, folder: Path) -> tuple[str, str]:
    """The file that the button gives: its name and its text."""
    with desk.page.expect_download() as started:
        desk.page.get_by_role("link", name="Export", exact=True).click()
    path = folder / started.value.suggested_filename
    started.value.save_as(path)
    return path.name, path.read_text()


def test_from_the_list_and_from_a_page(desk: Desk, tmp_path: Path) -> None:
    account = make_account(name="Ada Lovelace", external_key="crm-1")
    for number in range(8):
        make_account(name=f"Grace {number}", email=f"grace{number}@example.com")
    desk.sign_in("finance_viewer")
    desk.open("/admin/accounts/account/?q=lovelace")
    name, text = download(desk, tmp_path)
    assert name == "accounts.csv"
    assert [row["name"] for row in csv.DictReader(text.splitlines())] == ["Ada Lovelace"]
    desk.open("/admin/accounts/account/")
    if folder := os.environ.get("SCREENSHOTS"):
        desk.page.screenshot(path=f"{folder}/export-list.png")
        desk.page.set_viewport_size({"width": 420, "height": 800})
        desk.page.screenshot(path=f"{folder}/export-list-phone.png")
        desk.page.set_viewport_size({"width": 1400, "height": 1000})
    desk.open(f"/admin/accounts/account/{account.pk}/change/")
    if folder := os.environ.get("SCREENSHOTS"):
        desk.page.screenshot(path=f"{folder}/export-account.png")
    name, text = download(desk, tmp_path)
    assert name == f"account-{account.pk}.json"
    assert json.loads(text)["account"]["external_key"] == "crm-1"


@pytest.mark.long
def test_it_is_not_offered_to_who_may_not(desk: Desk) -> None:
    account = make_account()
    desk.sign_in("support_rep")
    for path in ("/admin/accounts/account/", f"/admin/accounts/account/{account.pk}/change/"):
        desk.open(path)
        assert not desk.has_link("/export")
