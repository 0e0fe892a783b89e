"""VAT numbers in a real browser: on the customer's page, in their list, and asked about again."""

import os

import pytest

from apps.kernel import clock
from apps.tax.models import TaxId
from apps.tax.vat_rules import Status
from tests.browser.conftest import Desk
from tests.factories.accounts import make_account
from tests.factories.tax import answered


def keep(desk: Desk, name: str) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        desk.page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.mark.fr("FR-100")
def test_how_a_number_stands_and_asked_again(desk: Desk) -> None:
    page = desk.page
    account = make_account(name="Grace SA", tax_id="FR40303265045", country="FR")
    other = make_account(name="Eve GmbH", tax_id="DE136695977", country="DE")
    make_account(tax_id="LU30000070", country="LU")
    answered("EL094259216", Status.INVALID)
    number = answered("FR40303265045")
    TaxId.objects.filter(number="LU30000070").update(last_error="VIES says MS_UNAVAILABLE.", calls=3)
    desk.sign_in("billing_admin")
    assert desk.open("/admin/tax/taxid/") == 200
    shown = page.locator("#content-main").inner_text()
    assert "WAPIAAAAX1" in shown
    assert "VIES says MS_UNAVAILABLE." in shown
    keep(desk, "vat-numbers")
    assert desk.open("/admin/tax/taxid/?q=fr+40+303+265+045") == 200
    assert page.locator("#result_list tbody tr").count() == 1
    assert desk.open(f"/admin/accounts/account/{other.pk}/change/") == 200
    assert "DE136695977 is no VAT number of the European Union" in page.locator("#content-main").inner_text()
    assert desk.open(f"/admin/accounts/account/{account.pk}/change/") == 200
    keep(desk, "vat-number-of-a-customer")
    page.get_by_role("link", name="FR40303265045").first.click()
    page.wait_for_url("**/tax/taxid/**")
    keep(desk, "vat-number")
    page.get_by_role("link", name="Ask VIES again").click()
    page.get_by_role("button", name="Ask VIES again").click()
    page.wait_for_url("**/change/")
    assert "VIES is asked at once" in page.inner_text("body")
    waits = TaxId.objects.get(pk=number.pk).next_call_at
    assert waits is not None
    assert waits <= clock.wall()
