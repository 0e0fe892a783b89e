"""Tokens that wait for the worker: attached once whatever dies, refused visibly, and what is owed is collected."""

from typing import Any

import pytest

from apps.events.models import Event
from apps.invoices.models import Invoice
from apps.kernel import clock
from apps.payments.actions.attach import QueuedToken, queue_tokens
from apps.payments.models import PaymentMethod
from tests.factories.invoices import invoice, payer
from tests.factories.payments import ACTOR, run_sweep
from tests.stripe_sandbox.conftest import Sandbox


def queue(account: Any, token: str = "pm_card_visa") -> PaymentMethod:
    assert queue_tokens([QueuedToken(account.pk, token)], actor=ACTOR) == 1
    return PaymentMethod.objects.get(account=account, token=token)


@pytest.mark.fr("FR-003")
def test_attached_by_the_worker_and_what_is_owed_is_collected(books: str, sandbox: Sandbox) -> None:
    account = payer()
    owed = invoice(account=account)
    method = queue(account)
    assert method.status == "PENDING"
    run_sweep()
    method.refresh_from_db()
    assert (method.status, method.is_default, method.card_last4, method.next_call_at) == ("ACTIVE", True, "4242", None)
    assert Invoice.objects.get(pk=owed.pk).status == "PAID"
    assert queue_tokens([QueuedToken(account.pk, "pm_card_visa")], actor=ACTOR) == 0


@pytest.mark.fr("FR-003")
def test_a_refusal_is_kept_and_told_once(books: str, sandbox: Sandbox) -> None:
    method = queue(payer(), "pm_card_chargeDeclinedInsufficientFunds")
    run_sweep()
    run_sweep()
    method.refresh_from_db()
    assert (method.status, method.failure_code, method.next_call_at) == ("REFUSED", "insufficient_funds", None)
    assert Event.objects.filter(event_type="payment_method.attach_failed").count() == 1


@pytest.mark.fr("FR-003")
def test_an_answer_that_is_lost_attaches_once(books: str, sandbox: Sandbox) -> None:
    method = queue(payer())
    sandbox.fault(kind="timeout_after", operation="POST /v1/setup_intents", count=1, seconds=2)
    run_sweep(5)
    PaymentMethod.objects.filter(status="PENDING").update(next_call_at=clock.wall())
    run_sweep(5)
    method.refresh_from_db()
    assert method.status == "ACTIVE"
    assert Event.objects.filter(event_type="payment_method.attached").count() == 1
