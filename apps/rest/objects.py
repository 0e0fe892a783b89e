"""API objects: what answers and events carry. One struct per noun, encoded by msgspec.

Instants are aware and in UTC (written with `Z`), decimals are written as strings, amounts are integers.
"""

import json
from typing import Any

import msgspec


class ApiObject(msgspec.Struct, frozen=True, kw_only=True):
    """Base of the objects of spec/api.md: immutable, built in bulk, encoded as it stands."""


_encoder = msgspec.json.Encoder(decimal_format="string", uuid_format="canonical")


def encode(value: object) -> bytes:
    """`value` (objects, and any JSON-like tree that holds them) as JSON."""
    try:
        return _encoder.encode(value)
    except OverflowError:
        # Metadata may hold integers beyond 64 bits, which msgspec cannot write.
        return json.dumps(builtins(value), ensure_ascii=False, separators=(",", ":")).encode()


def builtins(value: object) -> Any:
    """`value` as JSON-ready Python: dicts, lists, strings, integers, booleans, None."""
    return msgspec.to_builtins(value, str_keys=True)
