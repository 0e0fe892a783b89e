"""Reads of access."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q

from apps.access import rules
from apps.access.models import ApiKey, KeyUse, RefreshToken, SignIn, SignInAttempts, SigningKey
from apps.kernel.prepared import prepared
from apps.kernel.statements import fetch

_COLUMNS = [field.attname for field in ApiKey._meta.concrete_fields]
_BY_PREFIX = f"""
SELECT {", ".join(f"held.{name}" for name in _COLUMNS)}, used.key_id, used.at
FROM access_apikey AS held LEFT JOIN access_keyuse AS used ON used.key_id = held.id WHERE held.prefix = %s
"""  # noqa: S608 - names of columns alone
"""Written out and read as it comes, for it is asked at every request, and takes longer to compile than to run."""


def key_by_prefix(prefix: str) -> ApiKey | None:
    """The key of that prefix with its last use, in one query."""
    with prepared():
        rows = fetch(_BY_PREFIX, [prefix])
    if not rows:
        return None
    *values, use_of, used_at = rows[0]
    key = ApiKey.from_db(connection.alias, _COLUMNS, values)
    if use_of is not None:
        key.use = KeyUse(key=key, at=used_at)
    return key


def key_stands(key_id: UUID, at: datetime) -> bool:
    """Whether that key is neither revoked nor expired."""
    known = ApiKey.objects.filter(Q(expires_at=None) | Q(expires_at__gt=at), pk=key_id, revoked_at=None)
    return known.exists()


def names(people: Collection[UUID], keys: Collection[UUID]) -> dict[str, str]:
    """Staff users and keys by the name that the audit log gives them, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 'user:' || id, username FROM access_user WHERE id = ANY(%s)"
            " UNION ALL SELECT 'api_key:' || id, name || ' ' || prefix FROM access_apikey WHERE id = ANY(%s)",
            [list(people), list(keys)],
        )
        return dict(cursor.fetchall())


def checking_key(kid: str) -> Mapping[str, Any] | None:
    """The public half of a signing key, as long as its tokens are taken."""
    return SigningKey.objects.filter(kid=kid, withdrawn_at=None).values_list("public", flat=True).first()


def published_keys(since: datetime) -> list[Mapping[str, Any]]:
    """The public halves of keys that sign, or have signed until `since`: what others check our tokens by."""
    standing = SigningKey.objects.filter(Q(retired_at=None) | Q(retired_at__gt=since), withdrawn_at=None)
    return list(standing.order_by("-created_at").values_list("public", flat=True))


def sign_in(id: UUID) -> SignIn | None:
    """That sign-in, with its person."""
    return SignIn.objects.select_related("user").filter(pk=id).first()


def tokens_to_tend(at: datetime) -> bool:
    """Whether a signing key is old, or refresh tokens or failed tries are past their time."""
    old = SigningKey.objects.filter(retired_at=None, created_at__lte=at - timedelta(days=rules.KEY_DAYS))
    over = RefreshToken.objects.filter(sign_in__expires_at__lte=at - timedelta(days=1))
    tried = SignInAttempts.objects.filter(last_at__lte=at - timedelta(seconds=rules.LOCKED_SECONDS))
    return old.exists() or over.exists() or tried.exists()
