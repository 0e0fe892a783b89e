"""Bodies of requests: a serializer that refuses what it does not know, and says all that is wrong at once."""

import difflib
from collections.abc import Mapping
from typing import Any, TypeVar

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from apps.rest.drf_errors import invalid
from apps.rest.fields import (
    AmountField,
    BooleanField,
    CharField,
    ChoiceField,
    CountryField,
    CurrencyField,
    DateField,
    DateTimeField,
    DecimalField,
    EmailField,
    ExternalKeyField,
    IntegerField,
    MetadataField,
    TimezoneField,
    UUIDField,
    json_type,
)

__all__ = [
    "AmountField",
    "BooleanField",
    "CharField",
    "ChoiceField",
    "CountryField",
    "CurrencyField",
    "DateField",
    "DateTimeField",
    "DecimalField",
    "EmailField",
    "ExternalKeyField",
    "Input",
    "IntegerField",
    "MetadataField",
    "TimezoneField",
    "UUIDField",
    "parse",
]


class Input(serializers.Serializer[Any]):
    """Base of request bodies. Also nests: as a field, and with `many=True` as a list."""

    def to_internal_value(self, data: Any) -> Any:
        """The validated members; unknown ones are faults beside the others."""
        if not isinstance(data, Mapping):
            raise ValidationError(
                {"non_field_errors": [ErrorDetail(f"Expected an object, got {json_type(data)}.", "wrong_type")]}
            )
        faults: dict[str, Any] = {name: self._unknown(name) for name in data if name not in self.fields}
        try:
            value = super().to_internal_value(data)
        except ValidationError as error:
            detail = error.detail if isinstance(error.detail, dict) else {"non_field_errors": error.detail}
            raise ValidationError({**faults, **detail}) from error
        if faults:
            raise ValidationError(faults)
        return value

    def _unknown(self, name: str) -> list[ErrorDetail]:
        near = difflib.get_close_matches(name[:100], list(self.fields), n=1)
        meant = f" Did you mean {near[0]!r}?" if near else ""
        return [ErrorDetail(f"There is no such field.{meant}", "unknown_field")]


AnyInput = TypeVar("AnyInput", bound=Input)


def parse(
    input_class: type[AnyInput], data: Any, *, partial: bool = False, context: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The validated content of `data`, or a 422 that points at every fault. `partial`: what is absent stays absent."""
    serializer = input_class(data=data, partial=partial, context=dict(context or {}))
    if not serializer.is_valid():
        raise invalid(serializer.errors)
    return dict(serializer.validated_data)
