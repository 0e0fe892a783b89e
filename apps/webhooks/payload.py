"""What is sent: the event in the shape that its endpoint was made for, or a Segment call; less what is redacted."""

import json
from base64 import b64encode
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from apps.rest.objects import encode
from apps.webhooks.rules.states import Format
from apps.webhooks.rules.versions import changes, shaped

ALWAYS_REDACTED = ("tax_id", "address")
"""An analytics platform never needs these, so it never gets them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An event as it is told to one endpoint; `data` is its JSON text as the database has it."""

    event_id: UUID
    event_type: str
    version: int
    created_at: datetime
    effective_at: datetime
    position: int | None
    account_id: UUID | None
    sequence: int | None
    data: str


def body(told: Told, *, format: str, api_version: str, redact: Collection[str]) -> bytes:
    """The body of the message."""
    if format == Format.SEGMENT:
        return encode(_segment(told, redact))
    data = told.data
    if redact or changes(told.event_type, api_version):
        data = json.dumps(_data(told, api_version, redact), ensure_ascii=False, separators=(",", ":"))
    head = encode(
        {
            "event_id": told.event_id,
            "event_type": told.event_type,
            "created_at": _utc(told.created_at),
            "effective_at": _utc(told.effective_at),
            "position": told.position,
            "sequence": told.sequence,
            "livemode": settings.BILLING_LIVEMODE,
            "api_version": api_version,
            "url": f"/v1/events/{told.event_id}",
        }
    )
    # The data is put in as it is stored: reading and writing it again would cost more than all the rest.
    return head[:-1] + b',"data":' + data.encode() + b"}"


def basic(write_key: str) -> str:
    """How Segment wants its key."""
    return "Basic " + b64encode(f"{write_key}:".encode()).decode()


def _segment(told: Told, redact: Collection[str]) -> dict[str, Any]:
    """A `track` call. Whom it is about is the account; the library of the platform knows it by that id."""
    data = _data(told, settings.BILLING_API_VERSION, {*ALWAYS_REDACTED, *redact})
    return {
        "type": "track",
        "messageId": told.event_id,
        "timestamp": _utc(told.effective_at),
        "event": told.event_type,
        **({"userId": told.account_id} if told.account_id else {"anonymousId": "deployment"}),
        "properties": data["object"],
        "context": {
            "library": {"name": "billing-platform", "version": settings.BILLING_API_VERSION},
            "position": told.position,
            "sequence": told.sequence,
        },
    }


def _data(told: Told, api_version: str, redact: Collection[str]) -> dict[str, Any]:
    data = shaped(json.loads(told.data), event_type=told.event_type, version=told.version, wanted=api_version)
    return dict(_without(data, frozenset(redact)))


def _without(value: Any, names: frozenset[str]) -> Any:
    """The same without members of these names, however deep they lie."""
    if isinstance(value, dict):
        return {name: _without(each, names) for name, each in value.items() if name not in names}
    return [_without(each, names) for each in value] if isinstance(value, list) else value


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
