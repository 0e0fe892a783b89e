"""Tries to sign in, counted before a secret is looked at: many at once get no more of them than one after another."""

import hashlib
from datetime import datetime, timedelta

import structlog
from django.db import connection

from apps.access import rules
from apps.access.metrics import sign_ins_locked
from apps.access.models import SignInAttempts
from apps.kernel.errors import TooManyRequests

PURGE_BATCH = 1000

# A quarter of an hour after the last one that was counted they begin anew. What comes while a name is locked does not
# count, so that nobody is kept out for ever.
_COUNT = """
INSERT INTO access_signinattempts AS known (subject, failures, first_at, last_at)
VALUES (%(subject)s, 1, %(at)s, %(at)s)
ON CONFLICT (subject) DO UPDATE SET
    failures = CASE WHEN known.last_at <= %(forgotten)s THEN 1 ELSE known.failures + 1 END,
    first_at = CASE WHEN known.last_at <= %(forgotten)s THEN EXCLUDED.first_at ELSE known.first_at END,
    last_at = EXCLUDED.last_at
    WHERE known.failures < %(most)s OR known.last_at <= %(forgotten)s
RETURNING failures
"""


def attempt(name: str, *, at: datetime) -> None:
    """Count a try under `name`, or refuse it (429). Success afterwards is said by `succeeded`."""
    subject = subject_of(name)
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNT,
            {
                "subject": subject, "at": at, "most": rules.MAX_FAILURES,
                "forgotten": at - timedelta(seconds=rules.LOCKED_SECONDS),
            },
        )  # fmt: skip
        counted = cursor.fetchone()
    if counted is None:
        sign_ins_locked.inc()
        structlog.get_logger(__name__).warning("sign_in_locked", subject=subject[:12])
        raise locked(name, at=at)


def succeeded(name: str) -> None:
    """Forget the tries under `name`."""
    SignInAttempts.objects.filter(subject=subject_of(name)).delete()


def locked(name: str, *, at: datetime) -> TooManyRequests:
    """The refusal of a further try."""
    known = SignInAttempts.objects.filter(subject=subject_of(name)).first()
    until = rules.locked_until(known.failures, known.last_at) if known else None
    seconds = max(int((until - at).total_seconds()) + 1, 1) if until else rules.LOCKED_SECONDS
    return TooManyRequests(
        "sign_in_locked",
        f"Too many failed tries under this name. The next one is looked at in {-(-seconds // 60)} minutes.",
        hint="Wait as long as Retry-After says. A Super Admin can unlock a colleague on the page of the staff user.",
        retry_after=seconds,
    )


def purge(*, at: datetime) -> int:
    """Delete one batch of tries that count no more; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM access_signinattempts WHERE subject IN (SELECT subject FROM access_signinattempts"
            " WHERE last_at <= %s ORDER BY last_at LIMIT %s FOR UPDATE SKIP LOCKED)",
            [at - timedelta(seconds=rules.LOCKED_SECONDS), PURGE_BATCH],
        )
        return int(cursor.rowcount)


def subject_of(name: str) -> str:
    """Under what a name is counted: its digest, for what people type there may be their password."""
    return hashlib.sha256(name.strip().lower().encode("utf-8", "surrogatepass")).hexdigest()
