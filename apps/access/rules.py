"""The role table: who may read and write what. Pure; groups of Django carry the names, this table the meaning."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, TypeAlias

Right: TypeAlias = Literal["read", "write"]


DEFAULT_RATE_LIMIT = 1000
"""Requests an hour that a key may make when nobody says otherwise."""


class Role(StrEnum):
    """What a person or a key is here for. Also the names of Django's groups."""

    SUPER_ADMIN = "super_admin"
    BILLING_ADMIN = "billing_admin"
    SUPPORT_REP = "support_rep"
    FINANCE_VIEWER = "finance_viewer"


class Ended(StrEnum):
    """Why a sign-in over the API ended before its time."""

    SIGNED_OUT = "signed_out"
    TOKEN_REUSED = "token_reused"  # noqa: S105 - a reason
    REVOKED = "revoked"


class KeyState(StrEnum):
    """What a key is worth. IN_OVERLAP: another has taken its place, and it still works for a while."""

    WORKS = "WORKS"
    IN_OVERLAP = "IN_OVERLAP"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"


LONGEST_OVERLAP = timedelta(days=7)
"""How long a key may go on beside the one that replaces it."""

SHOWN_TO_CUSTOMERS = frozenset({"accounts", "subscriptions", "invoices", "payments", "usage"})
"""What a customer's token reads, of its own account."""

ACCESS_SECONDS = 15 * 60
"""How long an access token lives."""
SIGN_IN_SECONDS = 12 * 3600
"""How long refresh tokens follow one another; then the person signs in again. As long as a back office session."""
KEY_DAYS = 30
"""How long a signing key signs."""

MAX_FAILURES = 5
LOCKED_SECONDS = 15 * 60
"""After so many failed tries a name is locked so long; a quarter of an hour without one, and they are forgotten."""


def locked_until(failures: int, last_at: datetime) -> datetime | None:
    """Until when no further try is looked at; None while there is one left."""
    return last_at + timedelta(seconds=LOCKED_SECONDS) if failures >= MAX_FAILURES else None


def key_state(*, revoked_at: datetime | None, expires_at: datetime | None, replaced: bool, at: datetime) -> KeyState:
    """The state of a key at `at`. It expires at the instant that it names."""
    if revoked_at is not None:
        return KeyState.REVOKED
    if expires_at is not None and expires_at <= at:
        return KeyState.EXPIRED
    return KeyState.IN_OVERLAP if replaced else KeyState.WORKS


NOTHING: frozenset[Right] = frozenset()
READ: frozenset[Right] = frozenset({"read"})
WRITE: frozenset[Right] = frozenset({"read", "write"})

_LETTERS: Mapping[str, frozenset[Right]] = {"-": NOTHING, "R": READ, "W": WRITE}

# One line per row of the table in docs/access.md: resources, then the letters of Super Admin, Billing Admin,
# Support Rep, Finance Viewer. W includes R.
_ROWS: tuple[tuple[str, str], ...] = (
    ("accounts payment_methods dispute_hold", "WRWR"),
    ("plans coupons tax_rates dunning_policies", "WWRR"),
    ("subscriptions test_clocks billing_runs", "WWRR"),
    ("subscriptions.life", "WWWR"),
    ("invoices credit_notes credits", "WWWR"),
    ("payments refunds bank_transfers reconciliation", "WWRR"),
    ("payments.collect", "WWWR"),
    ("usage", "WWRR"),
    ("analytics ledger reports exports", "RR-R"),
    ("webhooks events deliveries", "WWR-"),
    ("write_off period_close bulk_moves reratings", "WW--"),
    ("users roles api_keys audit settings pending_work", "W---"),
)

TABLE: Mapping[str, Mapping[str, frozenset[Right]]] = {
    resource: {role: _LETTERS[letter] for role, letter in zip(Role, letters, strict=True)}
    for resources, letters in _ROWS
    for resource in resources.split()
}
"""Resource -> role -> rights. `subscriptions.life` is cancel, pause and resume; `payments.collect` pay and retry."""


def may(role: str, resource: str, right: str) -> bool:
    """Whether `role` has `right` on `resource`. An unknown role may nothing."""
    return right in TABLE[resource].get(role, NOTHING)


def any_may(roles: Iterable[str], resource: str, right: str) -> bool:
    """Whether one of `roles` has it: somebody in two groups has the rights of both."""
    return any(may(role, resource, right) for role in roles)
