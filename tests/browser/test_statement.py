"""A bank statement in a browser: a file is chosen, looked at, mended, recorded, and what is left is assigned."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from apps.kernel import clock
from apps.payments.models import Payment
from tests.browser.conftest import Desk
from tests.factories.invoices import invoice, payer

HEADER = "date;amount;currency;reference;payer\n"


@pytest.mark.fr("FR-070", "B-11")
def test_from_the_file_to_the_books(desk: Desk, tmp_path: Path) -> None:
    one = invoice(4900, account=payer(name="Grace Hopper"), at=clock.wall())
    day = clock.wall().date()
    good, bad = tmp_path / "april.csv", tmp_path / "bad.csv"
    good.write_text(f"{HEADER}{day};20,00;USD;{one.number};Ada GmbH\n{day};35,00;USD;thanks;Unknown AG\n")
    bad.write_text(f"{HEADER}1 April;20,00;USD;x;y\n")
    desk.sign_in("billing_admin")
    desk.open("/admin/payments/bankline/add/")
    page = desk.page
    for file, shown in ((bad, "Not a date"), (good, "pays a part")):
        page.locator("input[type=file]").set_input_files(str(file))
        page.get_by_role("button", name="Show what comes of it").click()
        expect(page.get_by_text(shown)).to_be_visible()
    page.get_by_role("button", name="Record it").click()
    expect(page.get_by_text("1 recorded, 1 became tasks")).to_be_visible()
    desk.open("/admin/payments/difference/")
    page.get_by_role("link", name="Money on our bank account").click()
    page.get_by_role("link", name="Say whose it is").click()
    page.get_by_label("or invoice").fill(str(one.number))
    page.get_by_role("button", name="Show what comes of it").click()
    page.get_by_role("button", name="Say whose it is").click()
    expect(page.get_by_text("Recorded for Grace Hopper").first).to_be_visible()
    assert sorted(Payment.objects.values_list("amount", flat=True)) == [2000, 3500]
