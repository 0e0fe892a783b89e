"""A coupon in a real browser: put on a one-off invoice, and taken off a subscription, each shown before it is done."""

import pytest

from apps.coupons.models import Attachment
from apps.invoices.models import Invoice
from apps.kernel import clock
from tests.browser.conftest import Desk
from tests.factories.coupons import make_coupon
from tests.factories.subscriptions import make_subscription


@pytest.mark.fr("B-09", "FR-139")
def test_on_a_sale_and_off_a_subscription(desk: Desk) -> None:
    page = desk.page
    half = make_coupon(code="HALF", name="Half price", duration="forever")
    made = make_subscription(coupon=half.code, at=clock.wall())
    desk.sign_in("billing_admin")
    assert desk.open(f"/admin/accounts/account/{made.account_id}/change/") == 200
    page.get_by_role("link", name="One-off invoice").click()
    page.get_by_label("Line 1").fill("Set-up")
    page.get_by_label("Price each in USD").first.fill("120")
    page.get_by_label("Coupon code").fill("HAFL")
    page.get_by_label("Coupon code").press("Enter")  # what would come of it, not the deed
    assert "There is no coupon 'HAFL'." in page.locator("#content-main").inner_text()
    page.get_by_label("Coupon code").fill("half")
    page.get_by_role("button", name="Show what comes of it").click()
    shown = page.locator("#content-main").inner_text()
    assert "-60.00 USD" in shown
    ends = [page.locator(each).bounding_box() for each in ("#id_price_1", "section.bo-question")]
    field, card = (box["x"] + box["width"] for box in ends if box)
    assert field < card
    page.get_by_role("button", name="One-off invoice").click()
    page.wait_for_url("**/invoices/invoice/**")
    assert Invoice.objects.get(kind="one_off").total == 6000

    desk.open(f"/admin/subscriptions/subscription/{made.pk}/change/")
    page.get_by_role("link", name="Take a coupon off").click()
    page.get_by_role("button", name="Show what comes of it").click()
    assert "49.00 USD" in page.locator("#content-main").inner_text()
    page.get_by_role("button", name="Take a coupon off").click()
    page.get_by_text("The coupon is taken off.").wait_for()
    assert Attachment.objects.get(subscription_id=made.pk).detached_at is not None
