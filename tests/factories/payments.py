"""Customers with a card at the gateway, invoices that wait to be collected, and the worker's sweep."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from apps.accounts.models import Account
from apps.invoices.models import Invoice
from apps.kernel import clock
from apps.kernel.actors import system
from apps.payments.actions import methods
from apps.payments.actions.sweep import sweep
from apps.payments.models import GatewayCustomer, Payment, PaymentMethod
from tests.factories.invoices import invoice, payer

ACTOR = system("tests")
AT = datetime(2026, 4, 1, 12, tzinfo=UTC)


def attach(account: Account, token: str = "pm_card_visa", *, set_as_default: bool = False) -> PaymentMethod:
    """A method verified by the real gateway code."""
    return methods.add(account_id=account.pk, token=token, set_as_default=set_as_default, at=AT, actor=ACTOR)


def known_method(account: Account, **fields: Any) -> PaymentMethod:
    """A method as the gateway verified it at some time, without asking a gateway: for tests of the database alone."""
    GatewayCustomer.objects.get_or_create(account=account, defaults={"gateway_id": f"cus_{uuid4().hex}"})
    first = not PaymentMethod.objects.filter(account=account, is_default=True).exists()
    given = {"status": "ACTIVE", "type": "card", "card_brand": "visa", "card_last4": "4242", "is_default": first}
    name = f"pm_{uuid4().hex}"
    return PaymentMethod.objects.create(account=account, **{"token": name, "gateway_id": name, **given, **fields})


def owing(amount: int = 4900, token: str = "pm_card_visa", **fields: Any) -> tuple[Account, Payment]:
    """An account with a card, and the payment that its invoice opened."""
    account = payer(**fields)
    attach(account, token)
    return account, opened(invoice(amount, account=account))


def opened(one: Invoice) -> Payment:
    return Payment.objects.get(invoice=one)


def run_sweep(seconds: float = 20) -> int:
    return sweep(seconds=seconds, actor=ACTOR)


def due_now(**fields: Any) -> None:
    """Let every back-off pass and every lease lapse."""
    now = clock.wall()
    Payment.objects.filter(status="PENDING").update(next_call_at=now, **fields)
