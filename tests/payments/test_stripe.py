"""dj-stripe reads what the gateway holds: the same objects, from the same address."""

from typing import Any

import pytest
from djstripe.models import Account, Customer, PaymentIntent, PaymentMethod

from tests.factories.payments import owing, run_sweep
from tests.stripe_sandbox.conftest import KEY, Sandbox


@pytest.mark.fr("FR-058")
def test_djstripe_syncs_from_the_gateway(books: str, sandbox: Sandbox) -> None:
    account, payment = owing(4900)
    run_sweep()
    payment.refresh_from_db()

    def synced(model: Any, object_id: str) -> Any:
        return model.sync_from_stripe_data(model(id=object_id).api_retrieve(KEY), api_key=KEY)

    shop = sandbox.client().v1.accounts.retrieve_current()
    assert synced(Account, shop.id).id == shop.id
    customer = synced(Customer, account.gateway_customer.gateway_id)
    assert customer.stripe_data["email"] == account.email
    method = synced(PaymentMethod, payment.payment_method.gateway_id)
    assert method.stripe_data["card"]["last4"] == "4242"
    intent = synced(PaymentIntent, payment.gateway_transaction_id)
    assert intent.stripe_data["amount_received"] == 4900
    assert intent.stripe_data["metadata"]["payment_id"] == str(payment.pk)
