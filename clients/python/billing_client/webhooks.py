"""For whoever receives webhooks: is it from the platform, and has anything been missed?"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterable, Mapping
from typing import Any

TOLERANCE = 300


class WebhookRefused(Exception):
    """What came is not from the platform, or is too old."""


def verify(
    body: bytes | str,
    headers: Mapping[str, str],
    secrets: str | Iterable[str],
    *,
    tolerance: int = TOLERANCE,
    now: float | None = None,
) -> dict[str, Any]:
    """The event in a request, or WebhookRefused. Give the body as it came, before anything has parsed it.

    While secrets are changed over, give both.
    """
    raw = body.encode() if isinstance(body, str) else body
    named = {name.lower(): value for name, value in headers.items()}
    try:
        message_id, sent, given = (named[f"webhook-{each}"] for each in ("id", "timestamp", "signature"))
        moment = int(sent)
    except (KeyError, ValueError):
        raise WebhookRefused("The webhook- headers are missing or no such.") from None
    if abs((time.time() if now is None else now) - moment) > tolerance:
        raise WebhookRefused("It was signed too long ago, or the clocks differ.")
    content = b".".join([message_id.encode(), sent.encode(), raw])
    signatures = [each[3:] for each in given.split(" ") if each.startswith("v1,")]
    for secret in [secrets] if isinstance(secrets, str) else secrets:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        expected = base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
        if any(hmac.compare_digest(expected, each) for each in signatures):
            event = json.loads(raw)
            return dict(event)
    raise WebhookRefused("No signature fits the secret.")


class Gaps:
    """An alarm for numbers that did not come. Each endpoint counts its deliveries, `sequence`, from 1 without a gap.

    They come out of order, so a number is missing only once `patience` later ones have come. Keep `through` and
    `ahead` where you keep what you made of the events.
    """

    def __init__(self, through: int = 0, ahead: Iterable[int] = (), *, patience: int = 100) -> None:
        self.through, self.ahead, self.patience = through, set(ahead), patience

    def saw(self, sequence: int) -> list[int]:
        """Note a number; gives those that are missing by now, to be sent again or read by position."""
        if sequence > self.through:
            self.ahead.add(sequence)
        while self.through + 1 in self.ahead:
            self.through += 1
            self.ahead.discard(self.through)
        if not self.ahead or max(self.ahead) - self.through <= self.patience:
            return []
        latest = max(self.ahead) - self.patience
        return [number for number in range(self.through + 1, latest + 1) if number not in self.ahead]
