"""What can be done to an API key. The only writer of keys and of their use."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import ip_network
from uuid import UUID

from django.db import IntegrityError, connection
from django.db.models import F

from apps.access import keys, rules
from apps.access.models import ApiKey, KeyUse
from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.errors import Conflict, Invalid, NotFound, Problem
from apps.kernel.ids import uuid7
from apps.kernel.transactions import unit_of_work

MAX_RATE_LIMIT = 1_000_000
MAX_CIDRS = 100
OVERLAP_HOURS = 24
"""How long a key goes on beside the one that replaces it, if nobody says."""
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
    key_id: UUID | None = None,
) -> tuple[ApiKey, str]:
    """Make a key; returns it and, this once, the key in plain. `key_id` is given by a form that may be sent twice.

    Errors: validation_failed (422), api_key_made_already (409).
    """
    _check(_problems(name, role, expires_at, at, rate_limit) + _cidr_problems(allowed_cidrs))
    with unit_of_work(actor):
        return _insert(
            ApiKey(
                id=key_id or uuid7(),
                name=name,
                role=role,
                livemode=livemode,
                expires_at=expires_at,
                allowed_cidrs=[str(ip_network(cidr)) for cidr in allowed_cidrs],
                rate_limit=rate_limit,
            ),
            at,
        )


def rotate_api_key(
    key_id: UUID, *, overlap: timedelta, at: datetime, actor: Actor, expires_at: datetime | None = None
) -> tuple[ApiKey, str]:
    """Make a key with the settings of another, which goes on for `overlap`; returns it as `create_api_key` does.

    `expires_at`: the end of the new one; None: that of the old one.
    Errors: not_found (404), api_key_replaced, api_key_ended (409), validation_failed (422).
    """
    _check(_rotation_problems(overlap, expires_at, at))
    with unit_of_work(actor):
        old = _locked(key_id)
        if ApiKey.objects.filter(replaces=old).exists():
            raise Conflict(
                "api_key_replaced",
                f"The key {old.prefix} has been replaced already.",
                hint="Its replacement is in the list, and was shown once. Was it lost, rotate that one, or revoke it.",
            )
        if old.state(at) in (rules.KeyState.REVOKED, rules.KeyState.EXPIRED):
            raise Conflict(
                "api_key_ended",
                f"The key {old.prefix} does not work any more.",
                hint="Make another: POST /v1/api-keys.",
            )
        made = _insert(
            ApiKey(
                name=old.name,
                role=old.role,
                livemode=old.livemode,
                expires_at=expires_at or old.expires_at,
                allowed_cidrs=old.allowed_cidrs,
                rate_limit=old.rate_limit,
                replaces=old,
            ),
            at,
        )
        ends = at + overlap
        if old.expires_at is None or old.expires_at > ends:
            ApiKey.objects.filter(pk=old.pk).update(expires_at=ends, version=F("version") + 1, updated_at=clock.wall())
    return made


def revoke_api_key(key_id: UUID, *, at: datetime, actor: Actor) -> ApiKey:
    """End a key at once. Revoking one that is revoked changes nothing."""
    with unit_of_work(actor):
        key = _locked(key_id)
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
_PRIMARY = "access_apikey_pkey"


def _insert(key: ApiKey, at: datetime) -> tuple[ApiKey, str]:
    """Write the key with a secret drawn for it, which is returned and kept nowhere."""
    key.prefix, plain = keys.mint(livemode=key.livemode)
    key.key_hash, key.created_at, key.updated_at = keys.digest(plain), at, at
    try:
        key.save(force_insert=True)
    except IntegrityError as error:
        if getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) != _PRIMARY:
            raise
        raise Conflict(
            "api_key_made_already",
            "This form has made its key already, and has shown it.",
            hint="Was it not seen, revoke it, open the form anew and make another.",
        ) from error
    KeyUse.objects.create(key=key)
    return key, plain


def _locked(key_id: UUID) -> ApiKey:
    key = ApiKey.objects.select_for_update().filter(pk=key_id).first()
    if key is None:
        raise NotFound("not_found", f"No API key has the id {key_id}.", hint="List keys: GET /v1/api-keys.")
    return key


def _check(problems: Sequence[Problem]) -> None:
    if problems:
        raise Invalid(
            "validation_failed", "The key cannot be made so.", hint="Mend what `errors` points at.", errors=problems
        )


def _problems(name: str, role: str, expires_at: datetime | None, at: datetime, rate_limit: int) -> list[Problem]:
    problems = []
    if not 0 < len(name) <= 200:
        problems.append(Problem("/name", "name_length", "A key needs a name of 1 to 200 characters."))
    if role not in _ROLES:
        problems.append(Problem("/role", "role_unknown", f"{role!r} is none of {', '.join(rules.Role)}."))
    problems += _expiry_problems(expires_at, at)
    if not 0 <= rate_limit <= MAX_RATE_LIMIT:
        problems.append(Problem("/rate_limit", "out_of_range", f"0 (no limit) to {MAX_RATE_LIMIT} requests an hour."))
    return problems


def _expiry_problems(expires_at: datetime | None, at: datetime) -> list[Problem]:
    if expires_at is None or expires_at > at:
        return []
    return [Problem("/expires_at", "in_the_past", "The key would have expired already.")]


def _rotation_problems(overlap: timedelta, expires_at: datetime | None, at: datetime) -> list[Problem]:
    problems = _expiry_problems(expires_at, at)
    if not timedelta(0) <= overlap <= rules.LONGEST_OVERLAP:
        longest = rules.LONGEST_OVERLAP // timedelta(hours=1)
        problems.append(Problem("/overlap_hours", "out_of_range", f"0 (the old key ends at once) to {longest} hours."))
    return problems


def _cidr_problems(cidrs: Sequence[str]) -> list[Problem]:
    if len(cidrs) > MAX_CIDRS:
        return [Problem("/allowed_cidrs", "too_many", f"At most {MAX_CIDRS} networks.")]
    problems = []
    for index, cidr in enumerate(cidrs):
        try:
            ip_network(cidr)
        except ValueError as error:
            problems.append(Problem(f"/allowed_cidrs/{index}", "cidr_invalid", f"{error}."))
    return problems
