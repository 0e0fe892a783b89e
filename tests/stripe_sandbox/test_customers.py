"""Customers, and what becomes of a deleted one."""

import pytest
import stripe

from tests.stripe_sandbox.conftest import Sandbox


def test_create_update_and_the_event_says_what_changed(client: stripe.StripeClient) -> None:
    made = client.v1.customers.create(
        {"name": "Zoë & Co", "email": "z@example.com", "address": {"line1": "1 Rd", "city": ""}, "metadata": {"a": "1"}}
    )
    assert (made.name, made.address.city, made.metadata.to_dict()) == ("Zoë & Co", None, {"a": "1"})
    client.v1.customers.update(made.id, {"name": "Zoe", "email": "", "metadata": {"b": "2"}})
    now = client.v1.customers.retrieve(made.id)
    assert (now.name, now.email, now.metadata.to_dict()) == ("Zoe", None, {"a": "1", "b": "2"})
    event = client.v1.events.list({"type": "customer.updated", "limit": 1}).data[0]
    assert event.data.previous_attributes.to_dict() == {
        "name": "Zoë & Co",
        "email": "z@example.com",
        "metadata": {"a": "1"},
    }
    assert [found.id for found in client.v1.customers.list({"email": "z@example.com"})] == []


def test_a_deleted_customer_is_a_tombstone(client: stripe.StripeClient, customer: stripe.Customer) -> None:
    card = client.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    assert client.v1.customers.delete(customer.id).deleted is True
    assert client.v1.customers.retrieve(customer.id).to_dict() == {
        "id": customer.id,
        "object": "customer",
        "deleted": True,
    }
    assert client.v1.payment_methods.retrieve(card.id).customer is None
    for call in (client.v1.customers.delete, client.v1.customers.update):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            call(customer.id)
        assert caught.value.code == "resource_missing"
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.payment_intents.create({"amount": 50, "currency": "eur", "customer": customer.id})
    assert (caught.value.code, caught.value.param) == ("resource_missing", "customer")


def test_a_failed_create_leaves_nothing(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    before = sandbox.call("GET", "/_sandbox/state")[1]["counts"]
    with pytest.raises(stripe.CardError):
        client.v1.customers.create({"name": "x", "payment_method": "pm_card_chargeDeclined"})
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.customers.create({"name": "x", "expand": ["nothing"]})
    assert sandbox.call("GET", "/_sandbox/state")[1]["counts"] == before
