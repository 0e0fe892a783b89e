"""Charges taken back by the customer's bank: by card, on demand, won and lost."""

from collections.abc import Callable

import pytest
import stripe

from tests.stripe_sandbox.conftest import Receiver, Sandbox

Pay = Callable[..., stripe.PaymentIntent]


def moved(client: stripe.StripeClient, dispute: stripe.Dispute) -> list[tuple[str, int, int]]:
    found = client.v1.balance_transactions.list({"source": dispute.id}).data
    return [(each.reporting_category, each.amount, each.fee) for each in reversed(found)]


def test_a_card_whose_charges_are_disputed(client: stripe.StripeClient, customer: stripe.Customer, pay: Pay) -> None:
    card = client.v1.payment_methods.attach("pm_card_createDispute", {"customer": customer.id})
    intent = pay(client, payment_method=card.id)
    assert intent.status == "succeeded"
    [dispute] = client.v1.disputes.list({"payment_intent": intent.id}).data
    assert (dispute.status, dispute.reason, dispute.amount) == ("needs_response", "fraudulent", 1999)
    assert moved(client, dispute) == [("dispute", -1999, 1500)]
    assert client.v1.charges.retrieve(str(intent.latest_charge)).disputed
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.refunds.create({"payment_intent": intent.id})
    assert caught.value.code == "charge_disputed"


@pytest.mark.parametrize(
    ("evidence", "status", "left"), [("winning_evidence", "won", 0), ("losing_evidence", "lost", -1999)]
)
def test_evidence_decides(
    sandbox: Sandbox, client: stripe.StripeClient, pay: Pay, evidence: str, status: str, left: int
) -> None:
    intent = pay(client)
    code, opened = sandbox.call("POST", "/_sandbox/disputes", {"charge": intent.id, "reason": "duplicate"})
    assert code == 200
    ended = client.v1.disputes.update(opened["id"], {"evidence": {"uncategorized_text": evidence}})
    assert ended.status == status
    assert sum(amount for _, amount, _ in moved(client, ended)) == left
    with pytest.raises(stripe.InvalidRequestError, match="already closed"):
        client.v1.disputes.close(opened["id"])


def test_an_inquiry_takes_nothing(client: stripe.StripeClient, customer: stripe.Customer, pay: Pay) -> None:
    card = client.v1.payment_methods.attach("pm_card_createDisputeInquiry", {"customer": customer.id})
    intent = pay(client, payment_method=card.id)
    [dispute] = client.v1.disputes.list({"payment_intent": intent.id}).data
    assert (dispute.status, moved(client, dispute)) == ("warning_needs_response", [])
    assert client.v1.refunds.create({"payment_intent": intent.id}).status == "succeeded"


def test_only_what_is_left_of_a_charge(sandbox: Sandbox, client: stripe.StripeClient, pay: Pay) -> None:
    intent = pay(client)
    client.v1.refunds.create({"payment_intent": intent.id, "amount": 1000})
    for wrong in ({"amount": 1000}, {"amount": 0}, {"reason": "because"}, {"charge": "ch_none"}):
        assert sandbox.call("POST", "/_sandbox/disputes", {"charge": intent.id, **wrong})[0] == 400, wrong
    assert sandbox.call("POST", "/_sandbox/disputes", {"charge": intent.id})[1]["amount"] == 999
    assert sandbox.call("POST", "/_sandbox/disputes", {"charge": intent.id})[0] == 400, "disputed once"


def test_what_is_told(client: stripe.StripeClient, sandbox: Sandbox, receiver: Receiver, pay: Pay) -> None:
    endpoint = client.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["*"]})
    intent = pay(client)
    receiver.wait_for(3)
    opened = sandbox.call("POST", "/_sandbox/disputes", {"charge": intent.id})[1]
    sandbox.call("POST", "/_sandbox/disputes", {"dispute": opened["id"], "outcome": "won"})
    told = set(receiver.wait_for(7))
    client.v1.webhook_endpoints.delete(endpoint.id)
    names = ("created", "funds_withdrawn", "closed", "funds_reinstated")
    assert {f"charge.dispute.{name}" for name in names} <= told
