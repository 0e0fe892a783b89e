"""What an API key looks like: how one is made, taken apart and compared. Pure.

`bk_test_` or `bk_live_`, 8 characters by which it is looked up, 43 that are secret. The 43 are drawn from 62 letters
and digits: 256 bits. Such a secret cannot be guessed or found in any table, so one round of SHA-256 keeps it as well
as a slow password hash would, and costs microseconds on every request instead of a tenth of a second.
"""

import hashlib
import hmac
import re
import secrets
import string
from dataclasses import dataclass

ALPHABET = string.ascii_letters + string.digits
LOOKUP_LENGTH = 8
SECRET_LENGTH = 43
_SHAPE = re.compile(rf"(bk_(test|live)_[A-Za-z0-9]{{{LOOKUP_LENGTH}}})[A-Za-z0-9]{{{SECRET_LENGTH}}}", re.ASCII)


@dataclass(frozen=True)
class Presented:
    """A key as a caller sent it: in shape, but not yet known to be anybody's."""

    prefix: str
    livemode: bool
    key_hash: str


def mint(*, livemode: bool) -> tuple[str, str]:
    """A new key: its prefix, which is kept and shown, and the whole, which is shown once."""
    prefix = f"bk_{'live' if livemode else 'test'}_{_draw(LOOKUP_LENGTH)}"
    return prefix, prefix + _draw(SECRET_LENGTH)


def parse(text: str) -> Presented | None:
    """`text` as a key, or None when no key looks like this."""
    match = _SHAPE.fullmatch(text)
    return Presented(match[1], match[2] == "live", digest(text)) if match else None


def digest(plain: str) -> str:
    """What is stored of a key."""
    return hashlib.sha256(plain.encode()).hexdigest()


def same(one: str, other: str) -> bool:
    """Whether two digests are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(one, other)


def _draw(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
