"""Fields of request bodies: strict about JSON types, with a code for every refusal."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.kernel.currencies import CURRENCIES
from apps.kernel.fields import check_metadata
from apps.kernel.money import MAX_AMOUNT
from apps.kernel.periods import known_zones
from apps.rest.countries import COUNTRIES

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_PLAIN_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)", re.ASCII)
# Control characters, and those that turn the direction of text: what they show is not what is stored.
_HIDDEN = re.compile("[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
WRONG_TYPE: dict[str, Any] = {"wrong_type": "Expected {expected}, got {got}."}


def json_type(value: Any) -> str:
    """What JSON calls the type of `value`."""
    names = {
        bool: "a boolean",
        str: "a string",
        int: "a number",
        float: "a number",
        dict: "an object",
        list: "an array",
    }
    return names.get(type(value), "null")


def demand(field: serializers.Field[Any, Any, Any, Any], value: Any, kinds: tuple[type, ...], expected: str) -> None:
    """Fail `field` with `wrong_type` unless the value's type is one of `kinds` exactly (true is no integer)."""
    if type(value) not in kinds:
        field.fail("wrong_type", expected=expected, got=json_type(value))


class CharField(serializers.CharField):
    """A string, and only that, without characters that cannot be seen; surrounding white space is dropped."""

    default_error_messages = {
        **WRONG_TYPE,
        "invalid_characters": "Control characters and overrides of the text's direction are refused.",
    }

    def run_validation(self, data: Any = serializers.empty) -> Any:
        """Look at the type before DRF's test for blankness turns it into text."""
        if data is not serializers.empty and data is not None:
            demand(self, data, (str,), "a string")
            if _HIDDEN.search(data):
                self.fail("invalid_characters")
        return super().run_validation(data)


class EmailField(CharField, serializers.EmailField):
    """An e-mail address of at most 254 characters."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 254)
        super().__init__(**kwargs)


class ChoiceField(serializers.ChoiceField):
    """One of some strings."""

    default_error_messages = WRONG_TYPE

    def to_internal_value(self, data: Any) -> Any:
        """The choice itself."""
        demand(self, data, (str,), "a string")
        return super().to_internal_value(data)


class BooleanField(serializers.BooleanField):
    """true or false, not "true", not 1."""

    default_error_messages = WRONG_TYPE

    def to_internal_value(self, data: Any) -> Any:
        """The boolean."""
        demand(self, data, (bool,), "a boolean")
        return data


class IntegerField(serializers.IntegerField):
    """A JSON integer; 1.0, "1" and true are none. Bounded by a 64-bit column unless told otherwise."""

    default_error_messages = {**WRONG_TYPE, "fraction": "Expected a whole number."}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("min_value", -(2**63))
        kwargs.setdefault("max_value", 2**63 - 1)
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> int:
        """The integer."""
        demand(self, data, (int,), "an integer")
        return int(data)


@extend_schema_field({"type": "integer", "format": "int64", "minimum": -MAX_AMOUNT, "maximum": MAX_AMOUNT})
class AmountField(IntegerField):
    """Minor units: a whole number within what a posting may hold."""

    default_error_messages = {"amount_too_large": f"Amounts lie within {MAX_AMOUNT} minor units."}

    def to_internal_value(self, data: Any) -> int:
        """The amount."""
        amount = super().to_internal_value(data)
        if abs(amount) > MAX_AMOUNT:
            self.fail("amount_too_large")
        return amount


@extend_schema_field({"type": "string", "format": "decimal"})
class DecimalField(serializers.DecimalField):
    """A decimal as a string (or a whole number); a JSON fraction would have been rounded on its way."""

    default_error_messages = WRONG_TYPE

    def to_internal_value(self, data: Any) -> Decimal:
        """The decimal."""
        demand(self, data, (str, int), "a decimal as a string")
        if isinstance(data, str) and not _PLAIN_DECIMAL.fullmatch(data):
            self.fail("invalid")
        return super().to_internal_value(data)


@extend_schema_field({"type": "string", "pattern": "^[A-Z]{3}$", "description": "ISO 4217", "examples": ["USD"]})
class CurrencyField(CharField):
    """An upper-case ISO 4217 code."""

    default_error_messages = {"currency_unknown": "Not a currency of ISO 4217; use a code such as USD, EUR or JPY."}

    def to_internal_value(self, data: Any) -> str:
        """The code."""
        code = super().to_internal_value(data)
        if code not in CURRENCIES:
            self.fail("currency_unknown")
        return code


@extend_schema_field({"type": "string", "pattern": "^[A-Z]{2}$", "description": "ISO 3166", "examples": ["DE"]})
class CountryField(CharField):
    """An upper-case ISO 3166-1 alpha-2 code."""

    default_error_messages = {"country_unknown": "Not a country of ISO 3166-1; use a code such as DE, JP or US."}

    def to_internal_value(self, data: Any) -> str:
        """The code."""
        code = super().to_internal_value(data)
        if code not in COUNTRIES:
            self.fail("country_unknown")
        return code


@extend_schema_field({"type": "string", "description": "IANA time zone", "examples": ["Europe/Berlin"]})
class TimezoneField(CharField):
    """An IANA time zone."""

    default_error_messages = {"timezone_unknown": "Not an IANA time zone; use a name such as Europe/Berlin or UTC."}

    def to_internal_value(self, data: Any) -> str:
        """The name."""
        name = super().to_internal_value(data)
        if name not in known_zones():
            self.fail("timezone_unknown")
        return name


class ExternalKeyField(CharField):
    """The caller's own key of an object: 1 to 255 printable characters, kept as they are."""

    default_error_messages = {"invalid": "Use printable characters, without white space at either end."}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 255)
        kwargs["trim_whitespace"] = False
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> str:
        """The key."""
        key = super().to_internal_value(data)
        if key != key.strip() or not key.isprintable():
            self.fail("invalid")
        return key


