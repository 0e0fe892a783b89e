"""Events reach the endpoint signed, are repeated until it takes them, survive a restart, and go wrong on demand."""

import json
import signal
import time
from collections.abc import Callable

import pytest
import stripe

from tests.stripe_sandbox.conftest import Receiver, Sandbox

SECRET = "whsec_" + "s" * 32
Start = Callable[..., Sandbox]


def registered(start_sandbox: Start, receiver: Receiver, *options: str) -> Sandbox:
    return start_sandbox("--webhook-url", receiver.url, "--webhook-secret", SECRET, *options)


def test_a_payment_is_told_signed_and_in_full(start_sandbox: Start, receiver: Receiver) -> None:
    client = registered(start_sandbox, receiver).client()
    customer = client.v1.customers.create({"email": "a@example.com"})
    card = client.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    intent = client.v1.payment_intents.create(
        {
            "amount": 700,
            "currency": "eur",
            "customer": customer.id,
            "payment_method": card.id,
            "confirm": True,
            "off_session": True,
        },
        {"idempotency_key": "told"},
    )
    types = receiver.wait_for(5)
    assert sorted(types) == [
        "charge.succeeded",
        "customer.created",
        "payment_intent.created",
        "payment_intent.succeeded",
        "payment_method.attached",
    ]
    events = {}
    for body, header in receiver.calls:
        event = stripe.Webhook.construct_event(body, header, SECRET)
        events[event.type] = event
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(body, header, "whsec_other")
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(body + b" ", header, SECRET)
    told = events["payment_intent.succeeded"]
    assert told.data.object.id == intent.id
    assert told.data.object.status == "succeeded"
    assert told["request"]["idempotency_key"] == "told"
    assert events["payment_intent.created"].data.object.status == "requires_payment_method"
    stored = client.v1.events.retrieve(told.id)
    assert stored.data.object.id == intent.id
    assert [event.id for event in client.v1.events.list({"type": told.type})] == [told.id]
    assert {event.type for event in client.v1.events.list({"type": "payment_intent.*"})} == {
        "payment_intent.created",
        "payment_intent.succeeded",
    }


def test_refused_deliveries_are_repeated_until_taken(start_sandbox: Start, receiver: Receiver) -> None:
    sandbox = registered(start_sandbox, receiver)
    receiver.codes = [500, 302, 429]
    sandbox.client().v1.customers.create({"name": "again"})
    assert receiver.wait_for(4) == ["customer.created"] * 4
    assert len({json.loads(body)["id"] for body, _ in receiver.calls}) == 1
    wait_until_delivered(sandbox)


def test_attempts_end(start_sandbox: Start, receiver: Receiver) -> None:
    sandbox = registered(start_sandbox, receiver, "--retry-attempts", "2")
    receiver.codes = [500] * 5
    sandbox.client().v1.customers.create({"name": "never"})
    wait_until_delivered(sandbox)
    assert len(receiver.calls) == 2


def test_pending_deliveries_survive_kill(start_sandbox: Start, receiver: Receiver) -> None:
    sandbox = registered(start_sandbox, receiver, "--retry-base", "30")
    receiver.codes = [503]
    sandbox.client().v1.customers.create({"name": "later"})
    receiver.wait_for(1)
    sandbox.stop(signal.SIGKILL)
    sandbox.start()
    assert receiver.wait_for(2) == ["customer.created"] * 2
    endpoints = sandbox.client().v1.webhook_endpoints.list()
    assert [endpoint.url for endpoint in endpoints] == [receiver.url]


def test_the_command_lines_endpoint_follows_its_url(start_sandbox: Start, receiver: Receiver) -> None:
    sandbox = start_sandbox("--webhook-url", "http://127.0.0.1:9/gone", "--webhook-secret", "whsec_old")
    sandbox.client().v1.customers.create({"name": "moved"})
    sandbox.stop(signal.SIGKILL)
    sandbox.options = ("--retry-base", "0.05", "--webhook-url", receiver.url, "--webhook-secret", SECRET)
    sandbox.start()
    assert receiver.wait_for(1) == ["customer.created"]
    assert stripe.Webhook.construct_event(*receiver.calls[0], SECRET).type == "customer.created"
    assert [endpoint.url for endpoint in sandbox.client().v1.webhook_endpoints.list()] == [receiver.url]


def test_duplicates(start_sandbox: Start, receiver: Receiver) -> None:
    sandbox = registered(start_sandbox, receiver)
    sandbox.fault(kind="webhook_duplicate", operation="customer.created")
    sandbox.client().v1.customers.create({"name": "twice"})
    receiver.wait_for(2)
    assert len({json.loads(body)["id"] for body, _ in receiver.calls}) == 1


def test_disorder(start_sandbox: Start, receiver: Receiver) -> None:
    sandbox = registered(start_sandbox, receiver)
    sandbox.fault(kind="webhook_disorder", operation="customer.*", count=3, window=3)
    client = sandbox.client()
    customer = client.v1.customers.create({"name": "1"})
    client.v1.customers.update(customer.id, {"name": "2"})
    client.v1.customers.delete(customer.id)
    assert receiver.wait_for(3) == ["customer.deleted", "customer.updated", "customer.created"]


def test_drop_and_delay(start_sandbox: Start, receiver: Receiver) -> None:
    sandbox = registered(start_sandbox, receiver)
    sandbox.fault(kind="webhook_drop", operation="customer.created")
    sandbox.fault(kind="webhook_delay", operation="customer.updated", seconds=0.6)
    client = sandbox.client()
    customer = client.v1.customers.create({"name": "1"})
    asked = time.monotonic()
    client.v1.customers.update(customer.id, {"name": "2"})
    client.v1.customers.delete(customer.id)
    assert receiver.wait_for(2) == ["customer.deleted", "customer.updated"]
    assert time.monotonic() - asked >= 0.6
    assert client.v1.events.list({"type": "customer.created"}).data


def test_endpoints_hear_what_they_asked_for(start_sandbox: Start, receiver: Receiver) -> None:
    sandbox = start_sandbox()
    client = sandbox.client()
    made = client.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["customer.deleted"]})
    assert made.secret.startswith("whsec_")
    assert "secret" not in client.v1.webhook_endpoints.retrieve(made.id).to_dict()
    customer = client.v1.customers.create({"name": "1"})
    client.v1.customers.delete(customer.id)
    assert receiver.wait_for(1) == ["customer.deleted"]
    assert stripe.Webhook.construct_event(*receiver.calls[0], made.secret).type == "customer.deleted"
    assert client.v1.webhook_endpoints.delete(made.id).deleted is True
    assert client.v1.webhook_endpoints.list().data == []
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.webhook_endpoints.create({"url": "ftp://example.com", "enabled_events": ["*"]})
    assert caught.value.code == "url_invalid"


def wait_until_delivered(sandbox: Sandbox) -> None:
    until = time.monotonic() + 10
    while sandbox.call("GET", "/_sandbox/state")[1]["pending_deliveries"]:
        assert time.monotonic() < until
        time.sleep(0.02)
