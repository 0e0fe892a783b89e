"""Stripe as a payment gateway: the only file that calls it, by its SDK, with time-outs and no retries of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import stripe
import structlog
from django.conf import settings

from apps.kernel import clock
from apps.payments.gateway import (
    ChargeRequest,
    ChargeResult,
    GatewayRefused,
    GatewayUnavailable,
    Method,
    Outcome,
)
from apps.payments.metrics import stripe_request_duration_seconds, stripe_requests_total
from apps.payments.rules import CALLS_PER_TURN

logger = structlog.get_logger(__name__)

OUTCOMES = {
    "succeeded": Outcome.SUCCEEDED,
    "processing": Outcome.PROCESSING,
    "requires_action": Outcome.REQUIRES_ACTION,
    "requires_capture": Outcome.PROCESSING,
    "requires_confirmation": Outcome.PROCESSING,
    "requires_payment_method": Outcome.DECLINED,
    "canceled": Outcome.FAILED,
}
AUTHENTICATION = "authentication_required"
PAGE, PAGES = 100, CALLS_PER_TURN - 1
"""Of a look-up: what one turn has time for."""


class StripeGateway:
    """The gateway Protocol, spoken to Stripe or to the sandbox that stands for it."""

    def __init__(self, client: stripe.StripeClient) -> None:
        self._client = client

    def create_customer(self, *, account_id: UUID, email: str, name: str, key: str) -> str:
        with _call("customers.create"):
            customer = self._client.v1.customers.create(
                {"email": email, "name": name, "metadata": {"account_id": str(account_id)}},
                {"idempotency_key": f"customer-{key}"},
            )
        return customer.id

    def set_up(self, *, customer_id: str, token: str, key: str) -> Method:
        if token.startswith("seti_"):
            return self._set_up_already(customer_id, token, key)
        with _call("setup_intents.create"):
            intent = self._client.v1.setup_intents.create(
                {
                    "customer": customer_id,
                    "payment_method": token,
                    "payment_method_types": ["card"],
                    "usage": "off_session",
                    "confirm": True,
                    "expand": ["payment_method"],
                },
                {"idempotency_key": f"setup-{key}"},
            )
        if intent.status != "succeeded":
            raise GatewayRefused(
                "authentication_required", f"The payment method could not be verified: it is {intent.status}."
            )
        return _method(intent.payment_method)

    def _set_up_already(self, customer_id: str, token: str, key: str) -> Method:
        """The method that a SetupIntent verified in the customer's browser."""
        with _call("setup_intents.retrieve"):
            intent = self._client.v1.setup_intents.retrieve(token, {"expand": ["payment_method"]})
        if intent.status != "succeeded":
            raise GatewayRefused("setup_not_finished", f"The setup intent is {intent.status}.")
        found: Any = intent.payment_method
        if found.customer is None:
            with _call("payment_methods.attach"):
                found = self._client.v1.payment_methods.attach(
                    found.id, {"customer": customer_id}, {"idempotency_key": f"attach-{key}"}
                )
        elif found.customer != customer_id:
            raise GatewayRefused("customer_differs", "The payment method belongs to another customer.")
        return _method(found)

    def detach(self, *, method_id: str, key: str) -> None:
        with _call("payment_methods.detach"):
            self._client.v1.payment_methods.detach(method_id, {}, {"idempotency_key": f"detach-{key}"})

    def charge(self, request: ChargeRequest) -> ChargeResult:
        try:
            with _call("payment_intents.create"):
                intent = self._client.v1.payment_intents.create(
                    {
                        "amount": request.amount,
                        "currency": request.currency.lower(),
                        "customer": request.customer_id,
                        "payment_method": request.method_id,
                        "payment_method_types": ["card"],
                        "off_session": True,
                        "confirm": True,
                        "description": request.description,
                        "metadata": {"payment_id": str(request.payment_id), "invoice_id": str(request.invoice_id)},
                    },
                    {"idempotency_key": f"payment-{request.payment_id}"},
                )
        except _Declined as declined:
            return declined.result(request.payment_id)
        return _result(intent)

    def fetch(self, gateway_id: str) -> ChargeResult:
        with _call("payment_intents.retrieve"):
            return _result(self._client.v1.payment_intents.retrieve(gateway_id))

    def find(self, *, payment_id: UUID, customer_id: str, since: datetime) -> ChargeResult | None:
        asked: Any = {"customer": customer_id, "limit": PAGE, "created": {"gte": int(since.timestamp())}}
        for _ in range(PAGES):
            with _call("payment_intents.list"):
                page = self._client.v1.payment_intents.list(asked)
            for intent in page.data:
                if _payment_id(intent) == payment_id:
                    return _result(intent)
            if not page.has_more:
                return None
            asked["starting_after"] = page.data[-1].id
        raise GatewayUnavailable(f"more than {PAGE * PAGES} charges to look through")

    def webhook_urls(self) -> list[str]:
        with _call("webhook_endpoints.list"):
            page = self._client.v1.webhook_endpoints.list({"limit": PAGE})
        return [endpoint.url for endpoint in page.data if endpoint.status == "enabled"]


