"""What PostgreSQL itself refuses, whoever asks."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import IntegrityError, InternalError, connection, transaction

from apps.payments.actions.open import Owed, open_payments
from apps.payments.models import GatewayCustomer, GatewayNotice, Payment, PaymentMethod
from apps.payments.rules import METHOD_TRANSITIONS, TRANSITIONS, MethodStatus, Status
from tests.factories.invoices import invoice, payer
from tests.factories.payments import known_method, opened

pytestmark = pytest.mark.django_db
REFUSED = (IntegrityError, InternalError)


def sql(statement: str, *values: object) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def refused(statement: str, *values: object) -> str:
    with pytest.raises(REFUSED) as error:
        sql(statement, *values)
    return str(error.value)


def a_payment() -> Payment:
    account = payer()
    known_method(account)
    return opened(invoice(4900, account=account))


@pytest.mark.fr("FR-062")
def test_one_pending_payment_an_invoice() -> None:
    payment = a_payment()
    owed = [Owed(payment.invoice_id, payment.account_id, 4900, "USD")]
    with pytest.raises(IntegrityError, match="payments_one_open_per_invoice"), transaction.atomic():
        open_payments(owed)
    Payment.objects.filter(pk=payment.pk).update(status="FAILED")
    assert len(open_payments(owed)) == 1


@pytest.mark.fr("FR-059")
@pytest.mark.parametrize("start", Status)
def test_payments_move_along_their_transitions(start: Status) -> None:
    for step in set(Status) - {start}:
        payment = a_payment()
        if start is not Status.PENDING:
            sql("UPDATE payments_payment SET status = %s WHERE id = %s", start, payment.pk)
        if step in TRANSITIONS[start]:
            sql("UPDATE payments_payment SET status = %s WHERE id = %s", step, payment.pk)
        else:
            assert "may not go" in refused("UPDATE payments_payment SET status = %s WHERE id = %s", step, payment.pk)
    assert refused("UPDATE payments_payment SET status = 'LOST'")


@pytest.mark.parametrize("start", MethodStatus)
def test_methods_move_along_their_transitions(start: MethodStatus) -> None:
    for step in set(MethodStatus) - {start}:
        method = known_method(payer(), status=start.value, is_default=start is MethodStatus.ACTIVE)
        change = "UPDATE payments_paymentmethod SET status = %s, is_default = %s WHERE id = %s"
        values = (step, step is MethodStatus.ACTIVE, method.pk)
        if step in METHOD_TRANSITIONS[start]:
            sql(change, *values)
        else:
            assert "may not go" in refused(change, *values)


@pytest.mark.parametrize(
    "change", ["amount = 0", "amount = -1", "amount_refunded = -1", "amount_refunded = amount + 1"]
)
def test_amounts(change: str) -> None:
    a_payment()
    assert "violates check constraint" in refused(f"UPDATE payments_payment SET {change}")


@pytest.mark.fr("FR-011")
def test_exactly_one_default_as_long_as_there_is_one() -> None:
    account = payer()
    first = known_method(account)
    second = known_method(account)
    assert "payments_one_default_method" in refused(
        "UPDATE payments_paymentmethod SET is_default = true WHERE id = %s", second.pk
    )
    none = "none is the default"
    assert none in refused("UPDATE payments_paymentmethod SET is_default = false WHERE id = %s", first.pk)
    assert none in refused("DELETE FROM payments_paymentmethod WHERE id = %s", first.pk)
    detach = "UPDATE payments_paymentmethod SET status = 'DETACHED', is_default = false WHERE id = %s"
    assert none in refused(detach, first.pk)
    assert none in refused("UPDATE payments_paymentmethod SET account_id = %s WHERE id = %s", payer().pk, first.pk)
    assert "payments_default_is_active" in refused(
        "UPDATE payments_paymentmethod SET status = 'DETACHED' WHERE id = %s", first.pk
    )
    with transaction.atomic():
        sql(
            "UPDATE payments_paymentmethod SET status = 'DETACHED', is_default = false WHERE account_id = %s",
            account.pk,
        )
    assert not PaymentMethod.objects.filter(is_default=True).exists()


def test_gateway_ids_are_ours_once() -> None:
    method, payment = known_method(payer()), a_payment()
    with pytest.raises(IntegrityError), transaction.atomic():
        known_method(payer(), gateway_id=method.gateway_id)
    Payment.objects.filter(pk=payment.pk).update(gateway_transaction_id="pi_1")
    with pytest.raises(IntegrityError), transaction.atomic():
        Payment.objects.filter(pk=a_payment().pk).update(gateway_transaction_id="pi_1")


def test_a_customer_at_the_gateway_is_for_ever() -> None:
    known_method(payer())
    assert "its rows are final" in refused("UPDATE payments_gatewaycustomer SET gateway_id = 'cus_2'")
    assert refused("DELETE FROM payments_gatewaycustomer")
    assert GatewayCustomer.objects.count() == 1


def test_a_notice_is_kept_once() -> None:
    told = {"event_type": "x", "object_id": "pi_1", "next_call_at": datetime(2026, 4, 1, tzinfo=UTC)}
    GatewayNotice.objects.create(gateway_event_id="evt_1", **told)
    with pytest.raises(IntegrityError), transaction.atomic():
        GatewayNotice.objects.create(gateway_event_id="evt_1", **told, id=uuid4())


@pytest.mark.fr("SC-019")
def test_an_origin_is_a_known_one() -> None:
    payment = a_payment()
    said = refused("UPDATE payments_payment SET origin = 'nonsense' WHERE id = %s", payment.pk)
    assert "payments_origin_known" in said
