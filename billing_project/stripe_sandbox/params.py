"""Checks parameters against what an operation takes: unknown names, missing ones, wrong types, metadata's limits."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from billing_project.stripe_sandbox.currencies import CURRENCIES, least, most, multiple
from billing_project.stripe_sandbox.errors import invalid

Spec = Mapping[str, "Kind"]


class Kind(StrEnum):
    STRING = "string"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    HASH = "hash"
    LIST = "list"
    METADATA = "metadata"
    ANY = "any"  # accepted, because Stripe takes it, and read by nobody here or by its own reader


LISTING: dict[str, Kind] = {
    "limit": Kind.INTEGER,
    "starting_after": Kind.STRING,
    "ending_before": Kind.STRING,
    "created": Kind.ANY,
}


def check(raw: Mapping[str, Any], spec: Spec, required: tuple[str, ...] = ()) -> dict[str, Any]:
    """The parameters with their types; an empty value is None, which is how a form says null."""
    for name in raw:
        if name not in spec and name != "expand":
            raise invalid(f"Received unknown parameter: {name[:100]}", name[:100], "parameter_unknown")
    for name in required:
        if raw.get(name) in (None, ""):
            raise invalid(f"Missing required param: {name}.", name, "parameter_missing")
    return {name: _typed(name, value, spec[name]) for name, value in raw.items() if name != "expand"}


def expansions(raw: Mapping[str, Any]) -> list[str]:
    value = raw.get("expand", [])
    paths = value if isinstance(value, list) else [value]
    if not all(isinstance(path, str) and path for path in paths):
        raise invalid("Invalid array: expand must be a list of property names.", "expand")
    return paths


def _typed(name: str, value: Any, kind: Kind) -> Any:
    if kind is Kind.ANY:
        return value
    if kind is Kind.METADATA:
        return _metadata(value)
    if value == "":
        return None
    wanted: type[Any] = _SHAPES.get(kind, str)
    if not isinstance(value, wanted):
        raise invalid(f"Invalid {kind}: {name} has the wrong shape", name)
    reader = _READERS.get(kind)
    return reader(name, value) if reader else value


def _boolean(name: str, value: str) -> bool:
    if value not in ("true", "false"):
        raise invalid(f"Invalid boolean: {value[:100]}", name)
    return value == "true"


def _string(name: str, value: str) -> str:
    if len(value) > 5000:
        raise invalid(f"Invalid string: {name} must be at most 5000 characters", name, "parameter_invalid_string")
    return value


def integer(name: str, value: str) -> int:
    digits = value.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 18):
        raise invalid(f"Invalid integer: {value[:100]}", name, "parameter_invalid_integer")
    return int(value)


_SHAPES: dict[Kind, type[Any]] = {Kind.HASH: dict, Kind.LIST: list}
_READERS: dict[Kind, Callable[[str, str], Any]] = {
    Kind.INTEGER: integer,
    Kind.BOOLEAN: _boolean,
    Kind.STRING: _string,
}


def _metadata(value: Any) -> dict[str, str]:
    """Values to set, an empty one to remove; the whole of it empty removes all (said by the key '')."""
    if value == "":
        return {"": ""}
    if isinstance(value, list):  # keys 0, 1, 2 ... look like a list to the form reader
        value = {str(place): item for place, item in enumerate(value)}
    if not isinstance(value, dict):
        raise invalid("Invalid object: metadata must be a set of keys and values", "metadata")
    for key, text in value.items():
        if not isinstance(text, str):
            raise invalid("Metadata values must be strings", f"metadata[{key[:40]}]")
        if len(key) > 40:
            raise invalid(f"Metadata keys can have up to 40 characters: {key[:60]}", "metadata")
        if len(text) > 500:
            raise invalid(f"Metadata values can have up to 500 characters: {key}", f"metadata[{key}]")
    return value


def merged(old: Mapping[str, str], new: Mapping[str, str] | None) -> dict[str, str]:
    if new is None:
        return dict(old)
    if "" in new:
        return {}
    both = {key: text for key, text in {**old, **new}.items() if text != ""}
    if len(both) > 50:
        raise invalid("Metadata can have up to 50 keys", "metadata")
    return both


def amount_and_currency(params: Mapping[str, Any]) -> tuple[int, str]:
    currency = str(params["currency"]).lower()
    if currency not in CURRENCIES:
        raise invalid(f"Invalid currency: {currency[:20]}. It is not an ISO 4217 currency.", "currency")
    amount = params["amount"]
    if amount < 1:
        raise invalid("This value must be greater than or equal to 1.", "amount", "parameter_invalid_integer")
    if amount > most(currency):
        raise invalid(
            f"Amount must be no more than {most(currency)} in the smallest unit of {currency}.",
            "amount",
            "amount_too_large",
        )
    if amount < least(currency):
        raise invalid(f"Amount must be at least {least(currency)} {currency}.", "amount", "amount_too_small")
    if amount % multiple(currency):
        raise invalid(f"The last digit of an amount in {currency} must be 0.", "amount", "parameter_invalid_integer")
    return amount, currency


def created_range(value: Any) -> tuple[int | None, int | None]:
    """`created=<time>` or `created[gt|gte|lt|lte]=<time>` as inclusive bounds."""
    if value is None:
        return None, None
    if isinstance(value, str):
        moment = integer("created", value)
        return moment, moment
    if not isinstance(value, dict) or not set(value) <= {"gt", "gte", "lt", "lte"}:
        raise invalid("Invalid object: created takes gt, gte, lt and lte", "created")
    bounds = {name: integer(f"created[{name}]", str(text)) for name, text in value.items()}
    lows = [bounds[name] + (name == "gt") for name in ("gt", "gte") if name in bounds]
    highs = [bounds[name] - (name == "lt") for name in ("lt", "lte") if name in bounds]
    return max(lows, default=None), min(highs, default=None)
