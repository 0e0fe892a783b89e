"""How many charges succeed although one call in twenty goes wrong."""

import pytest

from apps.payments.models import Payment
from tests.factories.invoices import draft, issued, line, payer
from tests.factories.payments import attach, due_now, run_sweep
from tests.stripe_sandbox.conftest import Sandbox

CHARGES = 200


@pytest.mark.long
@pytest.mark.fr("SC-010", "SC-012", "FR-062")
def test_at_five_percent_of_faults_nearly_all_succeed_within_three_tries(books: str, sandbox: Sandbox) -> None:
    account = payer()
    attach(account)
    made = issued([draft(account, line(1000 + number)) for number in range(CHARGES)])
    for seed, kind in enumerate(("rate_limit", "error_before", "error_after", "timeout_before", "timeout_after")):
        sandbox.fault(kind=kind, operation="*/v1/payment_intents", probability=0.01, seconds=0, seed=seed)
    for _ in range(3):
        due_now()
        while run_sweep():
            pass
    hits = sum(each["hits"] for each in sandbox.call("GET", "/_sandbox/faults")[1]["faults"])
    assert hits >= CHARGES // 50, "the faults did strike"
    done = Payment.objects.filter(status="SUCCEEDED")
    assert done.count() >= 0.99 * CHARGES
    assert all(payment.calls <= 3 for payment in done)
    for invoice in made:
        assert len(sandbox.charges(invoice_id=str(invoice.pk))) <= 1
    assert Payment.objects.exclude(status="SUCCEEDED").exclude(status="PENDING").count() == 0
