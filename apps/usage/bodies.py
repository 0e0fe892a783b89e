"""Bodies of usage: bytes as they came, which the rules read event by event, and how the document shows them."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import IO, Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.parsers import BaseParser

from apps.rest import inputs
from apps.rest.fields import WRONG_TYPE, demand
from apps.usage.rules.event import KEY_LENGTH, METRIC_LENGTH, EventInput


@dataclass(frozen=True)
class Sent:
    """A body. As text it is its digest, by which a repeated request is known."""

    content: bytes
    by_line: bool

    @property
    def plain(self) -> bool:
        """Whether no text in it can hold a NUL, which JSON writes in one way only."""
        return b"\\u0000" not in self.content

    def __str__(self) -> str:
        return sha256(self.content).hexdigest()


class JsonBody(BaseParser):
    """application/json, left as it is."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """The bytes, whose size was looked at before."""
        return Sent(stream.read(), by_line=self.media_type != "application/json")


class LineBody(JsonBody):
    """An event on each line."""

    media_type = "application/x-ndjson"


@extend_schema_field({"type": "object", "additionalProperties": True, "description": "Flat: texts, numbers, booleans"})
class PropertiesField(serializers.Field[dict[str, Any], Any, Any, Any]):
    """What usage is filtered and grouped by."""

    default_error_messages = WRONG_TYPE

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """The object; what it holds is looked at with the event."""
        demand(self, data, (dict,), "an object")
        return dict(data)


class UsageEventInput(inputs.Input):
    """What POST takes. Described here; read by `rules.reading`, at a hundredth of the cost."""

    idempotency_key = inputs.CharField(max_length=KEY_LENGTH)
    subscription_id = inputs.UUIDField(required=False, allow_null=True)
    subscription_external_key = inputs.ExternalKeyField(required=False, allow_null=True)
    metric = inputs.CharField(max_length=METRIC_LENGTH)
    quantity = inputs.DecimalField(max_digits=31, decimal_places=12, required=False, default=Decimal(1))
    timestamp = inputs.DateTimeField()
    properties = PropertiesField(required=False, allow_null=True)


class UsageVoidInput(inputs.Input):
    """Why."""

    reason = inputs.CharField(max_length=500, required=False, allow_blank=True, default="")


class UsageReplacementInput(inputs.Input):
    """What counts instead, under a key of its own; what is left out stays as it was."""

    idempotency_key = inputs.CharField(max_length=KEY_LENGTH)
    metric = inputs.CharField(max_length=METRIC_LENGTH, required=False)
    quantity = inputs.DecimalField(max_digits=31, decimal_places=12, required=False)
    timestamp = inputs.DateTimeField(required=False)
    properties = PropertiesField(required=False)
    reason = inputs.CharField(max_length=500, required=False, allow_blank=True, default="")


def replacement(body: Mapping[str, Any], original: Any) -> EventInput:
    """The event that a UsageReplacementInput asks for in place of `original`."""
    properties = body.get("properties", original.properties)
    return EventInput(
        idempotency_key=body["idempotency_key"],
        subscription_id=str(original.subscription_id),
        metric=body.get("metric", original.metric),
        quantity=f"{body.get('quantity', original.quantity):f}",
        timestamp=body.get("timestamp", original.timestamp),
        # A fraction is a label and keeps the digits that JSON shows.
        properties={name: _exact(value) for name, value in properties.items()},
    )


def _exact(value: Any) -> Any:
    return Decimal(repr(value)) if type(value) not in (str, int, bool, type(None), dict, list) else value
