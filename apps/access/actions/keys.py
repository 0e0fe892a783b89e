"""What can be done to an API key. The only writer of keys and of their use."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import ip_network
from uuid import UUID

from django.db import connection
from django.db.models import F

from apps.access import keys, rules
from apps.access.models import ApiKey, KeyUse
from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.errors import Invalid, NotFound, Problem
from apps.kernel.transactions import unit_of_work

MAX_RATE_LIMIT = 1_000_000
USE_PRECISION = timedelta(minutes=1)
"""last_used_at is written at most this often, so that reading does not become writing."""


def create_api_key(
    *,
    name: str,
    role: str,
    livemode: bool,
    at: datetime,
    actor: Actor,
    expires_at: datetime | None = None,
    allowed_cidrs: Sequence[str] = (),
    rate_limit: int = rules.DEFAULT_RATE_LIMIT,
) -> tuple[ApiKey, str]:
    """Make a key; returns it and, this once, the key in plain."""
    problems = _problems(name, role, expires_at, at, rate_limit) + _cidr_problems(allowed_cidrs)
    if problems:
        raise Invalid(
            "validation_failed", "The key cannot be made so.", hint="Mend what `errors` points at.", errors=problems
        )
    prefix, plain = keys.mint(livemode=livemode)
    with unit_of_work(actor):
        key = ApiKey.objects.create(
            name=name,
            prefix=prefix,
            key_hash=keys.digest(plain),
            role=role,
            livemode=livemode,
            expires_at=expires_at,
            allowed_cidrs=[str(ip_network(cidr)) for cidr in allowed_cidrs],
            rate_limit=rate_limit,
            created_at=at,
            updated_at=at,
        )
        KeyUse.objects.create(key=key)
    return key, plain


def revoke_api_key(key_id: UUID, *, at: datetime, actor: Actor) -> ApiKey:
    """End a key at once. Revoking one that is revoked changes nothing."""
    with unit_of_work(actor):
        key = ApiKey.objects.select_for_update().filter(pk=key_id).first()
        if key is None:
            raise NotFound("not_found", f"No API key has the id {key_id}.", hint="List keys: GET /v1/api-keys.")
        if key.revoked_at is None:
            ApiKey.objects.filter(pk=key_id).update(revoked_at=at, version=F("version") + 1, updated_at=clock.wall())
            key.refresh_from_db()
    return key


def note_use(key: ApiKey, *, at: datetime) -> None:
    """Remember that the key was used, at most once a minute. Waits for nobody: a held row is skipped."""
    if key.last_used_at is not None and key.last_used_at > at - USE_PRECISION:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE access_keyuse SET at = %(at)s WHERE key_id = (SELECT key_id FROM access_keyuse"
            " WHERE key_id = %(key)s AND (at IS NULL OR at <= %(before)s) FOR UPDATE SKIP LOCKED)",
            {"at": at, "key": key.pk, "before": at - USE_PRECISION},
        )


_ROLES = frozenset(rules.Role)


def _problems(name: str, role: str, expires_at: datetime | None, at: datetime, rate_limit: int) -> list[Problem]:
    problems = []
    if not 0 < len(name) <= 200:
        problems.append(Problem("/name", "name_length", "A key needs a name of 1 to 200 characters."))
    if role not in _ROLES:
        problems.append(Problem("/role", "role_unknown", f"{role!r} is none of {', '.join(rules.Role)}."))
    if expires_at is not None and expires_at <= at:
        problems.append(Problem("/expires_at", "in_the_past", "The key would have expired already."))
    if not 0 <= rate_limit <= MAX_RATE_LIMIT:
        problems.append(Problem("/rate_limit", "out_of_range", f"0 (no limit) to {MAX_RATE_LIMIT} requests an hour."))
    return problems


def _cidr_problems(cidrs: Sequence[str]) -> list[Problem]:
    problems = []
    for index, cidr in enumerate(cidrs):
        try:
            ip_network(cidr)
        except ValueError as error:
            problems.append(Problem(f"/allowed_cidrs/{index}", "cidr_invalid", f"{error}."))
    return problems
