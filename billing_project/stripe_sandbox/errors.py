"""The errors a caller can meet, in Stripe's JSON shape and with Stripe's HTTP status."""

from typing import Any


class StripeError(Exception):
    """An answer that is not a success. `keep`: what was done before it stays done, as a declined charge does."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "invalid_request_error",
        keep: bool = False,
        headers: dict[str, str] | None = None,
        **fields: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.keep = keep
        self.headers = headers or {}
        self.body: dict[str, Any] = {"error": {"message": message, "type": kind, **fields}}


class HangUp(Exception):
    """The connection is held for `seconds` and then closed without an answer."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"hold {seconds} s and close")
        self.seconds = seconds


def invalid(message: str, param: str | None = None, code: str | None = None, status: int = 400) -> StripeError:
    fields: dict[str, Any] = {name: value for name, value in (("param", param), ("code", code)) if value is not None}
    return StripeError(status, message, **fields)


def missing(kind: str, object_id: str, param: str | None = None) -> StripeError:
    """An id in the path that is not there is 404, one in the parameters 400."""
    noun = kind.replace("_", " ") if kind in ("payment_method", "webhook_endpoint", "balance_transaction") else kind
    message = f"No such {noun.replace('payment method', 'PaymentMethod')}: '{object_id}'"
    return invalid(message, param or "id", "resource_missing", 400 if param else 404)


def unexpected_state(kind: str, message: str, **fields: Any) -> StripeError:
    return StripeError(400, message, code=f"{kind}_unexpected_state", **fields)
