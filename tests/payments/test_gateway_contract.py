"""What we rely on of the gateway, as Stripe's public documentation promises it, through the real SDK.

Against the sandbox by default; against Stripe's own test mode with STRIPE_CONTRACT_KEY=sk_test_... in the environment
(and STRIPE_CONTRACT_BASE, if not https://api.stripe.com). The account there needs SEPA debits switched on.
"""

import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import stripe

from apps.payments.gateway import (
    ChargeRequest,
    DisputeState,
    Gateway,
    GatewayRefused,
    Outcome,
    RefundRequest,
    RefundResult,
)
from apps.payments.stripe import StripeGateway
from tests.stripe_sandbox.conftest import KEY, Sandbox

REAL_KEY = os.environ.get("STRIPE_CONTRACT_KEY", "")
REAL_BASE = os.environ.get("STRIPE_CONTRACT_BASE", "https://api.stripe.com")
PATIENCE = 300 if REAL_KEY else 10
MANDATE: Any = {"customer_acceptance": {"type": "offline"}}

pytestmark = [pytest.mark.enable_socket] if REAL_KEY else []


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[stripe.StripeClient]:
    if REAL_KEY:
        yield stripe.StripeClient(REAL_KEY, base_addresses={"api": REAL_BASE})  # type: ignore[typeddict-item]
        return
    sandbox = Sandbox(tmp_path_factory.mktemp("contract"), "--debit-seconds", "0.3")
    yield sandbox.client(KEY)
    sandbox.stop()


@pytest.fixture
def gateway(client: stripe.StripeClient) -> Gateway:
    return StripeGateway(client)


@pytest.fixture
def customer_id(gateway: Gateway) -> str:
    return gateway.create_customer(account_id=uuid4(), email="ada@example.com", name="Ada", key=uuid4().hex)


@pytest.fixture
def charge(gateway: Gateway, client: stripe.StripeClient, customer_id: str) -> Callable[..., Any]:
    """Collect with a fresh method of this token; answers with the request and the gateway's word."""

    def collect(token: str = "pm_card_visa", amount: int = 4900, kind: str = "card") -> Any:
        params: Any = {"customer": customer_id, "payment_method": token, "confirm": True, "mandate_data": MANDATE}
        if kind == "card":
            method_id = client.v1.payment_methods.attach(token, {"customer": customer_id}).id
        else:
            method_id = str(client.v1.setup_intents.create({**params, "payment_method_types": [kind]}).payment_method)
        request = ChargeRequest(
            payment_id=uuid4(), invoice_id=uuid4(), amount=amount, currency="EUR", customer_id=customer_id,
            method_id=method_id, method_type=kind, description="Invoice 1",
        )  # fmt: skip
        return request, gateway.charge(request)

    return collect


def until(read: Callable[[], Any], holds: Callable[[Any], bool]) -> Any:
    end = time.monotonic() + PATIENCE
    while not holds(found := read()):
        assert time.monotonic() < end, found
        time.sleep(0.1 if not REAL_KEY else 2)
    return found


def test_a_customer_is_made_once(gateway: Gateway) -> None:
    given: Any = {"account_id": uuid4(), "email": "a@example.com", "name": "A", "key": uuid4().hex}
    assert gateway.create_customer(**given) == gateway.create_customer(**given)


@pytest.mark.fr("FR-069")
def test_a_method_is_verified_before_it_is_kept(gateway: Gateway, customer_id: str) -> None:
    key = uuid4().hex
    method = gateway.set_up(customer_id=customer_id, token="pm_card_visa", key=key)
    assert (method.type, method.card_brand, method.card_last4, method.attached) == ("card", "visa", "4242", True)
    assert gateway.set_up(customer_id=customer_id, token="pm_card_visa", key=key) == method
    with pytest.raises(GatewayRefused) as refused:
        gateway.set_up(customer_id=customer_id, token="pm_card_chargeDeclinedStolenCard", key=uuid4().hex)
    assert refused.value.code == "stolen_card"
    gateway.detach(method_id=method.gateway_id, key=uuid4().hex)
    assert not gateway.fetch_method(method.gateway_id).attached


def test_a_method_verified_in_the_browser(gateway: Gateway, client: stripe.StripeClient, customer_id: str) -> None:
    params: Any = {
        "customer": customer_id, "payment_method": "pm_success_de", "payment_method_types": ["sepa_debit"],
        "confirm": True, "mandate_data": MANDATE,
    }  # fmt: skip
    intent = client.v1.setup_intents.create(params)
    method = gateway.set_up(customer_id=customer_id, token=intent.id, key=uuid4().hex)
    assert (method.type, method.attached, len(method.card_last4)) == ("sepa_debit", True, 4)
    begun = client.v1.setup_intents.create({"customer": customer_id})
    with pytest.raises(GatewayRefused) as refused:
        gateway.set_up(customer_id=customer_id, token=begun.id, key=uuid4().hex)
    assert refused.value.code == "setup_not_finished"


@pytest.mark.fr("FR-062")
def test_a_charge_repeated_is_the_same_charge(gateway: Gateway, charge: Callable[..., Any], customer_id: str) -> None:
    began = datetime.now(UTC) - timedelta(hours=1)
    request, result = charge()
    assert (result.outcome, result.amount, result.currency) == (Outcome.SUCCEEDED, 4900, "EUR")
    assert result.payment_id == request.payment_id
    assert gateway.charge(request) == result
    assert gateway.fetch(result.gateway_id) == result

    def look(payment_id: UUID) -> Any:
        return gateway.find(payment_id=payment_id, customer_id=customer_id, since=began)

    assert look(request.payment_id) == result
    assert look(uuid4()) is None


