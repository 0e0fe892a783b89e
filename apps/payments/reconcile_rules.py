"""What is a difference between the gateway and our books, and what mends it; no database.

Everything is about one charge: what the gateway took for it, gave back and lost to a bank, beside what our payment
says of the same three.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from apps.payments.rules import Status


class Side(StrEnum):
    """What a movement of the gateway's balance is about."""

    CHARGE = "charge"
    REFUND = "refund"
    DISPUTE = "dispute"


SIDES: Mapping[str, Side] = {
    "charge": Side.CHARGE,
    "charge_failure": Side.CHARGE,
    "refund": Side.REFUND,
    "refund_failure": Side.REFUND,
    "partial_capture_reversal": Side.REFUND,
    "dispute": Side.DISPUTE,
    "dispute_reversal": Side.DISPUTE,
}
"""Kinds of movements that are a customer's money. Payouts, fees and the rest are between the gateway and our bank."""


class DifferenceKind(StrEnum):
    """What does not agree."""

    CHARGE_NOT_RECORDED = "charge_not_recorded"
    CHARGE_UNKNOWN = "charge_unknown"
    PAYMENT_NOT_AT_GATEWAY = "payment_not_at_gateway"
    AMOUNT_DIFFERS = "amount_differs"
    REFUNDS_DIFFER = "refunds_differ"
    DISPUTES_DIFFER = "disputes_differ"
    CLEARING_DIFFERS = "clearing_differs"
    TRANSFER_UNMATCHED = "transfer_unmatched"


class Fix(StrEnum):
    """What is proposed: write down what the gateway took, take a charge over for its account, ask again, say whose
    money it is, or a person."""

    RECORD = "record"
    TAKE_OVER = "take_over"
    LOOK_AGAIN = "look_again"
    ASSIGN = "assign"
    BY_HAND = "by_hand"


KINDS: Mapping[DifferenceKind, str] = {
    DifferenceKind.CHARGE_NOT_RECORDED: "Charged at the gateway, not paid here",
    DifferenceKind.CHARGE_UNKNOWN: "Charged at the gateway, no payment of ours",
    DifferenceKind.PAYMENT_NOT_AT_GATEWAY: "Paid here, not charged at the gateway",
    DifferenceKind.AMOUNT_DIFFERS: "Amount or currency differs",
    DifferenceKind.REFUNDS_DIFFER: "Refunds differ",
    DifferenceKind.DISPUTES_DIFFER: "Money held by a bank differs",
    DifferenceKind.CLEARING_DIFFERS: "Clearing account and payments differ",
    DifferenceKind.TRANSFER_UNMATCHED: "Money on our bank account, and nobody knows whose",
}
FIXES: Mapping[Fix, str] = {
    Fix.RECORD: "Record it as paid",
    Fix.TAKE_OVER: "Take it over for the account",
    Fix.LOOK_AGAIN: "Ask the gateway again",
    Fix.ASSIGN: "Say whose it is",
    Fix.BY_HAND: "See to it by hand",
}
"""In words, for staff."""


class DifferenceStatus(StrEnum):
    """Of a task. One that was closed comes back if it is found with other amounts, or again after it had vanished."""

    OPEN = "OPEN"
    RESOLVED = "RESOLVED"
    DISMISSED = "DISMISSED"


DIFFERENCE_TRANSITIONS: dict[DifferenceStatus, tuple[DifferenceStatus, ...]] = {
    DifferenceStatus.OPEN: (DifferenceStatus.RESOLVED, DifferenceStatus.DISMISSED),
    DifferenceStatus.RESOLVED: (DifferenceStatus.OPEN,),
    DifferenceStatus.DISMISSED: (DifferenceStatus.OPEN,),
}

QUIET = timedelta(hours=1)
"""What changed so lately is left to webhooks and the worker: it is under way."""
RECENT = timedelta(days=1)
"""The hourly look compares what moved within that time."""
OVERLAP = timedelta(hours=1)
"""How much of the time before it a look lists again: the gateway's clock is not ours."""
LISTED_DAILY = timedelta(days=7)
"""The daily look lists so much again, whatever was listed."""
MOST = 1000
"""Tasks that one look opens at most: beyond that something else is wrong, a key of another mode, say."""


