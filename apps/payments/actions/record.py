"""What became of charges, in our rows: each is taken once, whoever brings the answer."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F

from apps.accounts import queries as accounts
from apps.clocks.queries import now_by_clock, now_for
from apps.events.declare import DomainEvent
from apps.events.publish import publish
from apps.invoices.actions.apply import apply_now
from apps.invoices.actions.settle import Received, record_payments
from apps.invoices.objects import invoice_objects
from apps.invoices.queries import invoices_by_id
from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.rows import save_rows
from apps.kernel.transactions import after_commit, unit_of_work
from apps.payments.actions.retry import after_failure
from apps.payments.events import InvoicePaymentFailed, PaymentFailed, PaymentRequiresAction, PaymentSucceeded
from apps.payments.gateway import ChargeResult, Outcome
from apps.payments.metrics import payments_attempted_total
from apps.payments.models import Payment
from apps.payments.objects import payment_objects
from apps.payments.queries import lock_payment, lock_payments, small
from apps.payments.rules import ACTION_TIME, Status, patience

ENDED: Mapping[str, Any] = {"lease_token": None, "lease_until": None, "next_call_at": None, "last_error": ""}
"""Nothing is left to ask about a payment."""

METRIC: Mapping[Outcome, str] = {
    Outcome.SUCCEEDED: "succeeded",
    Outcome.DECLINED: "declined",
    Outcome.FAILED: "failed",
    Outcome.REQUIRES_ACTION: "requires_action",
}
_CHANGED = (
    "status", "amount", "carried", "gateway_transaction_id", "failure_code", "failure_message", "settled_at",
    "action_url", "action_until", "next_retry_at", "retries_exhausted_at", *ENDED, "version", "updated_at",
)  # fmt: skip


def wait_for(*, payment_id: UUID, result: ChargeResult, actor: Actor) -> None:
    """Write down that a charge is under way at the gateway: with the customer's bank, or with the customer."""
    with unit_of_work(actor):
        account_id = Payment.objects.values_list("account_id", flat=True).get(pk=payment_id)
        account = accounts.lock([account_id])[account_id]
        payment = lock_payment(payment_id)
        if payment.status != Status.PENDING:
            return
        at = now_for(account)
        asks = bool(result.action_url) and not payment.action_url
        payment.gateway_transaction_id = result.gateway_id
        payment.action_url = result.action_url
        payment.action_until = at + ACTION_TIME if asks else payment.action_until
        Payment.objects.filter(pk=payment_id).update(
            gateway_transaction_id=payment.gateway_transaction_id,
            action_url=payment.action_url,
            action_until=payment.action_until,
            **{**ENDED, "next_call_at": clock.wall() + patience(payment.calls)},
            version=F("version") + 1,
            updated_at=clock.wall(),
        )
        if asks:
            shown = payment_objects([payment])[0]
            publish([
                PaymentRequiresAction(object=shown, object_id=payment_id, account_id=account_id, effective_at=at)
            ])  # fmt: skip


def record(*, payment_id: UUID, result: ChargeResult, actor: Actor, by_hand: bool = False) -> bool:
    """Write down how a payment ended; returns whether this was news. A payment that has ended stays as it ended.

    `by_hand`: a person takes what the gateway charged, also where the payment had failed, or is of another amount.
    """
    return payment_id in record_some({payment_id: result}, actor=actor, by_hand=by_hand)


def record_some(results: Mapping[UUID, ChargeResult], *, actor: Actor, by_hand: bool = False) -> set[UUID]:
    """The same of several, in one transaction and a fixed number of queries but for failures; those that were news."""
    if not results:
        return set()
    with unit_of_work(actor):
        owners = accounts.lock(set(Payment.objects.filter(pk__in=results).values_list("account_id", flat=True)))
        payments = [each for each in lock_payments(list(results)) if _is_news(each, results[each.pk], by_hand=by_hand)]
        times = now_by_clock(owner.test_clock_id for owner in owners.values())
        at = {each.pk: times[owners[each.account_id].test_clock_id] for each in payments}
        for each in payments:
            if by_hand:
                each.carried = each.carried if each.amount == results[each.pk].amount else 0
                each.amount, each.next_retry_at, each.retries_exhausted_at = results[each.pk].amount, None, None
            _end(each, results[each.pk], at[each.pk])
        save_rows(payments, _CHANGED)
        events = []
        for each in payments:
            planned = []
            if each.status == Status.FAILED:
                planned = after_failure(each, owners[each.account_id], at=at[each.pk])
            events += [*_ended(each, at[each.pk]), *planned]
        publish(events)
        came = [each for each in payments if each.status == Status.SUCCEEDED]
        excess = record_payments(
            [
                Received(invoice_id=each.invoice_id, payment_id=each.pk, amount=each.amount, paid_at=at[each.pk])
                for each in came
            ],
            actor=actor,
        )
        brought = {each.pk: min(each.carried, excess[each.pk]) for each in came}
        _pay_carried([each for each in came if brought[each.pk]], brought, at, actor)
        for each in payments:
            counted = payments_attempted_total.labels(METRIC[results[each.pk].outcome])
            after_commit(counted.inc, name="payments_attempted_total")
        return {each.pk for each in payments}


def _pay_carried(
    payments: Sequence[Payment], brought: Mapping[UUID, int], at: Mapping[UUID, datetime], actor: Actor
) -> None:
    """What a payment brought beyond its invoice is the account's credit by now: it pays what was carried, at once.

    An invoice that has come to owe more meanwhile has taken it, and what was carried waits on.
    """
    waiting = small({each.account_id for each in payments})
    for payment in payments:
        left = brought[payment.pk]
        for each in waiting.get(payment.account_id, ()):
            if left > 0:
                apply_now(invoice_id=each.invoice_id, at=at[payment.pk], actor=actor)
                left -= each.balance


def _is_news(payment: Payment, result: ChargeResult, *, by_hand: bool) -> bool:
    late = by_hand and result.outcome is Outcome.SUCCEEDED and payment.status == Status.FAILED
    return payment.status == Status.PENDING or late


def _end(payment: Payment, result: ChargeResult, at: datetime) -> None:
    """Set the row in memory to its end."""
    succeeded = result.outcome is Outcome.SUCCEEDED
    payment.status = Status.SUCCEEDED if succeeded else Status.FAILED
    payment.gateway_transaction_id = result.gateway_id or payment.gateway_transaction_id
    payment.failure_code = "" if succeeded else result.code[:64]
    payment.failure_message = "" if succeeded else result.message
    payment.settled_at, payment.action_url, payment.action_until = at, "", None
    for name, value in ENDED.items():
        setattr(payment, name, value)
    payment.version, payment.updated_at = payment.version + 1, clock.wall()


def _ended(payment: Payment, at: datetime) -> list[DomainEvent]:
    """What is announced of a payment that has ended."""
    shown = payment_objects([payment])[0]
    told = PaymentSucceeded if payment.status == Status.SUCCEEDED else PaymentFailed
    events: list[DomainEvent] = [
        told(object=shown, object_id=payment.pk, account_id=payment.account_id, effective_at=at)
    ]
    if payment.status == Status.FAILED:
        invoice = invoices_by_id([payment.invoice_id])[payment.invoice_id]
        owed = invoice_objects([invoice])[0]
        events.append(
            InvoicePaymentFailed(object=owed, object_id=invoice.pk, account_id=payment.account_id, effective_at=at)
        )
    return events
