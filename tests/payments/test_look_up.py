"""What an unanswered call may have done is found out before anything is called a failure: money may have moved."""

from typing import Any

import pytest
from django.db.models import F
from django.db.models.functions import Now

from apps.credits.models import Grant
from apps.monitoring.invariants import broken
from apps.payments.actions.refund import refund
from apps.payments.actions.sweep import sweep
from apps.payments.gateway import GatewayRefused, RefundResult
from apps.payments.models import Payment, PaymentMethod, Refund
from tests.factories.invoices import ACTOR, AT, invoice, payer
from tests.factories.payments import known_method
from tests.payments.test_model import ModelGateway

GATEWAYS: list[ModelGateway] = []


class Mute(ModelGateway):
    """Refuses to say which refunds there are, while it is told to."""

    mute = True

    def refunds_of(self, charge_id: str) -> list[RefundResult]:
        if self.mute:
            raise GatewayRefused("rate_limited_key", "This key may not list refunds.")
        return super().refunds_of(charge_id)


def connect() -> ModelGateway:
    """What PAYMENT_GATEWAY names here."""
    return GATEWAYS[-1]


@pytest.fixture
def gateway(committed_db: str, settings: Any) -> Any:
    settings.PAYMENT_GATEWAY = f"{__name__}.connect"
    GATEWAYS.append(Mute())
    yield GATEWAYS[-1]
    GATEWAYS.pop()


def work() -> None:
    """A sweep, with every lease over and every wait at its end."""
    for model in (Payment, Refund):
        rows = model.objects.filter(status="PENDING")
        rows.update(lease_token=None, lease_until=None, next_call_at=Now())
    sweep(seconds=5, actor=ACTOR)


@pytest.mark.fr("FR-062", "FR-063")
def test_a_refused_look_up_is_no_failed_refund(gateway: Mute) -> None:
    account = payer()
    known_method(account)
    invoice(5000, account=account)
    work()
    payment = Payment.objects.get(status="SUCCEEDED")
    row = refund(payment_id=payment.pk, amount=2000, reason="Asked", at=AT, actor=ACTOR)
    gateway.faults[:] = ["after"]
    work()
    for _ in range(2):
        work()
        row.refresh_from_db()
        assert (row.status, Grant.objects.count()) == ("PENDING", 0)
    gateway.mute = False
    work()
    row.refresh_from_db()
    assert row.status == "SUCCEEDED"
    assert [each.amount for each in gateway.back.values()] == [2000]
    assert broken() == []


@pytest.mark.fr("FR-062")
def test_a_charge_that_is_found_counts_though_its_method_is_gone(gateway: Mute) -> None:
    account = payer()
    method = known_method(account)
    invoice(5000, account=account)
    gateway.faults[:] = ["after"]
    work()
    assert Payment.objects.get().status == "PENDING"
    PaymentMethod.objects.filter(pk=method.pk).update(gateway_id=None, version=F("version") + 1)
    work()
    assert Payment.objects.get().status == "SUCCEEDED"
    assert len(gateway.charges) == 1
    assert broken() == []
