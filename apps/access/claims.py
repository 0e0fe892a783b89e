"""Rows of idempotent requests: claimed with a lease, answered once, released, purged. One statement each.

Every write after the claim carries the lease's token, so whoever lost the lease changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection

from apps.access.models import IdempotentRequest
from apps.kernel.errors import Conflict, Invalid

KEPT = timedelta(hours=24)
PURGE_BATCH = 1000

# Takes the row if there is none, if it is past its 24 hours, or if its holder let the lease lapse without an answer.
_CLAIM = """
INSERT INTO access_idempotentrequest AS held
    (principal, key, request_hash, created_at, lease_token, leased_until, status, headers, body)
VALUES (%(principal)s, %(key)s, %(hash)s, %(at)s, %(token)s, %(until)s, NULL, '{}', '')
ON CONFLICT (principal, key) DO UPDATE
    SET lease_token = EXCLUDED.lease_token, leased_until = EXCLUDED.leased_until, request_hash = EXCLUDED.request_hash,
        created_at = CASE WHEN held.created_at <= %(oldest)s THEN EXCLUDED.created_at ELSE held.created_at END,
        status = NULL, headers = '{}', body = ''
    WHERE (held.status IS NOT NULL AND held.created_at <= %(oldest)s)
       OR (held.status IS NULL AND held.leased_until <= %(at)s
           AND (held.request_hash = EXCLUDED.request_hash OR held.created_at <= %(oldest)s))
RETURNING id
"""


class LeaseLost(Exception):
    """Somebody else runs this request now: what was done here must be undone."""


@dataclass(frozen=True)
class Claim:
    """The right to run a request until the lease lapses."""

    id: int
    token: UUID


def claim(*, principal: str, key: str, request_hash: str, at: datetime) -> Claim | IdempotentRequest:
    """The right to run the request; or its row, answered already. Refuses another request, and one under way."""
    token = uuid4()
    until = at + timedelta(seconds=lease_seconds())
    parameters: dict[str, Any] = {
        "principal": principal,
        "key": key,
        "hash": request_hash,
        "token": token,
        "at": at,
        "until": until,
    }
    for _ in range(3):
        with connection.cursor() as cursor:
            cursor.execute(_CLAIM, {**parameters, "oldest": at - KEPT})
            taken = cursor.fetchone()
        if taken:
            return Claim(taken[0], token)
        row = IdempotentRequest.objects.filter(principal=principal, key=key).first()
        if row is None:
            continue  # released or purged in between
        if row.request_hash != request_hash:
            raise Invalid(
                "idempotency_key_reused",
                "This Idempotency-Key was used for another request within the last 24 hours.",
                hint="Make a new key (a UUID, say) for every new request; repeat one only with the very same request.",
            )
        if row.status is not None:
            return row
        raise in_progress(row.leased_until, at)
    raise in_progress(until, at)


def answer(held: Claim, *, status: int, headers: Mapping[str, str], body: bytes) -> None:
    """Store the answer, in the transaction that is open, or raise LeaseLost."""
    stored = IdempotentRequest.objects.filter(pk=held.id, lease_token=held.token, status=None).update(
        status=status, headers=dict(headers), body=body
    )
    if not stored:
        raise LeaseLost


def release(held: Claim) -> None:
    """Forget the request, unless it has been answered or somebody else runs it: the next one runs afresh."""
    IdempotentRequest.objects.filter(pk=held.id, lease_token=held.token, status=None).delete()


def purge(*, at: datetime) -> int:
    """Delete one batch of rows past their time; returns how many. Rows that somebody holds are left for later."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM access_idempotentrequest WHERE id IN (SELECT id FROM access_idempotentrequest"
            " WHERE created_at <= %(oldest)s AND leased_until <= %(at)s"
            " ORDER BY created_at LIMIT %(batch)s FOR UPDATE SKIP LOCKED)",
            {"oldest": at - KEPT, "at": at, "batch": PURGE_BATCH},
        )
        return cursor.rowcount


def in_progress(until: datetime, at: datetime) -> Conflict:
    """409: the same request is being worked on."""
    return Conflict(
        "request_in_progress",
        "A request with this Idempotency-Key is still under way.",
        hint="Repeat it, with the same key, after as many seconds as Retry-After says.",
        retry_after=max(int((until - at).total_seconds()) + 1, 1),
    )


def lease_seconds() -> float:
    """How long a request may run before another with its key may take over."""
    return float(getattr(settings, "IDEMPOTENCY_LEASE_SECONDS", 60))
