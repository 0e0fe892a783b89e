"""Webhooks as Stripe signs them, delivered to the real door."""

import hashlib
import hmac
import json
import time
from itertools import count
from typing import Any

from django.conf import settings
from django.core.management import call_command

SECRET = "whsec_" + "s" * 32
_numbers = count(1)


def endpoint(given: Any) -> None:
    """The deployment's endpoint, as the command makes it."""
    given.STRIPE_WEBHOOK_SECRET = SECRET
    call_command("connect_stripe")


def event(event_type: str, object_id: str, *, event_id: str = "", **claims: Any) -> dict[str, Any]:
    return {
        "id": event_id or f"evt_{next(_numbers)}",
        "object": "event",
        "api_version": "2026-08-26.dahlia",
        "created": int(time.time()),
        "livemode": False,
        "type": event_type,
        "data": {"object": {"id": object_id, "object": "payment_intent", **claims}},
    }


def signature(body: bytes, *, secret: str = SECRET, at: float | None = None) -> str:
    moment = int(time.time() if at is None else at)
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


def send(client: Any, body: bytes, signed: str | None) -> Any:
    headers = {} if signed is None else {"Stripe-Signature": signed}
    path = f"/stripe/webhook/{settings.STRIPE_WEBHOOK_UUID}"
    return client.post(path, body, content_type="application/json", headers=headers)


def deliver(client: Any, event_type: str, object_id: str, **more: Any) -> Any:
    body = json.dumps(event(event_type, object_id, **more)).encode()
    return send(client, body, signature(body))
