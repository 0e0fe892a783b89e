"""Bearer authentication: from an Authorization header to a principal; by a key in one query, by a token in two."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from apps.access import addresses, keys, queries, rules, throttling, tokens
from apps.access.actions import note_use
from apps.access.actions.signing import issuer
from apps.access.actions.tokens import standing
from apps.access.models import ApiKey
from apps.access.principals import CustomerPrincipal, Principal, StaffPrincipal
from apps.access.throttling import Limited
from apps.access.tokens import CHALLENGE
from apps.kernel import clock
from apps.kernel.errors import DomainError, Forbidden, Unauthenticated

MAX_HEADER_BYTES = 4096
SEND_A_KEY = "Send `Authorization: Bearer <api key>` with a key that starts with bk_{mode}_."


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer` with an API key or an access token. What fails counts against the caller's address."""

    def authenticate(self, request: Request) -> tuple[Limited, ApiKey | None] | None:
        """The principal, and its key if it came by one; None without a header, which permissions then refuse."""
        header = request.META.get("HTTP_AUTHORIZATION")
        if header is None:
            throttling.limit_address(request)
            return None
        try:
            principal, key = self._known(_credentials(header), request)
        except DomainError:
            # Else whoever asks for the user later would authenticate once more.
            request.user = request.auth = None  # type: ignore[assignment]
            throttling.limit_address(request)
            raise
        throttling.limit_principal(request, principal)
        return principal, key

    def authenticate_header(self, request: Request) -> str:
        """The WWW-Authenticate header of a 401."""
        return CHALLENGE

    def _known(self, credentials: str, request: Request) -> tuple[Limited, ApiKey | None]:
        if credentials.count(".") == 2:
            return token_principal(credentials, at=clock.wall()), None
        key = self._key(credentials)
        self._check(key, request)
        note_use(key, at=clock.wall())
        principal = Principal(
            key_id=key.pk, name=key.name, role=rules.Role(key.role), rate_limit=key.rate_limit, prefix=key.prefix
        )
        return principal, key

    def _key(self, credentials: str) -> ApiKey:
        presented = keys.parse(credentials)
        if presented is None:
            raise _refused("api_key_malformed", "What the Authorization header carries is not an API key.")
        if presented.livemode != settings.BILLING_LIVEMODE:
            raise _refused("api_key_other_mode", f"This deployment runs in {_mode()} mode; the key is of the other.")
        key = queries.key_by_prefix(presented.prefix)
        # A digest is compared even where there is no such prefix, so that both take the same time.
        if not keys.same(presented.key_hash, key.key_hash if key else "0" * 64) or key is None:
            raise _refused("api_key_unknown", "No such API key.")
        return key

    def _check(self, key: ApiKey, request: Request) -> None:
        if key.revoked_at is not None:
            raise _refused("api_key_revoked", f"The key {key.prefix} was revoked at {key.revoked_at:%Y-%m-%dT%H:%MZ}.")
        if key.expires_at is not None and key.expires_at <= clock.wall():
            raise _refused("api_key_expired", f"The key {key.prefix} expired at {key.expires_at:%Y-%m-%dT%H:%MZ}.")
        if not addresses.allowed(addresses.client_address(request._request), key.allowed_cidrs):
            raise Forbidden(
                "address_not_allowed",
                f"The key {key.prefix} may not be used from this address.",
                hint="Call from a network of the key's allowed_cidrs, or have a Super Admin make a key that allows "
                "yours. Behind a proxy of your own, check TRUSTED_PROXIES.",
            )


def _credentials(header: str) -> str:
    scheme, _, credentials = header.partition(" ")
    if scheme.lower() != "bearer" or not credentials.strip() or len(header) > MAX_HEADER_BYTES:
        raise _refused("authorization_malformed", "The Authorization header is not `Bearer <api key>`.")
    return credentials.strip()


def token_principal(text: str, *, at: datetime) -> StaffPrincipal | CustomerPrincipal:
    """Whom an access token stands for, or a refusal: what it says is compared with what holds now."""
    claims = tokens.read(text, public=queries.checking_key, issuer=issuer(), at=at)
    if claims.get("livemode") is not settings.BILLING_LIVEMODE:
        raise tokens.refused("token_for_others", f"This deployment runs in {_mode()} mode; the token is of the other.")
    kind, _, id = str(claims["sub"]).partition(":")
    if kind == "user":
        found = queries.sign_in(UUID(claims["sid"]))
        if found is not None and found.revoked_at is None and standing(found):
            return StaffPrincipal(found.user, found.pk)
    if kind == "account" and queries.key_stands(UUID(claims["key"]), at):
        return CustomerPrincipal(UUID(id), UUID(claims["key"]))
    raise tokens.refused("token_revoked", "The token was revoked, or what it was made by.")


def _mode() -> str:
    return "live" if settings.BILLING_LIVEMODE else "test"


def _refused(code: str, detail: str) -> Unauthenticated:
    hint = SEND_A_KEY.format(mode=_mode()) + " A Super Admin makes keys: POST /v1/api-keys, or create_api_key."
    error = Unauthenticated(code, detail, hint=hint)
    error.auth_header = f'{CHALLENGE}, error="invalid_token"'  # type: ignore[attr-defined]  # as DRF names it
    return error
