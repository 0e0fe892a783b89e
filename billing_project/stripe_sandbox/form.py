"""Reads Stripe's form encoding: `metadata[order]=7`, `payment_method_types[]=card`, `expand[0]=customer`."""

import re
from typing import Any
from urllib.parse import parse_qsl

from billing_project.stripe_sandbox.errors import StripeError, invalid

MAX_FIELDS = 1000
MAX_DEPTH = 8
_KEY = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\])*)$")
_PART = re.compile(r"\[([^\[\]]*)\]")


def decode(raw: bytes) -> dict[str, Any]:
    """Nested dicts and lists of strings; 400 when the text is not a form or contradicts itself."""
    try:
        pairs = parse_qsl(
            raw.decode(), keep_blank_values=True, strict_parsing=bool(raw), errors="strict", max_num_fields=MAX_FIELDS
        )
    except (ValueError, UnicodeError):
        raise _unreadable("the body is not valid application/x-www-form-urlencoded UTF-8") from None
    root: dict[str, Any] = {}
    for key, value in pairs:
        if "\x00" in key or "\x00" in value:
            raise _unreadable("it holds a NUL character")
        _insert(root, key, value)
    return {name: _arrays(value) for name, value in root.items()}


def _insert(root: dict[str, Any], key: str, value: str) -> None:
    matched = _KEY.match(key)
    if matched is None:
        raise invalid(f"Invalid parameter name: {key[:100]}", key[:100])
    parts = [matched[1], *_PART.findall(matched[2])]
    if len(parts) > MAX_DEPTH:
        raise invalid(f"Parameter nested too deeply: {key[:100]}", matched[1])
    place: dict[str, Any] = root
    for part in parts[:-1]:
        below = place.setdefault(part or str(len(place)), {})
        if not isinstance(below, dict):
            raise invalid(f"Parameter given both as a value and as a hash: {matched[1]}", matched[1])
        place = below
    last = parts[-1] or str(len(place))
    if isinstance(place.get(last), dict):
        raise invalid(f"Parameter given both as a value and as a hash: {matched[1]}", matched[1])
    place[last] = value


def _arrays(value: Any) -> Any:
    """A hash whose keys are 0, 1, 2 ... is a list."""
    if not isinstance(value, dict):
        return value
    if all(name == str(place) for place, name in enumerate(value)):
        return [_arrays(item) for item in value.values()]
    return {name: _arrays(item) for name, item in value.items()}


def _unreadable(why: str) -> StripeError:
    return invalid(f"Invalid request: {why}.", code="request_unreadable")
