"""Access tokens: JWTs signed by Ed25519. How one is made and read; pure, the time is an argument.

A token is read by one algorithm and by keys of ours alone: what its header says about either is compared, not believed.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from jwt.algorithms import OKPAlgorithm

from apps.kernel.errors import Unauthenticated

ALGORITHM = "EdDSA"
KIND = "at+jwt"
REQUIRED = ["iss", "aud", "sub", "exp", "iat", "jti"]
ASK_AGAIN = "Ask for another: POST /v1/auth/token."
CHALLENGE = 'Bearer realm="api"'


@dataclass(frozen=True)
class Issuer:
    """Who makes tokens, for whom."""

    url: str
    audience: str


def mint() -> tuple[dict[str, Any], str]:
    """A new key pair: the public half as a JWK, the private one as PEM."""
    private = Ed25519PrivateKey.generate()
    public = json.loads(OKPAlgorithm.to_jwk(private.public_key()))
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return {"kty": public["kty"], "crv": public["crv"], "x": public["x"], "alg": ALGORITHM, "use": "sig"}, pem


def sign(claims: Mapping[str, Any], *, kid: str, private: str, issuer: Issuer, seconds: int, at: datetime) -> str:
    """A token that says `claims` until `seconds` after `at`."""
    now = int(at.timestamp())
    whole = {**claims, "iss": issuer.url, "aud": issuer.audience, "iat": now, "exp": now + seconds}
    return jwt.encode(whole, private, algorithm=ALGORITHM, headers={"kid": kid, "typ": KIND})


def read(
    text: str, *, public: Callable[[str], Mapping[str, Any] | None], issuer: Issuer, at: datetime
) -> dict[str, Any]:
    """What a token says, or a refusal (401). `public`: the JWK of a kid that still checks tokens."""
    try:
        header = jwt.get_unverified_header(text)
    except jwt.InvalidTokenError:
        raise refused("token_malformed", "What the Authorization header carries is not a token.") from None
    kid = header.get("kid")
    if header.get("alg") != ALGORITHM or header.get("typ") != KIND or not isinstance(kid, str):
        raise refused("token_invalid", "The token is not signed as ours are.")
    jwk = public(kid[:64])
    if jwk is None:
        raise refused("token_invalid", "The token is signed by a key that is none of ours, or no longer one.")
    options: Any = {"require": REQUIRED, "verify_exp": False, "verify_iat": False, "verify_nbf": False}
    try:
        claims: dict[str, Any] = jwt.decode(
            text, jwt.PyJWK(dict(jwk)), algorithms=[ALGORITHM], audience=issuer.audience, issuer=issuer.url,
            options=options,
        )  # fmt: skip
    except (jwt.InvalidAudienceError, jwt.InvalidIssuerError):
        raise refused("token_for_others", "The token was made by or for somebody else.") from None
    except jwt.InvalidTokenError:
        raise refused("token_invalid", "The token's signature is wrong, or it lacks what ours say.") from None
    if type(claims["exp"]) is not int or claims["exp"] <= at.timestamp():
        raise refused("token_expired", "The token has expired.")
    return claims


def refused(code: str, detail: str) -> Unauthenticated:
    """401, with the challenge that RFC 6750 asks for."""
    error = Unauthenticated(code, detail, hint=ASK_AGAIN)
    error.auth_header = f'{CHALLENGE}, error="invalid_token"'  # type: ignore[attr-defined]  # as DRF names it
    return error
