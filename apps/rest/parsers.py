"""How bytes become a document: strict JSON, bounded in size and depth, free of what must not be stored."""

import json
import math
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework.parsers import BaseParser

from apps.kernel.errors import Invalid, Malformed, Problem, TooLarge
from apps.rest import card_guard
from apps.rest.faults import CORRECT_IT

MAX_DEPTH = 32


class JSONParser(BaseParser):
    """The only parser: application/json in UTF-8."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """The document in `stream`; an empty body is an empty object."""
        view = (parser_context or {}).get("view")
        limit = getattr(view, "max_body_bytes", None) or settings.REST_MAX_BODY_BYTES
        raw = stream.read(limit + 1)
        if len(raw) > limit:
            raise too_large(limit)
        document = decode(raw)
        check(document)
        return document


def too_large(limit: int) -> TooLarge:
    """The refusal of a body beyond `limit` bytes."""
    return TooLarge(
        "body_too_large",
        f"The body holds more than {limit} bytes.",
        hint=f"Send at most {limit} bytes a request; split what is larger.",
    )


def decode(raw: bytes) -> Any:
    """Parse JSON as RFC 8259 means it: UTF-8, no duplicate keys, no NaN, no infinity."""
    if not raw.strip():
        return {}
    try:
        return json.loads(
            raw.decode(), object_pairs_hook=_without_duplicates, parse_constant=_refuse_constant, parse_float=_finite
        )
    except UnicodeDecodeError as error:
        raise _malformed("The body is not UTF-8.") from error
    except json.JSONDecodeError as error:
        raise _malformed(f"The body is not JSON: {error.msg} at line {error.lineno} column {error.colno}.") from error
    except RecursionError as error:
        raise _too_deep() from error
    except ValueError as error:
        # Python refuses to read integers of more than 4,300 digits.
        raise _malformed("A number has too many digits.") from error


def check(document: Any) -> None:
    """Refuse nesting beyond MAX_DEPTH, characters that text cannot hold, and card data."""
    problems: list[Problem] = []
    level: list[tuple[str, Any]] = [("", document)]
    for _ in range(MAX_DEPTH):
        following: list[tuple[str, Any]] = []
        for pointer, value in level:
            if isinstance(value, str):
                problems += _characters(pointer, value)
            elif isinstance(value, dict):
                for key, member in value.items():
                    problems += _characters(pointer, key)
                    following.append((f"{pointer}/{escape(key)}", member))
            elif isinstance(value, list):
                following += [(f"{pointer}/{index}", member) for index, member in enumerate(value)]
        if not following:
            break
        level = following
    else:
        raise _too_deep()
    if found := card_guard.find(document):
        raise card_guard.refusal(found)
    if problems:
        raise Invalid(
            "invalid_character", "The body holds characters that text cannot.", hint=CORRECT_IT, errors=problems[:100]
        )


def escape(key: object) -> str:
    """A member name as a reference token of a JSON pointer, shortened where it is absurdly long."""
    return str(key)[:100].replace("~", "~0").replace("/", "~1")


def bad_character(text: str) -> str | None:
    """Why `text` cannot be stored, or None."""
    if "\x00" in text:
        return "NUL characters are refused."
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        return "A lone surrogate is not a character."
    return None


def _characters(pointer: str, text: str) -> list[Problem]:
    reason = bad_character(text)
    return [Problem(pointer, "invalid_character", reason)] if reason else []


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise _malformed("An object names one member twice.")
    return members


def _refuse_constant(name: str) -> Any:
    raise _malformed(f"{name} is not JSON.")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _malformed("A number is too large.")
    return number


def _malformed(detail: str) -> Malformed:
    return Malformed("malformed_json", detail, hint="Send one JSON document (RFC 8259) in UTF-8.")


def _too_deep() -> Malformed:
    return Malformed("too_deep", f"The body is nested more than {MAX_DEPTH} levels deep.", hint="Flatten the document.")
