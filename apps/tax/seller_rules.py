"""What a seller's profile may hold: colours, bank account numbers, and a logo that is only a picture. No database."""

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Any
from xml.parsers import expat

from apps.kernel.errors import Invalid, Problem

PLACEHOLDER = "Your company"
"""The name that the seller has until somebody says it: the first migration wrote it."""
BRAND_COLOR = "#1f3a5f"
ACCENT_COLOR = "#5b6b7f"
COLOR = r"^#[0-9a-f]{6}$"
BIC = r"^[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?$"
LOGO_BYTES = 64 * 1024
"""The largest logo: it is inside every document."""
LOGO_PIXELS = 4000
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_DATA_URL = re.compile(r"data:(image/png|image/svg\+xml);base64,([A-Za-z0-9+/=]+)")
_PNG = b"\x89PNG\r\n\x1a\n"
_ELSEWHERE = re.compile(r"url\s*\(\s*['\"]?(?!#)|@import", re.IGNORECASE)
_REFUSED = {"script", "foreignobject", "image", "use", "iframe", "animate", "set", "text", "feimage"}
"""Elements that fetch, run, move or depend on fonts; a logo is drawn without them."""


@dataclass(frozen=True)
class Logo:
    """A picture as documents take it."""

    extension: str
    content: bytes


def iban(text: str) -> str:
    """The IBAN without its spaces, in capitals, or a refusal: shape and check digits."""
    plain = "".join(text.split()).upper()
    digits = "".join(str(int(character, 36)) for character in plain[4:] + plain[:4]) if _IBAN.fullmatch(plain) else ""
    if not digits or int(digits) % 97 != 1:
        raise refused("iban", "iban_invalid", "This is no IBAN: its check digits do not fit.", "Copy it anew.")
    return plain


def logo(url: str) -> Logo:
    """The picture in a data URL, or a refusal."""
    match = _DATA_URL.fullmatch(url)
    if match is None:
        raise _bad_logo("It is not a data URL of a PNG or SVG picture.")
    try:
        content = base64.b64decode(match.group(2), validate=True)
    except binascii.Error:
        raise _bad_logo("Its base64 is broken.") from None
    if len(content) > LOGO_BYTES:
        raise _bad_logo(f"It has {len(content)} bytes, more than {LOGO_BYTES}.")
    if match.group(1) == "image/png":
        _check_png(content)
        return Logo("png", content)
    _check_svg(content)
    return Logo("svg", content)


def refused(field: str, code: str, detail: str, hint: str) -> Invalid:
    """A refusal of one member of the profile."""
    return Invalid(code, detail, hint=hint, errors=[Problem(f"/{field}", code, detail)])


def _bad_logo(detail: str) -> Invalid:
    hint = f"Send data:image/png;base64,... or data:image/svg+xml;base64,... of at most {LOGO_BYTES} bytes."
    return refused("logo", "logo_invalid", f"The logo cannot be taken. {detail}", hint)


def _check_png(content: bytes) -> None:
    width, height = int.from_bytes(content[16:20]), int.from_bytes(content[20:24])
    if not content.startswith(_PNG) or content[12:16] != b"IHDR":
        raise _bad_logo("It is no PNG picture.")
    if not (0 < width <= LOGO_PIXELS and 0 < height <= LOGO_PIXELS):
        raise _bad_logo(f"A side of it is longer than {LOGO_PIXELS} pixels.")


def _leads(key: str, value: str) -> bool:
    plain = key.rpartition(":")[2].lower()
    return plain.startswith("on") or (plain == "href" and not value.startswith("#")) or bool(_ELSEWHERE.search(value))


def _check_svg(content: bytes) -> None:
    """Shapes alone: nothing that is fetched from elsewhere, runs, or expands."""
    faults: list[str] = []
    roots: list[str] = []

    def opened(name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2].lower()
        roots.append(local)
        if local in _REFUSED:
            faults.append(f"It holds <{name}>.")
        faults.extend(
            f"Its attribute {key} leads elsewhere." for key, value in attributes.items() if _leads(key, value)
        )

    def said(text: str) -> None:
        if _ELSEWHERE.search(text):
            faults.append("Its style leads elsewhere.")

    def declared(*_: Any) -> None:
        faults.append("It has a document type.")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.CharacterDataHandler = opened, said
    parser.StartDoctypeDeclHandler = declared
    try:
        parser.Parse(content, True)  # noqa: FBT003 - expat takes no names
    except (expat.ExpatError, ValueError):
        faults.append("It is not well-formed XML.")
    if roots[:1] != ["svg"]:
        faults.append("It is no SVG picture.")
    if faults:
        raise _bad_logo(faults[0])
