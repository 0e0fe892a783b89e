"""Money that came past the gateway: bank transfers, written down by finance staff."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from apps.accounts import queries as accounts
from apps.accounts.models import Account
from apps.events.publish import publish
from apps.invoices import queries as invoices
from apps.invoices.actions.settle import record_payment
from apps.invoices.models import Invoice
from apps.invoices.rules import Status as InvoiceStatus
from apps.kernel.actors import Actor
from apps.kernel.errors import Conflict, Invalid, NotFound, Problem
from apps.kernel.money import bounded
from apps.kernel.transactions import unit_of_work
from apps.ledger.rules import LedgerAccount
from apps.payments import queries
from apps.payments.events import PaymentSucceeded
from apps.payments.models import Payment
from apps.payments.objects import payment_objects
from apps.payments.rules import Origin, Status


@dataclass(frozen=True, kw_only=True)
class Transfer:
    """What arrived, by the statement of our bank. Without an invoice it pays the oldest due first.

    `charge_id`: it came through the gateway, past us, as this charge: one payment, of the invoice that was due first.
    """

    account_id: UUID
    amount: int
    currency: str
    method: str
    reference: str
    received_at: datetime
    invoice_id: UUID | None = None
    charge_id: str | None = None


def record_transfer(transfer: Transfer, *, at: datetime, actor: Actor) -> list[Payment]:
    """Write it down: a payment for each invoice that it pays, the last with what is too much, which becomes credit.

    Errors: account_not_found (404); nothing_billed (409); invoice_unknown, currency_differs, received_in_future,
    amount_too_large (422).
    """
    bounded(transfer.amount, what="payment")
    with unit_of_work(actor):
        account = accounts.lock([transfer.account_id]).get(transfer.account_id)
        if account is None:
            raise NotFound("account_not_found", f"There is no account {transfer.account_id}.", hint="Check the id.")
        _check(transfer, account, at)
        parts = _parts(transfer)
        tried = queries.attempts([invoice.pk for invoice, _ in parts])
        made = [
            Payment(
                invoice=invoice,
                account=account,
                amount=amount,
                currency=transfer.currency,
                status=Status.SUCCEEDED,
                method=transfer.method,
                gateway_transaction_id=transfer.charge_id,
                origin=Origin.PERSON if transfer.charge_id else Origin.TRANSFER,
                reference=transfer.reference,
                attempt=tried.get(invoice.pk, 0) + 1,
                settled_at=transfer.received_at,
            )
            for invoice, amount in parts
        ]
        Payment.objects.bulk_create(made)
        publish([
            PaymentSucceeded(object=shown, object_id=shown.id, account_id=account.pk, effective_at=at)
            for shown in payment_objects(made)
        ])  # fmt: skip
        for payment in made:
            record_payment(
                invoice_id=payment.invoice_id,
                payment_id=payment.pk,
                amount=payment.amount,
                paid_at=transfer.received_at,
                actor=actor,
                into=LedgerAccount.GATEWAY_CLEARING if transfer.charge_id else LedgerAccount.BANK,
            )
        return made


def _check(transfer: Transfer, account: Account, at: datetime) -> None:
    faults = []
    if transfer.received_at > at:
        faults.append(Problem("/received_at", "received_in_future", f"It is {at.isoformat()} for this account."))
    if transfer.currency != account.currency:
        faults.append(Problem("/currency", "currency_differs", f"The account is billed in {account.currency}."))
    if transfer.invoice_id and not _final(account.pk).filter(pk=transfer.invoice_id).exists():
        faults.append(Problem("/invoice_id", "invoice_unknown", "The account has no such final invoice."))
    if faults:
        raise Invalid(faults[0].code, faults[0].detail, hint="Check it against the bank statement.", errors=faults)


def _final(account_id: UUID) -> QuerySet[Invoice]:
    return invoices.invoices().filter(account_id=account_id).exclude(status=InvoiceStatus.DRAFT)


def _parts(transfer: Transfer) -> list[tuple[Invoice, int]]:
    """Which invoices it pays, and with how much: the one that is named, or the oldest due first."""
    if transfer.invoice_id:
        return [(invoices.lock([transfer.invoice_id])[transfer.invoice_id], transfer.amount)]
    owing = _final(transfer.account_id).filter(status=InvoiceStatus.OPEN).order_by("due_date", "pk")
    locked = invoices.lock(owing.values_list("pk", flat=True))
    balances = invoices.balances(locked)
    found, left = [], transfer.amount
    owed = sorted(locked.values(), key=lambda each: (each.due_date, each.pk))
    for invoice in owed[:1] if transfer.charge_id else owed:
        part = min(left, balances[invoice.pk].balance)
        if part > 0:
            found.append((invoice, part))
            left -= part
    if found:
        invoice, part = found[-1]
        found[-1] = (invoice, part + left)
        return found
    newest = _final(transfer.account_id).order_by("-pk").first()
    if newest is None:
        raise Conflict(
            "nothing_billed",
            "The account has no invoice that a payment could stand beside.",
            hint="Grant it as credit with POST /v1/credits: it pays the first invoice by itself.",
        )
    return [(newest, transfer.amount)]
