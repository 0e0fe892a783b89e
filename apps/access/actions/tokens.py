"""Signing in over the API: an access token of minutes, and refresh tokens that follow one another, each used once."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth import authenticate
from django.db.models import F

from apps.access import rules
from apps.access.actions.second_factor import check, required
from apps.access.actions.signing import signed
from apps.access.granting import Granted
from apps.access.models import RefreshToken, SignIn, User
from apps.access.rules import Ended
from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.errors import DomainError, Forbidden, Unauthenticated
from apps.kernel.transactions import unit_of_work

PURGE_BATCH = 1000
AGAIN = "Sign in again: POST /v1/auth/token with grant_type password."


def sign_in(*, username: str, password: str, code: str | None, at: datetime) -> Granted:
    """Tokens of a member of the staff, by password and, where there is one, second factor."""
    user: Any = authenticate(None, username=username, password=password)
    if user is None or not user.is_staff:
        raise Unauthenticated(
            "sign_in_refused",
            "No member of the staff has this name and password.",
            hint="Check both. After five failed tries the name is locked for a quarter of an hour.",
        )
    if user.second_factor_at is not None:
        if not code:
            raise Unauthenticated(
                "second_factor_required",
                "This person signs in with a second factor.",
                hint="Send `code` too: what the device shows, or a recovery code.",
            )
        check(user, code, at=at, actor=user.actor)
    elif required(user):
        raise Forbidden(
            "second_factor_missing",
            "A Super Admin signs in with a second factor, and has set up none.",
            hint="Sign in at /admin/ once and set it up there.",
        )
    with unit_of_work(user.actor):
        family = SignIn.objects.create(
            user=user,
            auth_hash=auth_hash(user),
            expires_at=at + timedelta(seconds=rules.SIGN_IN_SECONDS),
            created_at=at,
            updated_at=at,
        )
        return _granted(family, at)


def refresh(token: str, *, at: datetime) -> Granted:
    """The next tokens for a refresh token. One that was used before is in two hands: its whole family ends."""
    known = RefreshToken.objects.select_related("sign_in__user").filter(token_hash=digest(token)).first()
    if known is None:
        raise _refused("refresh_token_unknown", "No such refresh token.")
    refusal: DomainError | None = None
    with unit_of_work(known.sign_in.user.actor):
        family = SignIn.objects.select_for_update().get(pk=known.sign_in_id)
        known.refresh_from_db(fields=["used_at"])
        if family.revoked_at is not None:
            refusal = _refused("refresh_token_revoked", "The sign-in of this refresh token has ended.")
        elif known.used_at is not None:
            _end(family, Ended.TOKEN_REUSED, at)
            refusal = _refused(
                "refresh_token_reused", "This refresh token was used before: all tokens of its sign-in are revoked."
            )
        elif family.expires_at <= at or not standing(family):
            refusal = _refused("refresh_token_expired", "The sign-in of this refresh token is over.")
        else:
            RefreshToken.objects.filter(pk=known.pk).update(used_at=at)
            granted = _granted(family, at)
    if refusal is not None:  # raised here, so that the end of the family is committed
        raise refusal
    return granted


def customer_token(account_id: UUID, *, issued_by: UUID, seconds: int, at: datetime) -> Granted:
    """A token that shows one account, for the pages of its customer. It ends with the key that asked for it."""
    claims = {"sub": f"account:{account_id}", "scope": "customer", "key": str(issued_by)}
    return Granted(signed(claims, seconds=seconds, at=at), seconds)


def sign_out(sign_in_id: UUID, *, at: datetime, actor: Actor, because: Ended = Ended.SIGNED_OUT) -> None:
    """End a sign-in: its refresh tokens and its access tokens are refused from now on."""
    with unit_of_work(actor):
        family = SignIn.objects.select_for_update().filter(pk=sign_in_id, revoked_at=None).first()
        if family is not None:
            _end(family, because, at)


def sign_out_everywhere(user_id: UUID, *, at: datetime, actor: Actor) -> int:
    """End all of a person's sign-ins over the API; returns how many."""
    with unit_of_work(actor):
        families = list(SignIn.objects.select_for_update().filter(user_id=user_id, revoked_at=None).order_by("pk"))
        for family in families:
            _end(family, Ended.REVOKED, at)
    return len(families)


def purge(*, at: datetime) -> int:
    """Delete the refresh tokens of sign-ins that are over for a day; returns how many. The sign-ins stay."""
    old = SignIn.objects.filter(expires_at__lte=at - timedelta(days=1)).order_by("expires_at")
    ids = RefreshToken.objects.filter(sign_in__in=old).values_list("pk", flat=True)[:PURGE_BATCH]
    return RefreshToken.objects.filter(pk__in=list(ids)).delete()[0]


def standing(family: SignIn) -> bool:
    """Whether the person may still come in, and by the password it had when it signed in."""
    user = family.user
    return user.is_active and user.is_staff and secrets.compare_digest(family.auth_hash, auth_hash(user))


def auth_hash(user: User) -> str:
    """Changes with the password."""
    return str(user.get_session_auth_hash())[:64]


def digest(token: str) -> str:
    """What is stored of a refresh token: 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _granted(family: SignIn, at: datetime) -> Granted:
    plain = secrets.token_urlsafe(32)
    RefreshToken.objects.create(sign_in=family, token_hash=digest(plain), created_at=at)
    left = min(rules.ACCESS_SECONDS, int((family.expires_at - at).total_seconds()))
    claims = {"sub": f"user:{family.user_id}", "scope": "staff", "sid": str(family.pk)}
    return Granted(signed(claims, seconds=left, at=at), left, plain, family.expires_at)


def _end(family: SignIn, because: Ended, at: datetime) -> None:
    SignIn.objects.filter(pk=family.pk).update(
        revoked_at=at, revoked_because=because, version=F("version") + 1, updated_at=clock.wall()
    )


def _refused(code: str, detail: str) -> Unauthenticated:
    return Unauthenticated(code, detail, hint=AGAIN)
