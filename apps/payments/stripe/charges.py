"""Charges at Stripe: payment intents, off session, and those that wait for the customer."""

from datetime import datetime
from typing import Any
from uuid import UUID

from apps.payments.gateway import ChargeRequest, ChargeResult, GatewayRefused, GatewayUnavailable, Outcome
from apps.payments.rules import CALLS_PER_TURN
from apps.payments.stripe.calls import AUTHENTICATION, PAGE, Caller, Declined, call, kept_id

OUTCOMES = {
    "succeeded": Outcome.SUCCEEDED,
    "processing": Outcome.PROCESSING,
    "requires_action": Outcome.REQUIRES_ACTION,
    "requires_capture": Outcome.PROCESSING,
    "requires_confirmation": Outcome.PROCESSING,
    "requires_payment_method": Outcome.DECLINED,
    "canceled": Outcome.FAILED,
}
PAGES = CALLS_PER_TURN - 1
"""Of a look-up: what one turn has time for."""


class Charges(Caller):
    """To collect, to look for, to give up."""

    def charge(self, request: ChargeRequest) -> ChargeResult:
        try:
            with call("payment_intents.create"):
                intent = self._client.v1.payment_intents.create(
                    {
                        "amount": request.amount,
                        "currency": request.currency.lower(),
                        "customer": request.customer_id,
                        "payment_method": request.method_id,
                        "payment_method_types": [request.method_type],
                        "off_session": True,
                        "confirm": True,
                        "description": request.description,
                        "metadata": {"payment_id": str(request.payment_id), "invoice_id": str(request.invoice_id)},
                    },
                    {"idempotency_key": f"payment-{request.payment_id}"},
                )
        except Declined as declined:
            return declined.result(request.payment_id)
        return _result(intent)

    def ask_customer(self, *, gateway_id: str, method_id: str, return_url: str, key: str) -> ChargeResult:
        try:
            with call("payment_intents.confirm"):
                intent = self._client.v1.payment_intents.confirm(
                    gateway_id,
                    {"payment_method": method_id, "return_url": return_url},
                    {"idempotency_key": f"ask-{key}"},
                )
        except GatewayRefused:
            return self.fetch(gateway_id)  # declined, or somebody was faster: how it stands now
        return _result(intent)

    def give_up(self, gateway_id: str) -> ChargeResult:
        try:
            with call("payment_intents.cancel"):
                return _result(self._client.v1.payment_intents.cancel(gateway_id))
        except GatewayRefused:
            return self.fetch(gateway_id)

    def fetch(self, gateway_id: str) -> ChargeResult:
        with call("payment_intents.retrieve"):
            return _result(self._client.v1.payment_intents.retrieve(gateway_id))

    def find(self, *, payment_id: UUID, customer_id: str, since: datetime) -> ChargeResult | None:
        asked: Any = {"customer": customer_id, "limit": PAGE, "created": {"gte": int(since.timestamp())}}
        for _ in range(PAGES):
            with call("payment_intents.list"):
                page = self._client.v1.payment_intents.list(asked)
            for intent in page.data:
                if kept_id(intent, "payment_id") == payment_id:
                    return _result(intent)
            if not page.has_more:
                return None
            asked["starting_after"] = page.data[-1].id
        raise GatewayUnavailable(f"more than {PAGE * PAGES} charges to look through")


def _result(intent: Any) -> ChargeResult:
    error = intent.last_payment_error
    code = (getattr(error, "decline_code", None) or getattr(error, "code", None) or "") if error else ""
    outcome = OUTCOMES.get(intent.status, Outcome.PROCESSING)
    if outcome is Outcome.DECLINED and getattr(error, "code", "") == AUTHENTICATION:
        outcome = Outcome.REQUIRES_ACTION
    elif outcome is Outcome.DECLINED and error is None:
        outcome = Outcome.PROCESSING  # made, and not confirmed yet
    return ChargeResult(
        outcome=outcome,
        gateway_id=intent.id,
        payment_id=kept_id(intent, "payment_id"),
        amount=intent.amount_received or 0,
        currency=intent.currency.upper(),
        code=code,
        message=(getattr(error, "message", None) or "") if error else "",
        action_url=_link(intent),
    )


def _link(intent: Any) -> str:
    """Where the customer proves who they are, while Stripe waits for it."""
    action = getattr(intent, "next_action", None)
    return getattr(getattr(action, "redirect_to_url", None), "url", None) or ""
