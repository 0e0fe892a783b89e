"""What a test clock waits for: charges, methods to be verified, and what the gateway told about its charges."""

from datetime import UTC, datetime

import pytest

from apps.clocks.actions import create
from apps.kernel import clock as kernel_clock
from apps.kernel.actors import system
from apps.kernel.schedule import Scope
from apps.payments import due
from apps.payments.models import GatewayNotice, Payment, PaymentMethod
from tests.factories.accounts import make_account
from tests.factories.payments import known_method
from tests.factories.subscriptions import make_subscription

AT = datetime(2028, 1, 31, 9, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def waits(clock_id: object) -> int:
    return due.pending(Scope(clock_id))  # type: ignore[arg-type]


def test_all_that_the_gateway_has_not_answered_counts_for_its_own_clock() -> None:
    mine, other = (create(name="life", frozen_time=AT, actor=system("tests")) for _ in range(2))
    account = make_account(at=AT, test_clock_id=mine.pk)
    known_method(account)
    assert waits(mine.pk) == 0
    make_subscription(account=account, at=AT)
    payment = Payment.objects.get(account=account)
    assert (waits(mine.pk), waits(other.pk), waits(None)) == (1, 0, 0)
    Payment.objects.filter(pk=payment.pk).update(status="SUCCEEDED", gateway_transaction_id="pi_1", settled_at=AT)
    notice = GatewayNotice.objects.create(
        gateway_event_id="evt_1", event_type="payment_intent.succeeded", object_id="pi_1",
        next_call_at=kernel_clock.wall(),
    )  # fmt: skip
    GatewayNotice.objects.create(gateway_event_id="evt_2", event_type="payment_intent.succeeded", object_id="pi_2")
    assert (waits(mine.pk), waits(other.pk)) == (1, 0)
    GatewayNotice.objects.filter(pk=notice.pk).update(status="DONE")
    assert waits(mine.pk) == 0


def test_a_method_that_the_worker_is_to_attach_counts_until_it_has_its_answer() -> None:
    mine = create(name="life", frozen_time=AT, actor=system("tests"))
    account = make_account(at=AT, test_clock_id=mine.pk)
    method = PaymentMethod.objects.create(
        account=account, status="PENDING", token="pm_card_visa", next_call_at=kernel_clock.wall()
    )
    assert waits(mine.pk) == 1
    PaymentMethod.objects.filter(pk=method.pk).update(status="REFUSED", next_call_at=None)
    assert waits(mine.pk) == 0
    assert (due.earliest(AT, Scope(mine.pk)), due.run(AT, Scope(mine.pk))) == (None, 0)
