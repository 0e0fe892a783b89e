"""What we ask of a payment gateway. Every call is made with no transaction open, and may be repeated with its key."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string


class Outcome(StrEnum):
    """How the gateway answered a charge."""

    SUCCEEDED = "succeeded"
    DECLINED = "declined"
    FAILED = "failed"
    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"


@dataclass(frozen=True, kw_only=True)
class ChargeRequest:
    """One payment to collect, off session. `payment_id` is also the idempotency key; `amount` in minor units."""

    payment_id: UUID
    invoice_id: UUID
    amount: int
    currency: str
    customer_id: str
    method_id: str
    description: str


@dataclass(frozen=True, kw_only=True)
class ChargeResult:
    """The gateway's word on one charge. `payment_id` is ours, as the gateway kept it; `code`, `message` say why not."""

    outcome: Outcome
    gateway_id: str
    payment_id: UUID | None = None
    amount: int = 0
    currency: str = ""
    code: str = ""
    message: str = ""


@dataclass(frozen=True, kw_only=True)
class Method:
    """A payment method as the gateway knows it; never a card number."""

    gateway_id: str
    type: str
    card_brand: str = ""
    card_last4: str = ""
    card_exp_month: int | None = None
    card_exp_year: int | None = None


class GatewayUnavailable(Exception):
    """No answer, or one that says nothing about the outcome: ask again later with the same key."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class GatewayRefused(Exception):
    """The gateway said no, and will say so again."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Gateway(Protocol):
    """A payment gateway. Errors of every call: GatewayUnavailable, GatewayRefused."""

    def create_customer(self, *, account_id: UUID, email: str, name: str, key: str) -> str:
        """The gateway's id of a customer that stands for the account; with the same key, the same one."""
        ...

    def set_up(self, *, customer_id: str, token: str, key: str) -> Method:
        """Verify a method by its token (no amount charged) and attach it to the customer; repeated, the same one."""
        ...

    def detach(self, *, method_id: str, key: str) -> None:
        """Take a payment method off its customer."""
        ...

    def charge(self, request: ChargeRequest) -> ChargeResult:
        """Collect one payment; the same `payment_id` never charges twice."""
        ...

    def fetch(self, gateway_id: str) -> ChargeResult:
        """How a charge stands now."""
        ...

    def find(self, *, payment_id: UUID, customer_id: str, since: datetime) -> ChargeResult | None:
        """Look for the charge of a payment whose outcome is unknown; None when the gateway has made none since then."""
        ...

    def webhook_urls(self) -> list[str]:
        """Where the gateway sends what it has to tell: its endpoints that are switched on."""
        ...


def current() -> Gateway:
    """The gateway of this deployment: what settings.PAYMENT_GATEWAY names."""
    connect: Callable[[], Gateway] = import_string(settings.PAYMENT_GATEWAY)
    return connect()
