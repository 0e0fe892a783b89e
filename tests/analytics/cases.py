"""Invoices whose payment failed, and what recovered them: rows alone, without a gateway."""

from datetime import datetime, timedelta

from apps.accounts.models import Account
from apps.payments.models import Payment
from tests.factories.invoices import invoice, payer
from tests.factories.payments import known_method


def case(
    failed_at: datetime,
    *,
    amount: int = 4900,
    reason: str = "insufficient_funds",
    origin: str = "",
    days: int = 3,
    account: Account | None = None,
) -> Payment:
    """An invoice whose payment failed then; with an `origin`, one so many days later succeeded. Returns the first."""
    owner = account or payer()
    known_method(owner)
    failed = Payment.objects.get(invoice=invoice(amount, account=owner))
    Payment.objects.filter(pk=failed.pk).update(
        status="FAILED", failure_code=reason, settled_at=failed_at, next_call_at=None
    )
    if origin:
        Payment.objects.create(
            invoice=failed.invoice, account=owner, amount=amount, currency=failed.currency, status="SUCCEEDED",
            method="card", attempt=2, origin=origin, settled_at=failed_at + timedelta(days=days),
        )  # fmt: skip
    return failed
