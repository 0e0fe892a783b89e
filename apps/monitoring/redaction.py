"""What must never reach a log: credentials, cards, passwords, mail addresses. Pure; applied when a line is written."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

REDACTED = "[redacted]"

_SECRET_NAME = re.compile(
    r"passw|secret|token|authorization|cookie|api_?key|private_?key|credential|signature|(^|_)(cvc|cvv|pan)($|_)|card_?number",
    re.IGNORECASE,
)
_PERSONAL_NAME = re.compile(r"(^|_)(e?mail|phone|ip|ip_address|remote_addr|client_address)$", re.IGNORECASE)
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_SCHEME = re.compile(r"\b(bearer|basic|token)\s+[\w.~+/=:-]{6,}", re.IGNORECASE)
_KEY = re.compile(r"\b(?:bk|sk|rk|pk)_(?:test_|live_)?\w{6,}|\bwhsec_[\w+/=]{6,}|\bpi_\w+_secret_\w+")
_SIGNED_LINK = re.compile(r"(/(?:mail|pay)/)[\w:.-]{20,}")
_URL_PASSWORD = re.compile(r"(\w[\w+.-]*://[^\s:/@]*):[^\s/@]+@")
_PAIR = re.compile(
    r"""(["']?\b\w*(?:password|passwd|secret|token|cvc|cvv|api_?key)\w*["']?\s*[:=]\s*)(["']?)[^\s"',;&}\]]+\2""",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w-])")
# Whatever a pattern above (but that of digits) finds holds one of these: most values hold none, and are let by at once.
_HINTS = (
    "@", "/mail/", "/pay/", "bearer", "basic", "token", "bk_", "sk_", "rk_", "pk_", "pi_", "whsec_", "passw", "secret",
    "cvc", "cvv", "api_key", "apikey",
)  # fmt: skip

_HARMLESS, _SEQUENCES = (bool, float), (list, tuple, set, frozenset)
_PLAIN = frozenset((bool, float, type(None)))
_SHORT = 10**12
"""A card's number is larger."""


def passes_luhn(digits: str) -> bool:
    """Whether the check digit is right, as it is on every payment card."""
    total = 0
    for place, character in enumerate(reversed(digits)):
        value = int(character) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _card(match: re.Match[str]) -> str:
    found = match.group()
    return REDACTED if passes_luhn(re.sub(r"\D", "", found)) else found


def text(value: str) -> str:
    """`value` without what looks like a credential or a card number."""
    if _is_hinted(value):
        value = _without_credentials(value)
    return _DIGITS.sub(_card, value)


def _is_hinted(value: str) -> bool:
    folded = value.casefold()
    for hint in _HINTS:  # noqa: SIM110 - a generator takes twice as long, and every line passes here
        if hint in folded:
            return True
    return False


def _without_credentials(value: str) -> str:
    value = _URL_PASSWORD.sub(rf"\1:{REDACTED}@", value)
    value = _SIGNED_LINK.sub(rf"\1{REDACTED}", value)
    value = _SCHEME.sub(rf"\1 {REDACTED}", value)
    value = _KEY.sub(REDACTED, value)
    value = _PAIR.sub(rf"\1{REDACTED}", value)
    return _MAIL.sub(REDACTED, value) if "@" in value else value


@lru_cache(maxsize=1024)
def _is_hidden(name: str) -> bool:
    """Whether what a field of this name holds is never written."""
    return bool(_SECRET_NAME.search(name) or _PERSONAL_NAME.search(name))


def redact(value: Any, name: str = "") -> Any:
    """The same structure, with secret fields and secret-looking text replaced."""
    if value is None or isinstance(value, _HARMLESS):
        return value
    if name and _is_hidden(name):
        return REDACTED
    if isinstance(value, str):
        return text(value)
    if isinstance(value, int):
        return text(str(value)) if value > _SHORT and text(str(value)) == REDACTED else value
    if isinstance(value, Mapping):
        return {key: redact(item, str(key)) for key, item in value.items()}
    if isinstance(value, _SEQUENCES):
        return [redact(item) for item in value]
    return text(str(value))


def processor(_logger: Any, _method: str, line: Any) -> Any:
    """The last step before JSON."""
    return line if _is_harmless(line) else {key: redact(value, key) for key, value in line.items()}


def _is_harmless(line: Mapping[str, Any]) -> bool:
    """Whether nothing in it may be hidden, as in nearly every line: all its texts are looked through at once.

    No pattern goes over the end of a line, so what is found in a text alone is found where they are joined.
    """
    texts = []
    for name, value in line.items():
        kind = type(value)
        if _is_hidden(name):
            return False
        if kind is str:
            texts.append(value)
        elif not (kind in _PLAIN or (kind is int and value <= _SHORT)):
            return False
    joined = "\n".join(texts)
    return not _is_hinted(joined) and _DIGITS.search(joined) is None
