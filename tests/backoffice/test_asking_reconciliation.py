"""Finance works off differences: shown with both sides, mended by one click after a look, dismissed with a reason."""

import pytest

from apps.access.rules import Role
from apps.credits.models import Grant
from apps.monitoring.invariants import broken
from apps.payments.models import Difference, GatewayMovement, Payment, Reconciliation
from tests.accounts.test_admin import staff
from tests.backoffice.asking import asked
from tests.backoffice.desk import actors, found, list_of
from tests.factories.payments import known_method
from tests.payments.test_api_reconciliation import difference

pytestmark = pytest.mark.django_db


@pytest.mark.fr("B-11", "FR-071", "FR-139")
def test_a_charge_is_recorded_after_its_amounts_were_seen() -> None:
    row, browser = difference(), staff(Role.BILLING_ADMIN)
    page = asked(browser, "payments_difference_apply", row).look()
    for text in ("At the gateway 49.00 USD", "In our books 0.00 USD", f"Off invoice {row.payment.invoice} 49.00 USD"):  # type: ignore[union-attr]
        assert text in page.page, text
    assert Payment.objects.get().status == "FAILED"
    assert page.confirm() == "Record it as paid: done. Recorded as the gateway has it."
    assert (Payment.objects.get().status, Difference.objects.get().status) == ("SUCCEEDED", "RESOLVED")
    assert "It is closed" in asked(browser, "payments_difference_apply", row).open().page
    [who] = actors("payments_difference", row.pk)
    assert who.startswith("user:")
    assert broken() == []
    for role in (Role.SUPPORT_REP, Role.FINANCE_VIEWER):
        other = staff(role)
        for way in ("apply", "dismiss"):
            assert asked(other, f"payments_difference_{way}", row).open().status == 403


@pytest.mark.fr("B-11")
def test_a_charge_without_a_payment_of_ours_becomes_credit() -> None:
    row, browser = difference(kind="charge_unknown", fix="take_over"), staff(Role.BILLING_ADMIN)
    Difference.objects.filter(pk=row.pk).delete()
    method = known_method(row.account)  # type: ignore[arg-type]
    customer = method.account.gateway_customer.gateway_id
    GatewayMovement.objects.create(
        gateway_id="txn_own", side="charge", amount=6000, currency="USD", charge_id="pi_own", source_id="ch_own",
        customer_id=customer, at=row.seen_at,
    )  # fmt: skip
    own = Difference.objects.create(
        kind="charge_unknown", fix="take_over", subject="pi_own", account=row.account, outside_amount=6000,
        our_amount=0, outside_currency="USD", our_currency="USD", seen_at=row.seen_at,
    )  # fmt: skip
    page = asked(browser, "payments_difference_apply", own).look()
    assert "To the account's credit 11.00 USD" in page.page
    assert page.confirm() == "Take it over for the account: done. Taken over for the account."
    assert Grant.objects.get().amount == 1100
    assert Payment.objects.get(gateway_transaction_id="pi_own").amount == 6000
    assert broken() == []


@pytest.mark.fr("B-11")
def test_the_gateway_is_asked_again_or_the_task_dismissed() -> None:
    row, browser = difference(), staff(Role.SUPER_ADMIN)
    payment = Payment.objects.get()
    Payment.objects.filter(pk=payment.pk).update(status="SUCCEEDED", gateway_transaction_id="pi_never")
    lost = Difference.objects.create(
        kind="payment_not_at_gateway", fix="look_again", subject="pi_never", account=payment.account, payment=payment,
        outside_amount=0, our_amount=4900, outside_currency="USD", our_currency="USD", seen_at=row.seen_at,
    )  # fmt: skip
    page = asked(browser, "payments_difference_apply", lost).look()
    assert not Reconciliation.objects.exists()
    assert "asked again" in page.confirm()
    assert Reconciliation.objects.count() == 1
    away = asked(browser, "payments_difference_dismiss", lost)
    assert "This field is required" in away.look(reason="").page
    assert "It comes back if an amount changes" in away.confirm(reason="Test key of last year")
    assert found(browser, Difference) == {row.pk}
    assert found(browser, Difference, tasks="dismissed") == {lost.pk}
    assert found(browser, Difference, tasks="all") == {row.pk, lost.pk}
    for term in ("pi_never", str(payment.pk), payment.account.email):
        assert lost.pk in found(browser, Difference, tasks="all", q=term), term
    assert "Test key of last year" in browser.get(f"{list_of(Difference)}{lost.pk}/change/").content.decode()
