"""What becomes of an invoice whose payment failed: its next try, or none; and the tries when they are due."""

from datetime import datetime
from uuid import UUID

from django.db.models import F

from apps.accounts import queries as accounts
from apps.accounts.models import Account
from apps.events.declare import DomainEvent
from apps.events.publish import publish
from apps.events.rules import Lane
from apps.invoices import queries as invoices
from apps.invoices.models import Invoice
from apps.invoices.rules import Status as InvoiceStatus
from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.errors import Conflict, Invalid, NotFound, Problem
from apps.kernel.periods import local_date
from apps.kernel.schedule import Scope
from apps.kernel.transactions import unit_of_work
from apps.payments import queries
from apps.payments.actions.open import try_again
from apps.payments.events import PaymentRetriesExhausted
from apps.payments.gateway import limits
from apps.payments.models import Payment, PaymentMethod
from apps.payments.objects import payment_objects
from apps.payments.rules import HARD_DECLINES, Origin, next_retry

BATCH = 200


def after_failure(payment: Payment, account: Account, *, at: datetime) -> list[DomainEvent]:
    """Plan the next try of an invoice whose payment has just failed. Both are locked, the failure is written.

    Returns what is to be announced of it.

    A method that was refused for good is remembered as such; the schedule goes on, for there may be another by then.
    """
    if payment.failure_code in HARD_DECLINES and payment.payment_method_id:
        PaymentMethod.objects.filter(pk=payment.payment_method_id, declined_at=None).update(
            declined_at=at, version=F("version") + 1, updated_at=clock.wall()
        )
    queries.to_retry_of([payment.invoice_id]).update(next_retry_at=None)
    if invoices.invoices_by_id([payment.invoice_id])[payment.invoice_id].status != InvoiceStatus.OPEN:
        return []
    return _plan(payment, account, at)


def _plan(payment: Payment, account: Account, at: datetime) -> list[DomainEvent]:
    """Its next try; without one, that there is none, which is said once for an invoice."""
    first = queries.first_failure(payment.invoice_id) or at
    zone = account.timezone
    payment.next_retry_at = next_retry(local_date(first, zone), local_date(at, zone), zone)
    if _another(payment):
        payment.next_retry_at = at
    payment.retries_exhausted_at = None if payment.next_retry_at else at
    news = not (payment.next_retry_at or queries.retries_exhausted_of(payment.invoice_id))
    Payment.objects.filter(pk=payment.pk).update(
        next_retry_at=payment.next_retry_at,
        retries_exhausted_at=payment.retries_exhausted_at,
        version=F("version") + 1,
        updated_at=clock.wall(),
    )
    if not news:
        return []
    shown = payment_objects([payment])[0]
    return [PaymentRetriesExhausted(object=shown, object_id=payment.pk, account_id=account.pk, effective_at=at)]


def _another(payment: Payment) -> bool:
    """Whether the account has another method by now than the one that failed: it came while that was under way."""
    default = queries.default_methods([payment.account_id]).get(payment.account_id)
    if default is None or default.declined_at is not None or default.pk == payment.payment_method_id:
        return False
    return bool(default.pk > payment.pk)


def retry_due(*, at: datetime, scope: Scope, actor: Actor) -> int:
    """Try again what is due; returns how many schedules were looked at. Safe to run twice and side by side."""
    due = list(queries.to_retry(at, scope).values_list("pk", "account_id")[:BATCH])
    for payment_id, account_id in due:
        _retry(payment_id, account_id, at, actor)
    return len(due)


def _retry(payment_id: UUID, account_id: UUID, at: datetime, actor: Actor) -> None:
    with unit_of_work(actor):
        account = accounts.lock_one(account_id)
        failed = queries.lock_payment(payment_id)
        if failed.next_retry_at is None or failed.next_retry_at > at or account.dispute_hold:
            return  # somebody was faster
        invoice = invoices.lock([failed.invoice_id])[failed.invoice_id]
        if invoice.status != InvoiceStatus.OPEN or queries.under_way(invoice.pk):
            queries.to_retry_of([invoice.pk]).update(next_retry_at=None)
            return
        method = queries.default_methods([account_id]).get(account_id)
        if method is None or method.declined_at is not None:
            queries.to_retry_of([invoice.pk]).update(next_retry_at=None)
            publish(_plan(failed, account, at))
            return
        origin = Origin.RETRY if method.pk == failed.payment_method_id else Origin.METHOD
        try_again([invoice], method, origin=origin, at=at, lane=Lane.RUN)


def pay(
    *,
    invoice_id: UUID,
    method_id: UUID | None = None,
    origin: Origin = Origin.PERSON,
    at: datetime,
    actor: Actor,
) -> Payment:
    """Somebody asks for an open invoice to be collected now, by the default method or another of the account's.

    Errors: invoice_not_found (404); invoice_not_open, payment_under_way, payment_method_missing (409);
    below_smallest_charge, above_largest_charge (409); payment_method_unknown (422).
    """
    with unit_of_work(actor):
        owner = invoices.invoices().filter(pk=invoice_id).values_list("account_id", flat=True).first()
        if owner is None:
            raise NotFound("invoice_not_found", f"There is no invoice {invoice_id}.", hint="Check the id.")
        accounts.lock_one(owner)
        invoice = invoices.lock([invoice_id])[invoice_id]
        if invoice.status != InvoiceStatus.OPEN:
            raise Conflict(
                "invoice_not_open", f"The invoice is {invoice.status}.", hint="Only an open invoice can be paid."
            )
        if (going := queries.under_way(invoice_id)) is not None:
            raise Conflict(
                "payment_under_way",
                f"Payment {going.pk} of this invoice is under way.",
                hint="Wait for its end; an invoice is charged once at a time.",
            )
        opened = try_again([invoice], _method(owner, method_id), origin=origin, at=at)
        if not opened:
            raise _not_charged(invoice)
        return opened[0]


def _not_charged(invoice: Invoice) -> Conflict:
    """Too little for the gateway, or too much."""
    taken, balance = limits(invoice.currency), invoices.balances([invoice.pk])[invoice.pk].balance
    if balance < taken.smallest:
        return Conflict(
            "below_smallest_charge",
            f"{balance} is less than the gateway charges, {taken.smallest}.",
            hint="Nothing is to be done: the account's next invoice is charged with it.",
        )
    return Conflict(
        "above_largest_charge",
        f"{balance} is more than the gateway charges at once, {taken.largest}.",
        hint="Ask for a bank transfer, and record it with POST /v1/payments.",
    )


def _method(account_id: UUID, method_id: UUID | None) -> PaymentMethod:
    if method_id is not None:
        found = queries.methods(account_id).filter(pk=method_id).first()
        if found is None:
            detail = f"The account has no payment method {method_id}."
            raise Invalid(
                "payment_method_unknown",
                detail,
                hint="List them with GET /v1/accounts/{id}/payment-methods.",
                errors=[Problem("/payment_method_id", "payment_method_unknown", detail)],
            )
        return found
    default = queries.default_methods([account_id]).get(account_id)
    if default is None:
        raise Conflict(
            "payment_method_missing",
            "The account has no payment method.",
            hint="Attach one with POST /v1/accounts/{id}/payment-methods: that collects what is owed by itself.",
        )
    return default