class _Declined(GatewayRefused):
    """The issuer said no to a card."""

    def __init__(self, code: str, message: str, gateway_id: str, outcome: Outcome) -> None:
        super().__init__(code, message)
        self.gateway_id = gateway_id
        self.outcome = outcome

    def result(self, payment_id: UUID) -> ChargeResult:
        return ChargeResult(
            outcome=self.outcome,
            gateway_id=self.gateway_id,
            payment_id=payment_id,
            code=self.code,
            message=self.message,
        )


@contextmanager
def _call(operation: str) -> Iterator[None]:
    """Time and count a call, and say in the gateway's words what its errors mean."""
    started, outcome = clock.monotonic(), "ok"
    try:
        yield
    except stripe.CardError as error:
        outcome = "declined"
        raise _declined(error) from error
    except (stripe.RateLimitError, stripe.APIConnectionError, stripe.IdempotencyError) as error:
        outcome = "unavailable"
        raise GatewayUnavailable(type(error).__name__) from error
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        outcome = "unauthorised"
        logger.error("stripe_refuses_our_key", hint="Check STRIPE_SECRET_KEY.", exc_info=error)
        raise GatewayUnavailable(type(error).__name__) from error
    except stripe.InvalidRequestError as error:
        outcome = "invalid"
        raise _Declined(error.code or "invalid_request", _said(error), "", Outcome.FAILED) from error
    except stripe.StripeError as error:
        outcome = "unavailable"
        raise GatewayUnavailable(type(error).__name__) from error
    finally:
        stripe_requests_total.labels(operation, outcome).inc()
        stripe_request_duration_seconds.labels(operation).observe(clock.monotonic() - started)


def _declined(error: stripe.CardError) -> _Declined:
    document: Any = error.json_body or {}
    body = document.get("error", {})
    code = body.get("decline_code") or body.get("code") or error.code or "card_declined"
    outcome = Outcome.REQUIRES_ACTION if body.get("code") == AUTHENTICATION else Outcome.DECLINED
    return _Declined(code, _said(error), (body.get("payment_intent") or {}).get("id", ""), outcome)


def _said(error: stripe.StripeError) -> str:
    return error.user_message or type(error).__name__


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
        payment_id=_payment_id(intent),
        amount=intent.amount_received or 0,
        currency=intent.currency.upper(),
        code=code,
        message=(getattr(error, "message", None) or "") if error else "",
    )


def _payment_id(intent: Any) -> UUID | None:
    kept = getattr(intent.metadata, "payment_id", None)
    try:
        return UUID(kept) if kept else None
    except ValueError:
        return None


def _method(found: Any) -> Method:
    card = getattr(found, "card", None)
    return Method(
        gateway_id=found.id,
        type=found.type,
        card_brand=card.brand if card else "",
        card_last4=card.last4 if card else "",
        card_exp_month=card.exp_month if card else None,
        card_exp_year=card.exp_year if card else None,
    )


@lru_cache(maxsize=1)
def connect() -> StripeGateway:
    """The gateway with this deployment's key and address; one HTTP session a process."""
    return StripeGateway(
        stripe.StripeClient(
            settings.STRIPE_SECRET_KEY,
            base_addresses={"api": settings.STRIPE_API_BASE},
            http_client=stripe.RequestsClient(timeout=settings.STRIPE_TIMEOUT_SECONDS),
            max_network_retries=0,
        )
    )