def hour(at: datetime) -> datetime:
    """The hour that an instant lies in."""
    return at.replace(minute=0, second=0, microsecond=0)


@dataclass(frozen=True, kw_only=True)
class Charge:
    """Both sides of one charge, in minor units. `currency`: the gateway's, "" where it knows nothing of the charge.

    `payment_id`: our payment of it; `status` None where we have none. `payable`: whether its account is billed in the
    gateway's currency. Of a payment that has not succeeded our books hold nothing.
    """

    charge_id: str
    currency: str
    charged: int
    refunded: int
    withdrawn: int
    refunds: Sequence[str] = ()
    disputes: Sequence[str] = ()
    payment_id: UUID | None
    status: Status | None
    known_as: str | None
    our_currency: str
    amount: int
    amount_refunded: int
    amount_charged_back: int
    account_id: UUID | None
    payable: bool
    changed_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that does not agree, what mends it, and (type, id) of what to look into before it is a task."""

    kind: DifferenceKind
    subject: str
    fix: Fix
    outside: int
    ours: int
    outside_currency: str
    our_currency: str
    account_id: UUID | None = None
    payment_id: UUID | None = None
    asks: tuple[tuple[str, str], ...] = ()


def findings(charge: Charge) -> list[Finding]:
    """What does not agree about one charge; nothing where the worker is on its way to ask about it anyway."""
    if charge.status is None:
        if not charge.charged or charge.charged == charge.refunded + charge.withdrawn:
            return []  # the gateway holds nothing of it any more
        fix = Fix.TAKE_OVER if charge.account_id and charge.payable else Fix.BY_HAND
        return [_finding(charge, DifferenceKind.CHARGE_UNKNOWN, fix, charge.charged, 0)]
    if charge.status is not Status.SUCCEEDED:
        return _not_recorded(charge)
    if not charge.currency:
        return [_finding(charge, DifferenceKind.PAYMENT_NOT_AT_GATEWAY, Fix.LOOK_AGAIN, 0, charge.amount)]
    if charge.currency != charge.our_currency:
        return [_finding(charge, DifferenceKind.AMOUNT_DIFFERS, Fix.BY_HAND, charge.charged, charge.amount)]
    found = []
    if charge.charged != charge.amount:
        found.append(_finding(charge, DifferenceKind.AMOUNT_DIFFERS, Fix.BY_HAND, charge.charged, charge.amount))
    if charge.refunded != charge.amount_refunded:
        asks = tuple(("refund.updated", refund_id) for refund_id in charge.refunds)
        found.append(
            _finding(
                charge, DifferenceKind.REFUNDS_DIFFER, Fix.LOOK_AGAIN, charge.refunded, charge.amount_refunded, asks
            )
        )
    if charge.withdrawn != charge.amount_charged_back:
        asks = tuple(("charge.dispute.updated", dispute_id) for dispute_id in charge.disputes)
        found.append(
            _finding(
                charge,
                DifferenceKind.DISPUTES_DIFFER,
                Fix.LOOK_AGAIN,
                charge.withdrawn,
                charge.amount_charged_back,
                asks,
            )
        )
    return found


def _not_recorded(charge: Charge) -> list[Finding]:
    """A charge at the gateway whose payment is not paid here."""
    under_way = charge.status is Status.PENDING and charge.known_as == charge.charge_id
    if not charge.charged or under_way:
        return []
    asks = (("payment_intent.succeeded", charge.charge_id),)
    fix = Fix.RECORD if charge.currency == charge.our_currency else Fix.BY_HAND
    return [_finding(charge, DifferenceKind.CHARGE_NOT_RECORDED, fix, charge.charged, 0, asks)]


def _finding(
    charge: Charge,
    kind: DifferenceKind,
    fix: Fix,
    outside: int,
    ours: int,
    asks: tuple[tuple[str, str], ...] = (),
) -> Finding:
    currency = charge.currency or charge.our_currency
    return Finding(
        kind=kind,
        subject=charge.charge_id,
        fix=fix,
        outside=outside,
        ours=ours,
        outside_currency=currency,
        our_currency=charge.our_currency or currency,
        account_id=charge.account_id,
        payment_id=charge.payment_id,
        asks=asks,
    )
