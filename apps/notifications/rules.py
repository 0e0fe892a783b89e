"""States of a message, its kinds, what each may name, and how long to wait before trying again; no database."""

import re
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum


class Status(StrEnum):
    """Of a message: to be sent; taken by the mail server; given up; not sent for a reason; come back."""

    PENDING = "PENDING"
    SENT = "SENT"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"
    BOUNCED = "BOUNCED"


TRANSITIONS: Mapping[Status, tuple[Status, ...]] = {
    Status.PENDING: (Status.SENT, Status.FAILED, Status.SKIPPED, Status.BOUNCED),
    Status.SENT: (Status.BOUNCED,),
    Status.FAILED: (Status.PENDING,),
    Status.SKIPPED: (),
    Status.BOUNCED: (),
}


class Kind(StrEnum):
    """What a message is about."""

    INVOICE_CREATED = "invoice_created"
    INVOICE_COPY = "invoice_copy"
    RECEIPT = "receipt"
    PAYMENT_FAILED = "payment_failed"
    CONFIRM = "payment_confirmation"
    METHOD_NEEDED = "payment_method_needed"
    REMINDER = "payment_reminder"
    WARNING = "payment_warning"
    BLOCKED = "account_blocked"
    WELCOME_BACK = "welcome_back"
    SETTLED = "account_settled"
    TRIAL_ENDING = "trial_ending"
    CARD_EXPIRING = "card_expiring"
    CREDIT_APPLIED = "credit_applied"
    CORRECTED = "invoice_corrected"
    CREDIT_NOTE = "credit_note"


_INVOICE = frozenset({"number", "total", "open", "due"})
_ALWAYS = frozenset({"customer", "seller", "support"})
NAMES: Mapping[Kind, frozenset[str]] = {
    kind: _ALWAYS | names
    for kind, names in {
        Kind.INVOICE_CREATED: _INVOICE | {"how_to_pay"},
        Kind.INVOICE_COPY: _INVOICE | {"how_to_pay"},
        Kind.RECEIPT: _INVOICE | {"amount", "still_open"},
        Kind.PAYMENT_FAILED: _INVOICE | {"amount", "reason", "next_try"},
        Kind.CONFIRM: _INVOICE | {"amount", "until"},
        Kind.METHOD_NEEDED: _INVOICE | {"days"},
        Kind.REMINDER: _INVOICE | {"days"},
        Kind.WARNING: _INVOICE | {"days"},
        Kind.BLOCKED: _INVOICE | {"days"},
        Kind.WELCOME_BACK: frozenset[str](),
        Kind.SETTLED: frozenset[str](),
        Kind.TRIAL_ENDING: frozenset({"plan", "trial_end", "after_trial"}),
        Kind.CARD_EXPIRING: frozenset({"card", "expires"}),
        Kind.CREDIT_APPLIED: _INVOICE | {"amount", "still_open"},
        Kind.CORRECTED: _INVOICE | {"replaced", "how_to_pay"},
        Kind.CREDIT_NOTE: frozenset({"number", "invoice", "amount"}),
    }.items()
}
"""What a message of each kind may name in braces."""

OPTIONAL = frozenset(
    {Kind.RECEIPT, Kind.WELCOME_BACK, Kind.SETTLED, Kind.TRIAL_ENDING, Kind.CARD_EXPIRING, Kind.CREDIT_APPLIED}
)
"""What a customer may do without. Invoices, corrections and what an unpaid one leads to are always sent."""

WHILE_OPEN = frozenset(
    {Kind.METHOD_NEEDED, Kind.REMINDER, Kind.WARNING, Kind.BLOCKED, Kind.PAYMENT_FAILED, Kind.CONFIRM}
)
"""What is not sent any more once its invoice is settled."""

WITH_INVOICE = frozenset({Kind.INVOICE_CREATED, Kind.INVOICE_COPY, Kind.CORRECTED})
"""What brings the invoice's document."""


class Scope(StrEnum):
    """What an address gets no more: anything, or what it may do without."""

    ALL = "all"
    OPTIONAL = "optional"


class Cause(StrEnum):
    """Why."""

    BOUNCED = "bounced"
    COMPLAINED = "complained"
    UNSUBSCRIBED = "unsubscribed"
    BY_HAND = "by_hand"


LEASE = timedelta(seconds=180)
"""How long one worker may hold one message; longer than a whole talk with the mail server."""

TALK = 12
"""Replies of the mail server that one message waits for at most, each up to the time-out."""

GIVE_UP_AFTER = 8
"""Calls without success, over about a day and a half; then the message is FAILED for staff to see."""

MORNING = 9
"""The local hour before which nobody is reminded."""


def back_off(calls: int) -> timedelta:
    """How long to wait after the n-th call: half a minute, then four times longer each, at most twelve hours."""
    return min(timedelta(seconds=30 * 4 ** (max(calls, 1) - 1)), timedelta(hours=12))


_GONE = re.compile(r"5\.(1\.(1|2|3|6|10)|2\.1)\b")
"""Enhanced codes (RFC 3463) of an address that is none, has moved, or takes nothing any more."""


def refused_for_good(code: int, said: str) -> bool:
    """Whether a mail server's answer is about the address, and final. Others (relaying denied, a full mailbox, a
    blocked sender) are about us or pass: taken for final, a wrong setting would silence every customer.
    """
    return 500 <= code < 600 and _GONE.match(said.strip()) is not None
