"""The pages of payments, methods and notices for staff."""

from datetime import UTC, datetime
from typing import Any

import pytest

from apps.access.rules import Role
from apps.payments.models import GatewayNotice, Payment
from tests.accounts.test_admin import staff
from tests.factories.invoices import invoice, payer
from tests.factories.payments import known_method, opened

pytestmark = pytest.mark.django_db
LISTS = ("payment", "paymentmethod", "gatewaynotice")


def rows(email: str = "ada@example.com") -> Payment:
    account = payer(email=email)
    known_method(account)
    payment = opened(invoice(4900, account=account))
    GatewayNotice.objects.create(
        gateway_event_id=f"evt_{payment.pk}", event_type="payment_intent.succeeded", object_id="pi_1",
        next_call_at=datetime(2026, 4, 1, tzinfo=UTC),
    )  # fmt: skip
    return payment


@pytest.mark.parametrize("role", list(Role))
def test_every_role_reads_and_none_edits(role: Role) -> None:
    payment, browser = rows(), staff(role)
    for name in LISTS:
        assert browser.get(f"/admin/payments/{name}/").status_code == 200
        assert browser.get(f"/admin/payments/{name}/add/").status_code == 403
    page = f"/admin/payments/payment/{payment.pk}/change/"
    assert "_save" not in browser.get(page).content.decode()
    assert browser.post(page, {"amount": 1}).status_code == 403
    assert browser.post(f"/admin/payments/payment/{payment.pk}/delete/").status_code == 403


@pytest.mark.fr("FR-068")
def test_a_failure_is_shown_found_and_filtered() -> None:
    failed, other = rows("eve@example.com"), rows()
    Payment.objects.filter(pk=failed.pk).update(
        status="FAILED", failure_code="insufficient_funds", failure_message="Not enough.", gateway_transaction_id="pi_9"
    )
    browser = staff(Role.SUPPORT_REP)
    shown = browser.get(f"/admin/payments/payment/{failed.pk}/change/").content.decode()
    assert "insufficient_funds" in shown
    assert "Not enough." in shown
    for term in ("status__exact=FAILED", "q=eve@example.com", "q=pi_9", f"q={failed.account_id}", f"q={failed.pk}"):
        text = browser.get(f"/admin/payments/payment/?{term}").content.decode()
        assert (str(failed.pk) in text, str(other.pk) in text) == (True, False), term
    method = failed.payment_method
    text = browser.get("/admin/payments/paymentmethod/?q=eve@example.com").content.decode()
    assert (str(method.pk) in text, str(other.payment_method_id) in text) == (True, False)


def test_pages_cost_the_same_whatever_they_show(django_assert_max_num_queries: Any) -> None:
    payment, browser = rows(), staff(Role.FINANCE_VIEWER)
    for _ in range(20):
        rows()
    for path in (*(f"{name}/" for name in LISTS), f"payment/{payment.pk}/change/"):
        with django_assert_max_num_queries(12):
            assert browser.get(f"/admin/payments/{path}").status_code == 200
