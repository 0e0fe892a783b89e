"""Model fields that recur: amounts, currencies, metadata."""

import json
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

METADATA_KEYS = 50
METADATA_BYTES = 16 * 1024
MAX_QUANTITY = 10**9
"""The largest number of seats a subscription may hold."""


def check_metadata(value: object) -> None:
    """Refuse metadata that is not an object of at most 50 keys and 16 KiB."""
    if not isinstance(value, dict):
        raise ValidationError("Metadata is a JSON object.", code="metadata_not_object")
    if len(value) > METADATA_KEYS:
        raise ValidationError(f"Metadata holds at most {METADATA_KEYS} keys.", code="metadata_too_many_keys")
    if len(json.dumps(value, ensure_ascii=False).encode()) > METADATA_BYTES:
        raise ValidationError(f"Metadata holds at most {METADATA_BYTES} bytes.", code="metadata_too_large")


class AmountField(models.BigIntegerField):  # type: ignore[type-arg]
    """Minor units of the currency beside it."""

    description = "Amount in minor units"


class CurrencyField(models.CharField):  # type: ignore[type-arg]
    """An ISO 4217 code."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs["max_length"] = 3
        super().__init__(**kwargs)


class MetadataField(models.JSONField):
    """Free-form JSON object of the caller's."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs["default"] = dict
        kwargs["blank"] = True
        kwargs["validators"] = [check_metadata]
        super().__init__(**kwargs)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        for key in ("default", "blank", "validators"):
            kwargs.pop(key, None)
        return name, path, args, kwargs
