"""Keeps card numbers out: finds them in a document before anything stores or logs it.

A card number is 13 to 19 digits, spaces and dashes apart, of a length and prefix that a major network issues, with a
true check digit. Ids, digests and bank account numbers that happen to contain such digits are let through. Nothing
here ever returns, raises or logs the digits.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from apps.kernel.errors import Invalid, Problem

REDACTED = "[redacted]"

_RUN = re.compile(r"[0-9]+(?:[ -]{1,2}[0-9]+)*")
_GROUP = re.compile(r"[0-9]+")
_OPAQUE = re.compile(
    r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"
    r"|(?<![0-9a-f])(?=[0-9]*[a-f])[0-9a-f]{24,128}(?![0-9a-f])",
    re.I,
)
_IBAN = re.compile(r"\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]){11,30}\b")

# Prefix (as a range of its digits) and the lengths issued under it.
_NETWORKS: tuple[tuple[int, int, frozenset[int]], ...] = (
    (4, 4, frozenset({13, 16, 19})),  # Visa
    (51, 55, frozenset({16})),  # Mastercard
    (2221, 2720, frozenset({16})),  # Mastercard
    (34, 34, frozenset({15})),  # American Express
    (37, 37, frozenset({15})),
    (300, 305, frozenset({14})),  # Diners Club
    (36, 36, frozenset({14})),
    (38, 39, frozenset({14})),
    (6011, 6011, frozenset(range(16, 20))),  # Discover
    (644, 659, frozenset(range(16, 20))),
    (3528, 3589, frozenset(range(16, 20))),  # JCB
    (62, 62, frozenset(range(16, 20))),  # UnionPay
    (81, 81, frozenset(range(16, 20))),
    (5018, 5018, frozenset(range(16, 20))),  # Maestro
    (5020, 5020, frozenset(range(16, 20))),
    (5038, 5038, frozenset(range(16, 20))),
    (5893, 5893, frozenset(range(16, 20))),
    (6304, 6304, frozenset(range(16, 20))),
    (6759, 6763, frozenset(range(16, 20))),
)
_MEMBER_NAMES = (
    "cvc cvv cvc2 cvv2 cvccode cvvcode cardcvc cardcvv cardnumber creditcardnumber ccnumber cardno cardpan pan "
    "securitycode cardsecuritycode"
)
_SECRETS = frozenset(_MEMBER_NAMES.split())


def find(document: Any) -> list[Problem]:
    """Every place in a JSON document that holds card data, without the data."""
    return list(_walk("", document))


def refusal(problems: list[Problem]) -> Invalid:
    """The answer to a request that carries card data."""
    return Invalid(
        "card_data_refused",
        "The request carries what looks like a card number or a security code. Nothing of it was stored.",
        hint="Never send card data here: tokenise it with the payment gateway in the browser and send the token "
        "(`payment_method_token`).",
        errors=problems[:100],
    )


def holds_card_number(text: str) -> bool:
    """Whether `text` contains a card number."""
    return any(True for _ in _numbers(_plain(text)))


def redact(text: str) -> str:
    """`text` with every card number in it blanked, for logs."""
    plain = _plain(text)
    # Overlapping finds are merged by blanking digit by digit.
    blank = {index for start, end in _numbers(plain) for index in range(start, end)}
    if not blank:
        return text
    kept = "".join("\0" if index in blank else character for index, character in enumerate(plain))
    return re.sub("\0+", REDACTED, kept)


def luhn(digits: str) -> bool:
    """Whether the check digit is true."""
    doubled = [int(digit) * 2 for digit in digits[-2::-2]]
    return (sum(map(int, digits[-1::-2])) + sum(number - 9 * (number > 9) for number in doubled)) % 10 == 0


def _walk(pointer: str, value: Any) -> Iterator[Problem]:
    pending = [(pointer, value)]
    while pending:
        place, current = pending.pop()
        if isinstance(current, dict):
            names = {name: re.sub(r"[\s_-]", "", name).lower() for name in current}
            card = any(name.startswith("exp") for name in names.values())
            for name, plain in names.items():
                if holds_card_number(name):
                    yield Problem(place, "card_data_refused", "A member's name holds a card number.")
                    continue
                inner = f"{place}/{name[:100].replace('~', '~0').replace('/', '~1')}"
                if plain in _SECRETS or (card and plain == "number"):
                    yield Problem(inner, "card_data_refused", "This member is for card data, which is not taken.")
                else:
                    pending.append((inner, current[name]))
        elif isinstance(current, list):
            pending += [(f"{place}/{index}", member) for index, member in enumerate(current)]
        elif holds_card_number(_text(current)):
            yield Problem(place, "card_data_refused", "The value holds a card number.")


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if type(value) is int else ""


def _plain(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def _numbers(text: str) -> Iterator[tuple[int, int]]:
    if len(text) < 13:
        return
    opaque: list[tuple[int, int]] | None = None
    for start, end in _candidates(text):
        digits = re.sub("[ -]", "", text[start:end])
        if not (_issued(digits) and luhn(digits)):
            continue
        if opaque is None:
            opaque = list(_opaque(text))
        if not any(low <= start and end <= high for low, high in opaque):
            yield start, end


def _candidates(text: str) -> Iterator[tuple[int, int]]:
    """Whole groups of digits, side by side, that come to 13 to 19 digits: an expiry beside a number hides nothing."""
    for run in _RUN.finditer(text):
        if run.end() - run.start() < 13:
            continue
        groups = [group.span() for group in _GROUP.finditer(text, run.start(), run.end())]
        for first, (start, _) in enumerate(groups):
            length = 0
            for low, high in groups[first:]:
                length += high - low
                if length > 19:
                    break
                if length >= 13 and not _part_of_number(text, start, high):
                    yield start, high


def _part_of_number(text: str, start: int, end: int) -> bool:
    """A telephone number after `+`, or the digits before or after a decimal point."""
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    return before.endswith("+") or bool(re.fullmatch("[0-9][.]", before) or re.fullmatch("[.][0-9]", after))


def _issued(digits: str) -> bool:
    return any(
        len(digits) in lengths and low <= int(digits[: len(str(low))]) <= high for low, high, lengths in _NETWORKS
    )


def _opaque(text: str) -> Iterator[tuple[int, int]]:
    for token in _OPAQUE.finditer(text):
        yield token.span()
    for account in _IBAN.finditer(text):
        compact = account.group().replace(" ", "")
        if len(compact) <= 34 and int("".join(str(int(c, 36)) for c in compact[4:] + compact[:4])) % 97 == 1:
            yield account.span()
