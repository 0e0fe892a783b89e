"""What staff do with coupons beside making them: take one off a subscription, put one on a one-off invoice."""

from typing import Any

import pytest

from apps.access.models import User
from apps.access.rules import Role
from apps.coupons.models import Attachment, CouponUse
from apps.invoices.models import Invoice
from apps.kernel import clock
from apps.monitoring.invariants import broken
from tests.accounts.test_admin import staff
from tests.backoffice.asking import asked
from tests.backoffice.desk import actors, detail
from tests.factories.coupons import make_coupon
from tests.factories.invoices import payer
from tests.factories.subscriptions import make_subscription

pytestmark = [pytest.mark.django_db, pytest.mark.fr("B-09", "FR-139")]


def test_a_coupon_is_taken_off_with_the_next_renewal_shown() -> None:
    half, browser = make_coupon(code="HALF", name="Half price", duration="forever"), staff(Role.BILLING_ADMIN)
    made = make_subscription(coupon=half.code, at=clock.wall())
    assert "/detach-coupon" in browser.get(detail(made)).content.decode()
    page = asked(browser, "subscriptions_subscription_detach_coupon", made)
    assert "HALF: Half price" in page.open().page
    wanted = {"coupon_id": str(half.pk)}
    page.look(**wanted)
    assert "After that, at the next renewal" in page.page
    assert "Total 49.00 USD" in page.page
    assert Attachment.objects.get().detached_at is None
    assert page.confirm(**wanted) == "The coupon is taken off."
    assert Attachment.objects.get().detached_at is not None
    assert str(User.objects.get().actor) in actors("subscriptions_subscription", made.pk)
    assert "No coupon is on it." in page.confirm(**wanted)
    assert "/detach-coupon" not in browser.get(detail(made)).content.decode()
    assert list(Invoice.objects.values_list("total", flat=True)) == [2450]


def test_who_may_take_it_off() -> None:
    made = make_subscription(coupon=make_coupon(duration="forever").code, at=clock.wall())
    for role, status in ((Role.SUPER_ADMIN, 200), (Role.SUPPORT_REP, 403), (Role.FINANCE_VIEWER, 403)):
        browser = staff(role)
        assert asked(browser, "subscriptions_subscription_detach_coupon", made).open().status == status
        assert ("/detach-coupon" in browser.get(detail(made)).content.decode()) == (status == 200)
    other = asked(staff(Role.BILLING_ADMIN), "subscriptions_subscription_detach_coupon", made)
    wrong = other.look(coupon_id=str(make_coupon().pk))
    assert ("not one of the available choices" in wrong.page, wrong.seen) == (True, "")


def test_a_one_off_invoice_with_a_coupon() -> None:
    half, browser, account = make_coupon(code="HALF"), staff(Role.SUPPORT_REP), payer()
    given = {"what_1": "Set-up", "price_1": "120", "what_2": "Training", "price_2": "80.01", "coupon": " half "}
    page = asked(browser, "accounts_account_one_off_invoice", account).look(**given)
    for text in ("-60.00 USD", "-40.01 USD", "Total 100.00 USD"):
        assert text in page.page, text
    half.refresh_from_db()
    assert (half.redeemed, Invoice.objects.count()) == (0, 0)
    assert page.confirm(**given) == "The invoice is final and owed."
    assert (Invoice.objects.get().discount, CouponUse.objects.get().amount) == (10001, 10001)
    assert "Something has changed" in page.confirm(**given)
    assert (Invoice.objects.count(), broken()) == (1, [])


@pytest.mark.parametrize(
    ("coupon", "fields", "text"),
    [
        ("NONE", {}, "There is no coupon 'NONE'."),
        ("YEN", {"code": "YEN", "amount_off": 100, "currency": "JPY"}, "is in JPY, the account in USD"),
        ("ONE", {"code": "ONE", "max_redemptions": 1}, "all are taken"),
        ("x" * 256, {}, "at most 255 characters"),
    ],
)
def test_a_coupon_that_cannot_be_used_is_said_beside_its_field(coupon: str, fields: dict[str, Any], text: str) -> None:
    if fields:
        make_coupon(**fields)
    if "max_redemptions" in fields:
        make_subscription(coupon=coupon)
    page = asked(staff(Role.SUPPORT_REP), "accounts_account_one_off_invoice", payer())
    page.look(what_1="Set-up", price_1="120", coupon=coupon)
    assert (text in page.page, page.seen) == (True, ""), page.page