@extend_schema_field({"type": "string", "format": "uuid"})
class UUIDField(serializers.UUIDField):
    """An id of ours, in its canonical form."""

    default_error_messages = WRONG_TYPE

    def to_internal_value(self, data: Any) -> Any:
        """The UUID."""
        demand(self, data, (str,), "a string")
        if not _UUID.fullmatch(data):
            self.fail("invalid", value="")
        return super().to_internal_value(data)


class DateField(serializers.DateField):
    """A local date, YYYY-MM-DD."""

    default_error_messages = {**WRONG_TYPE, "out_of_range": f"Dates lie between {FIRST_DAY} and {LAST_DAY}."}

    def to_internal_value(self, value: Any) -> date:
        """The date."""
        demand(self, value, (str,), "a date as a string")
        day = super().to_internal_value(value)
        if not FIRST_DAY <= day <= LAST_DAY:
            self.fail("out_of_range")
        return day


@extend_schema_field({"type": "string", "format": "date-time"})
class DateTimeField(serializers.Field[datetime, str, str, Any]):
    """An RFC 3339 instant with its offset; comes out in UTC."""

    default_error_messages = {
        **WRONG_TYPE,
        "invalid": "Not an RFC 3339 time with an offset, such as 2026-11-01T00:00:00Z.",
        "out_of_range": f"Times lie between {FIRST_DAY} and {LAST_DAY}.",
    }

    def to_internal_value(self, data: Any) -> datetime:
        """The instant in UTC."""
        demand(self, data, (str,), "a time as a string")
        if not _INSTANT.fullmatch(data):
            self.fail("invalid")
        try:
            local = datetime.fromisoformat(data.upper())
            instant = local.astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail("invalid")
        if not FIRST_DAY <= instant.date() <= LAST_DAY:
            self.fail("out_of_range")
        return instant


@extend_schema_field({"type": "object", "additionalProperties": True, "description": "At most 50 keys and 16 KiB"})
class MetadataField(serializers.Field[dict[str, Any], Any, Any, Any]):
    """A JSON object of the caller's; optional unless told otherwise."""

    default_error_messages = WRONG_TYPE

    def __init__(self, **kwargs: Any) -> None:
        if "required" not in kwargs and "default" not in kwargs:
            kwargs["required"] = False
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """The object."""
        demand(self, data, (dict,), "an object")
        try:
            check_metadata(data)
        except DjangoValidationError as error:
            raise serializers.ValidationError(error.messages[0], code=error.code) from error
        return dict(data)
