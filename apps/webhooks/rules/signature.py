"""Signatures as Standard Webhooks has them: HMAC-SHA256 over id, time and body, one for each secret that is valid."""

import hashlib
import hmac
import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence

PREFIX = "whsec_"
BYTES = 32


def new_secret() -> str:
    """A secret as it is given to the receiver."""
    return PREFIX + b64encode(secrets.token_bytes(BYTES)).decode()


def signed(keys: Sequence[bytes], *, message_id: str, timestamp: int, body: bytes) -> Mapping[str, str]:
    """The three headers of one message."""
    content = b"%b.%d.%b" % (message_id.encode(), timestamp, body)
    signatures = [b64encode(hmac.digest(key, content, hashlib.sha256)).decode() for key in keys]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{each}" for each in signatures),
    }


def key(secret: str) -> bytes:
    """What a secret says in bytes."""
    return b64decode(secret.removeprefix(PREFIX))
