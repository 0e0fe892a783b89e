"""States of payments and payment methods, and how long to wait before asking the gateway again; no database."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from apps.kernel.periods import zone


class Status(StrEnum):
    """Of a payment: under way, or how it ended. One that failed may turn out to have been paid at the gateway."""

    PENDING = "PENDING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


TRANSITIONS: dict[Status, tuple[Status, ...]] = {
    Status.PENDING: (Status.SUCCEEDED, Status.FAILED),
    Status.SUCCEEDED: (),
    Status.FAILED: (Status.SUCCEEDED,),
}


class Origin(StrEnum):
    """Who or what had an invoice collected: the invoice itself, its schedule, a method that is new or works again, the
    customer on the invoice's page, somebody else who asked for it, or money that came past the gateway.
    """

    INVOICE = "invoice"
    RETRY = "retry"
    METHOD = "method"
    PAGE = "page"
    PERSON = "person"
    TRANSFER = "transfer"


class MethodStatus(StrEnum):
    """Of a payment method: to be verified at the gateway, usable, refused, or taken off."""

    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    REFUSED = "REFUSED"
    DETACHED = "DETACHED"


METHOD_TRANSITIONS: dict[MethodStatus, tuple[MethodStatus, ...]] = {
    MethodStatus.PENDING: (MethodStatus.ACTIVE, MethodStatus.REFUSED),
    MethodStatus.ACTIVE: (MethodStatus.DETACHED,),
    MethodStatus.REFUSED: (),
    MethodStatus.DETACHED: (),
}


class RefundStatus(StrEnum):
    """Of a refund: under way, or how it ended. One that succeeded may still come back."""

    PENDING = "PENDING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


REFUND_TRANSITIONS: dict[RefundStatus, tuple[RefundStatus, ...]] = {
    RefundStatus.PENDING: (RefundStatus.PENDING, RefundStatus.SUCCEEDED, RefundStatus.FAILED),
    RefundStatus.SUCCEEDED: (RefundStatus.FAILED,),
    RefundStatus.FAILED: (),
}


class DisputeStatus(StrEnum):
    """Of a dispute: the bank only asks, holds the money, or has decided for us or against us."""

    INQUIRY = "INQUIRY"
    OPEN = "OPEN"
    WON = "WON"
    LOST = "LOST"


DISPUTE_TRANSITIONS: dict[DisputeStatus, tuple[DisputeStatus, ...]] = {
    DisputeStatus.INQUIRY: tuple(DisputeStatus),
    DisputeStatus.OPEN: (DisputeStatus.OPEN, DisputeStatus.WON, DisputeStatus.LOST),
    DisputeStatus.WON: (),
    DisputeStatus.LOST: (),
}


class NoticeStatus(StrEnum):
    """Of what the gateway told us: to be looked into, or done."""

    PENDING = "PENDING"
    DONE = "DONE"


LEASE = timedelta(seconds=150)
"""How long one worker may hold one row; longer than all calls of its turn, each at its time-out (see checks)."""

CALLS_PER_TURN = 4
"""At most: three pages of a look-up and the charge."""

CLOCKS_DIFFER = timedelta(hours=1)
"""How far back of our own time a look-up begins, for the gateway's clock is not ours."""

TOKEN = re.compile(r"[a-z]{2,8}_[A-Za-z0-9_]{1,240}")
"""The look of a gateway's token; a card number has none of it."""


BY_HAND = ("bank_transfer", "check", "cash")
"""Methods of payments that no gateway made."""

RETRY_DAYS = (3, 5, 7, 10)
"""Local days after the first failure at which a failed payment is tried again,"""
RETRY_TIME = time(10)
"""and the time of day: people are awake, and so are their banks."""

HARD_DECLINES = frozenset({
    "account_closed", "authentication_not_handled", "card_not_supported", "debit_not_authorized", "expired_card",
    "fraudulent", "highest_risk_level", "incorrect_number", "invalid_account", "invalid_number", "lost_card",
    "mandate_invalid", "merchant_blacklist", "no_account", "payment_method_missing", "pickup_card", "restricted_card",
    "revocation_of_all_authorizations", "revocation_of_authorization", "stolen_card", "stop_payment_order",
    "transaction_not_allowed",
})  # fmt: skip
"""Codes after which the same method will be refused again, whenever it is asked."""


def next_retry(first_failed: date, today: date, timezone: str) -> datetime | None:
    """When an invoice whose first attempt failed on `first_failed` is tried again after local day `today`, if ever."""
    for days in RETRY_DAYS:
        day = first_failed + timedelta(days=days)
        if day > today:
            return datetime.combine(day, RETRY_TIME, tzinfo=zone(timezone)).astimezone(UTC)
    return None


ACTION_TIME = timedelta(days=1)
"""How long a payment waits for its customer to confirm it, in the account's time."""


def patience(calls: int) -> timedelta:
    """How long until the n-th look at a charge that is under way: 2, 4, 8 ... seconds, at most an hour."""
    return timedelta(seconds=min(2 ** min(max(calls, 1), 12), 3600))


def last_month(year: int | None, month: int | None) -> datetime | None:
    """When the last month begins in which a card can be charged; None for what does not expire."""
    return datetime(year, month, 1, tzinfo=UTC) if year and month else None


def back_off(attempts: int) -> timedelta:
    """How long to wait after the n-th call without an answer: 2, 4, 8 ... seconds, at most five minutes."""
    return timedelta(seconds=min(2 ** max(attempts, 1), 300))


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a gateway takes in one charge of a currency, in minor units: from, to, and whole multiples of."""

    smallest: int
    largest: int
    multiple: int = 1


def chargeable(owed: int, limits: Limits) -> int:
    """How much of `owed` can be charged now; the rest is carried. 0: nothing, because it is too little or too much."""
    amount = owed - owed % limits.multiple
    return amount if limits.smallest <= amount <= limits.largest else 0
