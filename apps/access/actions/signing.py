"""Signing keys: made when there is none, retired for a new one, withdrawn when one is known to others."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import F

from apps.access import rules, tokens
from apps.access.models import SigningKey
from apps.kernel import clock
from apps.kernel.actors import Actor, system
from apps.kernel.ids import uuid7
from apps.kernel.transactions import unit_of_work

ONE_AT_A_TIME = 7_461_002
"""The advisory lock of whoever makes a key."""


def signed(claims: dict[str, Any], *, seconds: int, at: datetime) -> str:
    """A token with these claims, by the key that signs at present; the first call ever makes it."""
    key = _current() or rotate(at=at, actor=system("access.sign"), unless_there=True)
    whole = {"jti": str(uuid7()), "livemode": settings.BILLING_LIVEMODE, **claims}
    return tokens.sign(whole, kid=key.kid, private=key.private, issuer=issuer(), seconds=seconds, at=at)


def issuer() -> tokens.Issuer:
    """This deployment, as its tokens name it."""
    return tokens.Issuer(settings.BILLING_URL, settings.TOKEN_AUDIENCE)


def rotate(*, at: datetime, actor: Actor, withdraw: bool = False, unless_there: bool = False) -> SigningKey:
    """A new key signs from now on. Those before it check what they have signed; `withdraw`: no longer.

    `unless_there`: only if no key signs.
    """
    with unit_of_work(actor), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
        if unless_there and (there := _current()):
            return there
        changed = {"version": F("version") + 1, "updated_at": clock.wall()}
        SigningKey.objects.filter(retired_at=None).update(retired_at=at, private="", **changed)
        if withdraw:
            SigningKey.objects.filter(withdrawn_at=None).update(withdrawn_at=at, **changed)
        public, private = tokens.mint()
        kid = uuid7().hex
        return SigningKey.objects.create(kid=kid, public={**public, "kid": kid}, private=private, created_at=at)


def rotate_if_old(*, at: datetime, actor: Actor) -> bool:
    """Retire the key that signs when it has done so long enough; whether it was."""
    key = _current()
    if key is None or key.created_at > at - timedelta(days=rules.KEY_DAYS):
        return False
    rotate(at=at, actor=actor)
    return True


def _current() -> SigningKey | None:
    return SigningKey.objects.filter(retired_at=None, withdrawn_at=None).order_by("-created_at").first()