@pytest.mark.fr("FR-059")
def test_a_decline_says_why(charge: Callable[..., Any], gateway: Gateway) -> None:
    _, result = charge("pm_card_chargeCustomerFail")
    assert (result.outcome, result.code, bool(result.message)) == (Outcome.DECLINED, "generic_decline", True)
    again = gateway.fetch(result.gateway_id)
    assert (again.outcome, again.code, again.payment_id) == (Outcome.DECLINED, "generic_decline", result.payment_id)


def test_a_charge_that_waits_for_its_customer(charge: Callable[..., Any], gateway: Gateway) -> None:
    request, result = charge("pm_card_authenticationRequired")
    assert (result.outcome, result.code, result.action_url) == (Outcome.REQUIRES_ACTION, "authentication_required", "")
    asked: Any = {
        "gateway_id": result.gateway_id, "method_id": request.method_id, "return_url": "https://example.com/back",
        "key": str(request.payment_id),
    }  # fmt: skip
    waiting = gateway.ask_customer(**asked)
    assert (waiting.outcome, waiting.gateway_id) == (Outcome.REQUIRES_ACTION, result.gateway_id)
    assert waiting.action_url.startswith("http")
    assert gateway.ask_customer(**asked) == waiting
    given_up = gateway.give_up(result.gateway_id)
    assert given_up.outcome is Outcome.FAILED
    assert gateway.give_up(result.gateway_id) == given_up


def test_giving_up_a_charge_that_succeeded_says_so(charge: Callable[..., Any], gateway: Gateway) -> None:
    _, result = charge()
    assert gateway.give_up(result.gateway_id).outcome is Outcome.SUCCEEDED


@pytest.mark.parametrize(("token", "end"), [("pm_success_de", "succeeded"), ("pm_failed_de", "declined")])
def test_a_bank_debit_is_answered_later(charge: Callable[..., Any], gateway: Gateway, token: str, end: str) -> None:
    request, result = charge(token, kind="sepa_debit")
    assert result.outcome is Outcome.PROCESSING
    ended = until(lambda: gateway.fetch(result.gateway_id), lambda each: each.outcome is not Outcome.PROCESSING)
    assert (ended.outcome, ended.payment_id) == (Outcome(end), request.payment_id)
    assert bool(ended.code) is (end == "declined")


@pytest.mark.fr("FR-063")
def test_refunds_never_exceed_the_charge(charge: Callable[..., Any], gateway: Gateway) -> None:
    _, paid = charge(amount=5000)
    request = RefundRequest(refund_id=uuid4(), charge_id=paid.gateway_id, amount=3000)
    refund = gateway.refund(request)
    assert refund == RefundResult(
        outcome=Outcome.SUCCEEDED, gateway_id=refund.gateway_id, charge_id=paid.gateway_id, amount=3000,
        currency="EUR", refund_id=request.refund_id,
    )  # fmt: skip
    assert gateway.refund(request) == refund
    assert gateway.fetch_refund(refund.gateway_id) == refund
    with pytest.raises(GatewayRefused):
        gateway.refund(RefundRequest(refund_id=uuid4(), charge_id=paid.gateway_id, amount=2001))
    rest = gateway.refund(RefundRequest(refund_id=uuid4(), charge_id=paid.gateway_id, amount=2000))
    assert gateway.refunds_of(paid.gateway_id) == [rest, refund]
    with pytest.raises(GatewayRefused):
        gateway.refund(RefundRequest(refund_id=uuid4(), charge_id=paid.gateway_id, amount=1))


@pytest.mark.parametrize(
    ("evidence", "state", "held"),
    [("winning_evidence", DisputeState.WON, 0), ("losing_evidence", DisputeState.LOST, 4900)],
)
def test_a_dispute_from_its_start_to_its_end(
    charge: Callable[..., Any], gateway: Gateway, client: stripe.StripeClient, evidence: str, state: Any, held: int
) -> None:
    _, paid = charge("pm_card_createDispute")
    listed = lambda: client.v1.disputes.list({"payment_intent": paid.gateway_id}).data  # noqa: E731
    [found] = until(listed, bool)
    dispute = gateway.fetch_dispute(found.id)
    assert (dispute.state, dispute.charge_id, dispute.currency) == (DisputeState.OPEN, paid.gateway_id, "EUR")
    assert (dispute.amount, dispute.withdrawn, dispute.reason) == (4900, 4900, "fraudulent")
    client.v1.disputes.update(found.id, {"evidence": {"uncategorized_text": evidence}})
    ended = until(lambda: gateway.fetch_dispute(found.id), lambda each: each.state is state)
    assert ended.withdrawn == held


@pytest.mark.fr("FR-071")
def test_what_moved_the_balance_names_our_rows(charge: Callable[..., Any], gateway: Gateway) -> None:
    now = datetime.now(UTC)
    request, paid = charge(amount=5000)
    given = RefundRequest(refund_id=uuid4(), charge_id=paid.gateway_id, amount=1200)
    gateway.refund(given)
    window: Any = {"since": now - timedelta(minutes=10), "until": now + timedelta(minutes=10)}
    found = [each for each in gateway.movements(**window) if each.charge_id == paid.gateway_id]
    assert [(each.kind, each.amount, each.payment_id, each.refund_id) for each in found] == [
        ("refund", -1200, None, given.refund_id),
        ("charge", 5000, request.payment_id, None),
    ]
    assert found[1].fee > 0
    assert list(gateway.movements(since=now - timedelta(days=2), until=now - timedelta(days=1))) == []
