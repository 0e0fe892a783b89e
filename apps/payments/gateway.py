"""What we ask of a payment gateway. Every call is made with no transaction open, and may be repeated with its key."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from apps.payments.rules import Limits


class Outcome(StrEnum):
    """How the gateway answered a charge or a refund."""

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
    method_type: str
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
    action_url: str = ""


@dataclass(frozen=True, kw_only=True)
class RefundRequest:
    """Money to give back of one charge. `refund_id` is also the idempotency key; `amount` in minor units."""

    refund_id: UUID
    charge_id: str
    amount: int


@dataclass(frozen=True, kw_only=True)
class RefundResult:
    """The gateway's word on one refund. `refund_id` is ours; none when somebody made it at the gateway itself."""

    outcome: Outcome
    gateway_id: str
    charge_id: str
    amount: int
    currency: str
    refund_id: UUID | None = None
    code: str = ""


class DisputeState(StrEnum):
    """How a dispute stands. An inquiry asks and takes nothing; a warning that is closed is won."""

    INQUIRY = "inquiry"
    OPEN = "open"
    WON = "won"
    LOST = "lost"


@dataclass(frozen=True, kw_only=True)
class DisputeResult:
    """A charge that the customer's bank questions. `withdrawn`: what it holds of our money now."""

    gateway_id: str
    charge_id: str
    state: DisputeState
    amount: int
    withdrawn: int
    currency: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Movement:
    """Something that moved the gateway's balance, in the currency its customer was charged in.

    `charge_id`: the charge it is about; ids of ours as the gateway kept them.
    """

    gateway_id: str
    kind: str
    amount: int
    fee: int
    currency: str
    source_id: str
    charge_id: str
    at: datetime
    customer_id: str = ""
    payment_id: UUID | None = None
    refund_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Method:
    """A payment method as the gateway knows it; never a card number."""

    gateway_id: str
    type: str
    card_brand: str = ""
    card_last4: str = ""
    card_exp_month: int | None = None
    card_exp_year: int | None = None
    attached: bool = True


@dataclass(frozen=True, kw_only=True)
class Setup:
    """A method that a customer is to give in their browser; `secret` lets the gateway's form there finish it."""

    gateway_id: str
    secret: str


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

    def begin_setup(self, *, customer_id: str, key: str) -> Setup:
        """Let a customer give a method in the gateway's own form; its `gateway_id` is then the token of `set_up`."""
        ...

    def fetch_method(self, method_id: str) -> Method:
        """A payment method as it is now: cards are renewed by their banks."""
        ...

    def detach(self, *, method_id: str, key: str) -> None:
        """Take a payment method off its customer."""
        ...

    def charge(self, request: ChargeRequest) -> ChargeResult:
        """Collect one payment; the same `payment_id` never charges twice."""
        ...

    def ask_customer(self, *, gateway_id: str, method_id: str, return_url: str, key: str) -> ChargeResult:
        """Let a charge wait for its customer's proof: `action_url` is where they give it."""
        ...

    def give_up(self, gateway_id: str) -> ChargeResult:
        """Collect this charge no more; how it stands then, for it may have succeeded just before."""
        ...

    def fetch(self, gateway_id: str) -> ChargeResult:
        """How a charge stands now."""
        ...

    def find(self, *, payment_id: UUID, customer_id: str, since: datetime) -> ChargeResult | None:
        """Look for the charge of a payment whose outcome is unknown; None when the gateway has made none since then."""
        ...

    def refund(self, request: RefundRequest) -> RefundResult:
        """Give money back; the same `refund_id` never gives twice, and never more goes back than is left."""
        ...

    def fetch_refund(self, gateway_id: str) -> RefundResult:
        """How a refund stands now."""
        ...

    def refunds_of(self, charge_id: str) -> list[RefundResult]:
        """All refunds of a charge, the newest first."""
        ...

    def fetch_dispute(self, gateway_id: str) -> DisputeResult:
        """How a dispute stands now."""
        ...

    def movements(self, *, since: datetime, until: datetime, after: str = "") -> Iterator[Movement]:
        """Everything that moved the gateway's balance in that time, the newest first; on from `after`, if it is given.

        A page is asked for when its first movement is wanted.
        """
        ...

    def webhook_urls(self) -> list[str]:
        """Where the gateway sends what it has to tell: its endpoints that are switched on."""
        ...


def current() -> Gateway:
    """The gateway of this deployment: what settings.PAYMENT_GATEWAY names."""
    connect: Callable[[], Gateway] = import_string(settings.PAYMENT_GATEWAY)
    return connect()


def limits(currency: str) -> Limits:
    """How much that gateway takes in one charge: what settings.PAYMENT_LIMITS names, known without a call."""
    found: Callable[[str], Limits] = import_string(settings.PAYMENT_LIMITS)
    return found(currency)
