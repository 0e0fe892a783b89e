"""Collect payments in three steps: take the rows, call the gateway with no transaction open, record its answers.

A crash between the steps loses nothing: the lease runs out, the charge is looked for at the gateway, and only if there
is none the call is repeated, with the same key. The answer may also come by webhook, first or second
or twice; the row takes it once.
"""

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from dataclasses import replace
from datetime import datetime
from functools import partial
from uuid import UUID

import structlog
from django.conf import settings

from apps.clocks.queries import now_by_clock
from apps.invoices.links import invoice_link
from apps.kernel.actors import Actor
from apps.payments.actions import lease
from apps.payments.actions.record import record_some, wait_for
from apps.payments.gateway import (
    ChargeRequest,
    ChargeResult,
    Gateway,
    GatewayRefused,
    GatewayUnavailable,
    Outcome,
    current,
)
from apps.payments.models import Payment
from apps.payments.queries import to_charge
from apps.payments.rules import CLOCKS_DIFFER

TOGETHER = 0.02
"""Seconds for which an answer waits for others: what is recorded together costs a fraction of one by one."""

NOT_CONFIRMED = "authentication_required"

logger = structlog.get_logger(__name__)


class Charging:
    """Charges of which `at_once` are under way at most. Their threads only call: the database is this one's alone."""

    def __init__(self, threads: ThreadPoolExecutor, *, actor: Actor, at_once: int) -> None:
        self._threads, self._actor, self._at_once = threads, actor, at_once
        self._calls: dict[Future[ChargeResult], Payment] = {}

    def turn(self) -> list[lease.Turn]:
        """Take what waits, as far as there is room, and record what has been answered; at least one is waited for."""
        if free := self._at_once - len(self._calls):
            for payment, at in self._taken(free):
                ask = partial(copy_context().run, _ask, payment, at)
                self._calls[self._threads.submit(ask)] = payment
        return self._landed()

    def end(self) -> list[lease.Turn]:
        """Record what is still under way."""
        turns = []
        while self._calls:
            turns += self._landed()
        return turns

    def _taken(self, limit: int) -> list[tuple[Payment, datetime]]:
        """Payments that are ours now, each with its account's time."""
        rows = lease.take_some(to_charge(), limit=limit, actor=self._actor)
        times = now_by_clock(row.account.test_clock_id for row in rows) if rows else {}
        return [(row, times[row.account.test_clock_id]) for row in rows]

    def _landed(self) -> list[lease.Turn]:
        if self._calls:
            wait(self._calls, return_when=FIRST_COMPLETED)
        done, _ = wait(self._calls, timeout=TOGETHER) if self._calls else ((), ())
        turns, answers = [], {}
        for call in done:
            payment = self._calls.pop(call)
            try:
                answers[payment.pk] = (payment, call.result())
            except Exception as error:  # noqa: BLE001 - whatever it is delays this payment alone
                turns.append(lease.unanswered(payment, error, actor=self._actor))
        return turns + self._recorded(answers)

    def _recorded(self, answers: dict[UUID, tuple[Payment, ChargeResult]]) -> list[lease.Turn]:
        """Write them down in one transaction; what cannot be written so, one by one."""
        if not answers:
            return []
        try:
            _record({pk: result for pk, (_, result) in answers.items()}, self._actor)
        except Exception as error:
            if len(answers) > 1:
                logger.warning("charges_not_recorded_together", payments=len(answers), exc_info=True)
                return [turn for pk, answer in answers.items() for turn in self._recorded({pk: answer})]
            [(payment, _)] = answers.values()
            return [lease.unanswered(payment, error, actor=self._actor)]
        return [lease.Turn.DONE] * len(answers)


def _record(results: dict[UUID, ChargeResult], actor: Actor) -> None:
    """Those under way are waited for, the others have ended."""
    ended = {}
    for payment_id, result in results.items():
        if result.outcome is Outcome.PROCESSING or result.action_url:
            wait_for(payment_id=payment_id, result=result, actor=actor)
        else:
            ended[payment_id] = result
    record_some(ended, actor=actor)


def _ask(payment: Payment, at: datetime) -> ChargeResult:
    """Call the gateway about one payment that we hold. The database is asked nothing."""
    gateway = current()
    try:
        return _under_way(payment, gateway, at) if payment.gateway_transaction_id else _asked(payment, gateway)
    except GatewayRefused as error:
        return ChargeResult(outcome=Outcome.FAILED, gateway_id="", code=error.code, message=error.message)


def _asked(payment: Payment, gateway: Gateway) -> ChargeResult:
    """Ask for the money; where the bank wants its customer, for their word."""
    # Asked before: that call may have charged, whatever became of its answer, and its key may be forgotten by now.
    result = _look_up(payment, gateway) if payment.calls > 1 else None
    # What was found counts, whatever has become of the method since.
    result = result or gateway.charge(_request(payment))
    if result.outcome is not Outcome.REQUIRES_ACTION or result.action_url or not result.gateway_id:
        return result
    return gateway.ask_customer(
        gateway_id=result.gateway_id,
        method_id=_request(payment).method_id,
        # The same at each repetition, for the key is: the link is made as of the day the payment was.
        return_url=settings.PAYMENT_RETURN_URL or invoice_link(payment.invoice_id, at=payment.created_at),
        key=str(payment.pk),
    )


def _under_way(payment: Payment, gateway: Gateway, at: datetime) -> ChargeResult:
    """How a charge stands that had not ended when we looked last; one that waited for long enough is given up."""
    gateway_id = str(payment.gateway_transaction_id)
    over = payment.action_until is not None and payment.action_until <= at
    try:
        result = gateway.give_up(gateway_id) if over else gateway.fetch(gateway_id)
    except GatewayRefused as error:
        raise GatewayUnavailable(f"look at {gateway_id} refused: {error.code}") from error
    if over and result.outcome is not Outcome.SUCCEEDED:
        return replace(result, code=NOT_CONFIRMED, message="The customer did not confirm the payment in time.")
    return result


def _look_up(payment: Payment, gateway: Gateway) -> ChargeResult | None:
    """The charge that an earlier call may have made. A refusal to say so is no answer: the money may have moved."""
    try:
        customer_id = payment.account.gateway_customer.gateway_id
        return gateway.find(payment_id=payment.pk, customer_id=customer_id, since=payment.created_at - CLOCKS_DIFFER)
    except GatewayRefused as error:
        raise GatewayUnavailable(f"look-up refused: {error.code}") from error


def _request(payment: Payment) -> ChargeRequest:
    method = payment.payment_method
    if method is None or method.gateway_id is None:
        raise GatewayRefused("payment_method_missing", "The payment method is not known at the gateway.")
    return ChargeRequest(
        payment_id=payment.pk,
        invoice_id=payment.invoice_id,
        amount=payment.amount,
        currency=payment.currency,
        customer_id=payment.account.gateway_customer.gateway_id,
        method_id=method.gateway_id,
        method_type=method.type,
        description=f"Invoice {payment.invoice.number}",
    )
