"""dj-stripe reads what the gateway holds: the same objects, from the same address."""

import json
import os
import subprocess
import sys

import pytest

from tests.factories.payments import owing, run_sweep
from tests.stripe_sandbox.conftest import KEY, ROOT, Sandbox


@pytest.mark.fr("FR-058")
def test_djstripe_syncs_from_the_gateway(books: str, sandbox: Sandbox) -> None:
    account, payment = owing(4900)
    run_sweep()
    payment.refresh_from_db()
    ids = [
        sandbox.client().v1.accounts.retrieve_current().id,
        account.gateway_customer.gateway_id,
        payment.payment_method.gateway_id,
        payment.gateway_transaction_id,
    ]
    told = {"DATABASE_URL": books, "STRIPE_API_BASE": sandbox.url, "STRIPE_SECRET_KEY": KEY}
    ran = subprocess.run(
        [sys.executable, "-m", "tests.payments.mirror", *ids],
        capture_output=True, text=True, cwd=ROOT, env={**os.environ, **told}, timeout=60, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    shop, customer, method, intent = [json.loads(line) for line in ran.stdout.splitlines()]
    assert shop["id"] == ids[0]
    assert customer["email"] == account.email
    assert method["card"]["last4"] == "4242"
    assert intent["amount_received"] == 4900
    assert intent["metadata"]["payment_id"] == str(payment.pk)
