"""Access tokens: what is read of one, and everything that is not one."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.access import tokens
from apps.access.tokens import Issuer
from apps.kernel.errors import Unauthenticated

AT = datetime(2026, 4, 1, 12, tzinfo=UTC)
ISSUER = Issuer("https://billing.example", "billing-api")
PUBLIC, PRIVATE = tokens.mint()
OTHER_PUBLIC, OTHER_PRIVATE = tokens.mint()
KEYS = {"one": PUBLIC}
CLAIMS = {"sub": "user:1", "jti": "1"}


def signed(**options: Any) -> str:
    given = {"kid": "one", "private": PRIVATE, "issuer": ISSUER, "seconds": 900, "at": AT, **options}
    return tokens.sign(CLAIMS, **given)


def read(text: str, at: datetime = AT) -> dict[str, Any]:
    return tokens.read(text, public=KEYS.get, issuer=ISSUER, at=at)


def part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def forged(header: dict[str, Any], **claims: Any) -> str:
    """Signed by our key, whatever the header and the claims say."""
    whole = jwt.decode(signed(), options={"verify_signature": False}) | claims
    kept = {name: value for name, value in whole.items() if value is not None}
    return jwt.encode(kept, PRIVATE, algorithm="EdDSA", headers={"kid": "one", "typ": tokens.KIND} | header)


@pytest.mark.fr("FR-132")
def test_a_token_says_what_was_signed() -> None:
    claims = read(signed())
    assert claims == {**CLAIMS, "iss": ISSUER.url, "aud": ISSUER.audience, "iat": 1775044800, "exp": 1775045700}


def test_the_public_half_tells_nothing_of_the_private_one() -> None:
    assert set(PUBLIC) == {"kty", "crv", "x", "alg", "use"}


@pytest.mark.fr("FR-132")
@pytest.mark.parametrize("seconds", [-1, 0, 899])
def test_a_token_holds_until_it_expires(seconds: int) -> None:
    assert read(signed(), AT + timedelta(seconds=seconds))


def none() -> str:
    return f"{part({'alg': 'none', 'kid': 'one', 'typ': tokens.KIND})}.{signed().split('.')[1]}."


def by_public_key() -> str:
    """Signed by HMAC with the public key as its secret, as if that were one."""
    head = part({"alg": "HS256", "kid": "one", "typ": tokens.KIND})
    text = f"{head}.{signed().split('.')[1]}"
    mac = hmac.new(PUBLIC["x"].encode(), text.encode(), hashlib.sha256).digest()
    return f"{text}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def changed() -> str:
    """The claims of another, with the signature of this one."""
    head, claims, signature = signed().split(".")
    other = json.loads(base64.urlsafe_b64decode(claims + "=="))
    return f"{head}.{part({**other, 'sub': 'user:2'})}.{signature}"


@pytest.mark.fr("FR-132")
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "token_malformed"),
        ("a.b.c", "token_malformed"),
        ("..", "token_malformed"),
        (none(), "token_invalid"),
        (by_public_key(), "token_invalid"),
        (changed(), "token_invalid"),
        (signed(private=OTHER_PRIVATE), "token_invalid"),
        (signed(kid="two"), "token_invalid"),
        (forged({"typ": "JWT"}), "token_invalid"),
        (forged({"kid": "x" * 1000}), "token_invalid"),
        (forged({"jwk": OTHER_PUBLIC, "kid": "two"}), "token_invalid"),
        (signed(issuer=Issuer(ISSUER.url, "others")), "token_for_others"),
        (signed(issuer=Issuer("https://other.example", ISSUER.audience)), "token_for_others"),
        (forged({}, exp=None), "token_invalid"),
        (forged({}, sub=None), "token_invalid"),
        (forged({}, jti=None), "token_invalid"),
        (forged({}, exp=10**20 * 1.5), "token_expired"),
        (signed(seconds=0), "token_expired"),
        (signed(at=AT - timedelta(hours=1)), "token_expired"),
    ],
)
def test_what_is_no_token_of_ours_is_refused(text: str, code: str) -> None:
    with pytest.raises(Unauthenticated) as refused:
        read(text)
    assert refused.value.code == code
    assert refused.value.hint


@given(st.data())
def test_a_token_changed_anywhere_is_refused(data: st.DataObject) -> None:
    text = signed()
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from("ABCxyz019-_.!"))
    mangled = text[:place] + other + text[place + 1 :]
    try:
        claims = read(mangled)
    except Unauthenticated:
        return
    # The last character of a part may hold bits that stand for nothing.
    assert claims == read(text)
