"""One call of Stripe's API: timed, counted, and its errors in the gateway's words."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import stripe
import structlog

from apps.kernel import clock
from apps.payments.gateway import ChargeResult, GatewayRefused, GatewayUnavailable, Outcome
from apps.payments.metrics import stripe_request_duration_seconds, stripe_requests_total

logger = structlog.get_logger(__name__)

AUTHENTICATION = "authentication_required"
PAGE = 100
"""Objects in one answer of a list."""


class Caller:
    """Whoever speaks to Stripe with one client."""

    def __init__(self, client: stripe.StripeClient) -> None:
        self._client = client


def kept_id(holder: Any, name: str) -> UUID | None:
    """An id of ours that an object of Stripe's carries in its metadata."""
    kept = getattr(getattr(holder, "metadata", None), name, None)
    try:
        return UUID(kept) if kept else None
    except ValueError:
        return None


class Declined(GatewayRefused):
    """The issuer said no to a card."""

    def __init__(self, code: str, message: str, gateway_id: str, outcome: Outcome) -> None:
        super().__init__(code, message)
        self.gateway_id = gateway_id
        self.outcome = outcome

    def result(self, payment_id: UUID) -> ChargeResult:
        """The same as the answer to a charge."""
        return ChargeResult(
            outcome=self.outcome,
            gateway_id=self.gateway_id,
            payment_id=payment_id,
            code=self.code,
            message=self.message,
        )


@contextmanager
def call(operation: str) -> Iterator[None]:
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
        raise Declined(error.code or "invalid_request", _said(error), "", Outcome.FAILED) from error
    except stripe.StripeError as error:
        outcome = "unavailable"
        raise GatewayUnavailable(type(error).__name__) from error
    finally:
        stripe_requests_total.labels(operation, outcome).inc()
        stripe_request_duration_seconds.labels(operation).observe(clock.monotonic() - started)


def _declined(error: stripe.CardError) -> Declined:
    document: Any = error.json_body or {}
    body = document.get("error", {})
    code = body.get("decline_code") or body.get("code") or error.code or "card_declined"
    outcome = Outcome.REQUIRES_ACTION if body.get("code") == AUTHENTICATION else Outcome.DECLINED
    return Declined(code, _said(error), (body.get("payment_intent") or {}).get("id", ""), outcome)


def _said(error: stripe.StripeError) -> str:
    return error.user_message or type(error).__name__
