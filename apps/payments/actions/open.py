"""Open a payment for invoices that are owed: a PENDING row each, in the transaction that made them owed."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from apps.invoices import queries as invoices
from apps.invoices.rules import Status as InvoiceStatus
from apps.kernel import clock
from apps.kernel.doorbell import ring_after_commit
from apps.payments.models import Payment
from apps.payments.queries import default_methods
from apps.payments.rules import Status


@dataclass(frozen=True)
class Owed:
    """An invoice to collect; `amount` is its balance in minor units."""

    invoice_id: UUID
    account_id: UUID
    amount: int
    currency: str


def open_payments(owed: Sequence[Owed]) -> list[Payment]:
    """Write a PENDING payment for each invoice whose account has a payment method; two queries for any number.

    Inside the caller's transaction, for invoices that nobody collects yet: a partial unique index refuses a second
    pending payment. An invoice of an account without a payment method waits until there is one.
    """
    cards = default_methods({each.account_id for each in owed})
    now = clock.wall()
    rows = [
        Payment(
            invoice_id=each.invoice_id,
            account_id=each.account_id,
            payment_method=cards[each.account_id],
            amount=each.amount,
            currency=each.currency,
            status=Status.PENDING,
            method=cards[each.account_id].type,
            next_call_at=now,
        )
        for each in owed
        if each.amount > 0 and each.account_id in cards
    ]
    if rows:
        Payment.objects.bulk_create(rows)
        ring_after_commit("payments.sweep", "payments")
    return rows


def open_for_account(account_id: UUID) -> list[Payment]:
    """Collect what an account owes, now that it can be charged; its row is locked by the caller.

    Only invoices never tried before: a failed one is tried again by its schedule.
    """
    owing = invoices.invoices().filter(account_id=account_id, status=InvoiceStatus.OPEN, payments__isnull=True)
    currencies = dict(owing.order_by("pk").values_list("pk", "currency"))
    balances = invoices.balances(currencies)
    return open_payments([
        Owed(invoice_id=pk, account_id=account_id, amount=balances[pk].balance, currency=currency)
        for pk, currency in currencies.items()
    ])  # fmt: skip
