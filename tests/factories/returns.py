"""Payments that succeeded, and what of them goes back."""

from collections.abc import Callable
from typing import Any

from apps.events.models import Event
from apps.invoices.models import Invoice
from apps.invoices.queries import balances
from apps.ledger.models import Posting
from apps.payments.models import Payment
from tests.factories.payments import owing, run_sweep


def paid(amount: int = 4900, token: str = "pm_card_visa", **fields: Any) -> Payment:
    """A payment that the gateway has collected."""
    _, payment = owing(amount, token, **fields)
    run_sweep()
    payment.refresh_from_db()
    assert payment.status == "SUCCEEDED"
    return payment


def standing(payment: Payment) -> tuple[str, int]:
    """Status and balance of its invoice."""
    invoice = Invoice.objects.get(pk=payment.invoice_id)
    return invoice.status, balances([invoice.pk])[invoice.pk].balance


def clearing() -> int:
    """What the books say is at the gateway."""
    return sum(Posting.objects.filter(ledger_account="gateway_clearing").values_list("amount", flat=True))


def told(*types: str) -> list[str]:
    rows = Event.objects.filter(event_type__in=types).order_by("created_at", "pk")
    return list(rows.values_list("event_type", flat=True))


def at_gateway(client: Any, payment: Payment) -> int:
    """What the gateway's own balance holds of a payment, fees aside."""
    moved = 0
    charges = client.v1.charges.list({"payment_intent": payment.gateway_transaction_id}).data
    refunds = client.v1.refunds.list({"payment_intent": payment.gateway_transaction_id}).data
    disputes = client.v1.disputes.list({"payment_intent": payment.gateway_transaction_id}).data
    for each in (*charges, *refunds, *disputes):
        moved += sum(one.amount for one in client.v1.balance_transactions.list({"source": each.id}).data)
    return moved


Deliver = Callable[..., Any]
