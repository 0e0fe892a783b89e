"""What staff do about money: collected again, given back, by role and shown before."""

from typing import Any

import pytest

from apps.access.rules import Role
from apps.invoices.models import Invoice
from apps.invoices.queries import balances
from apps.kernel import clock
from apps.monitoring.invariants import broken
from apps.payments.actions.record import record
from apps.payments.gateway import ChargeResult, Outcome
from apps.payments.models import Dispute, Payment, Refund
from tests.accounts.test_admin import staff
from tests.backoffice.asking import asked
from tests.factories.invoices import ACTOR, invoice, payer
from tests.factories.payments import known_method

pytestmark = pytest.mark.django_db


def ended(outcome: Outcome, amount: int = 4900) -> Payment:
    """A payment of an invoice with the gateway's answer written down."""
    account = payer()
    known_method(account)
    payment = Payment.objects.get(invoice=invoice(amount, account=account, at=clock.wall()))
    said = ChargeResult(outcome=outcome, gateway_id=f"pi_{payment.pk.hex}", code="insufficient_funds")
    record(payment_id=payment.pk, result=said, actor=ACTOR)
    payment.refresh_from_db()
    return payment


@pytest.mark.fr("FR-063", "FR-139")
def test_a_refund_is_shown_with_its_amounts_and_made() -> None:
    payment, browser = ended(Outcome.SUCCEEDED), staff(Role.BILLING_ADMIN)
    page = asked(browser, "payments_payment_refund", payment).look(amount="10.00", reason="late")
    for text in ("Goes back to the customer 10.00 USD", "Credit note", "Left of the payment 39.00 USD"):
        assert text in page.page, text
    assert not Refund.objects.exists()
    assert page.confirm(amount="10.00", reason="late") == f"10.00 USD of {payment.invoice} goes back."
    assert "Something has changed" in page.confirm(amount="10.00", reason="late")
    assert Refund.objects.get().amount == 1000
    large = asked(browser, "payments_payment_refund", payment).look(amount="39.01", reason="x")
    assert (large.seen, "At most 39.00 USD" in large.page) == ("", True)
    rest = asked(browser, "payments_payment_refund", payment).look(reason="all of it")
    assert rest.confirm(reason="all of it") == f"39.00 USD of {payment.invoice} goes back."
    assert "Nothing of it is left" in asked(browser, "payments_payment_refund", payment).open().page
    assert broken() == []
    for role in (Role.SUPPORT_REP, Role.FINANCE_VIEWER):
        assert asked(staff(role), "payments_payment_refund", payment).open().status == 403


@pytest.mark.fr("FR-060", "FR-139")
def test_support_collects_again() -> None:
    payment, browser = ended(Outcome.DECLINED), staff(Role.SUPPORT_REP)
    method = str(payment.payment_method_id)
    page = asked(browser, "invoices_invoice_pay", payment.invoice).look(method_id=method)
    assert "attempt 2 49.00 USD" in page.page
    assert page.confirm(method_id=method) == f"{payment.invoice} is being collected."
    assert Payment.objects.get(status="PENDING").attempt == 2
    going = asked(browser, "invoices_invoice_pay", payment.invoice).look(method_id=method)
    assert "is under way" in going.page
    assert asked(staff(Role.FINANCE_VIEWER), "invoices_invoice_pay", payment.invoice).open().status == 403


@pytest.mark.fr("FR-063", "FR-139")
def test_void_gives_back_by_choice() -> None:
    payment, browser = ended(Outcome.SUCCEEDED), staff(Role.BILLING_ADMIN)
    given = {"replace_it": "no", "payment": "refund", "reason": "wrong customer"}
    page = asked(browser, "invoices_invoice_void", payment.invoice).look(**given)
    assert "Goes back to the customer 49.00 USD" in page.page
    assert "To the account's credit 0.00 USD" in page.page
    assert "Nothing stands in its place" in page.confirm(**given)
    assert (Refund.objects.get().amount, Invoice.objects.get().status, broken()) == (4900, "VOID", [])


def test_the_pages_of_refunds_and_disputes(client: Any) -> None:
    payment = ended(Outcome.SUCCEEDED)
    dispute = Dispute.objects.create(
        payment=payment, invoice=payment.invoice, account=payment.account, gateway_dispute_id="du_1", status="OPEN",
        amount=4900, withdrawn=0, currency="USD", reason="fraudulent", opened_at=clock.wall(),
    )  # fmt: skip
    browser = staff(Role.FINANCE_VIEWER)
    page = browser.get("/admin/payments/dispute/?status__exact=OPEN").content.decode()
    assert "fraudulent" in page
    assert browser.get(f"/admin/payments/dispute/{dispute.pk}/change/").status_code == 200
    assert browser.get("/admin/payments/refund/").status_code == 200
    assert balances([payment.invoice_id])[payment.invoice_id].balance == 0
