"""Versions that callers hold against ours: ETag out, If-Match in."""

import re

from apps.kernel.errors import Malformed, PreconditionFailed

_VERSION = re.compile(r'(?:W/)?"v-([0-9]{1,9})"')
_PREVIEW = re.compile(r'(?:W/)?"(p-[0-9A-Za-z_-]{8,128})"')


def etag(version: int) -> str:
    """The ETag of an object at `version`."""
    return f'"v-{version}"'


def expected_version(header: str | None) -> int | None:
    """The version that If-Match asks for; None when it asks for none (or for a preview)."""
    if header is None or header.strip() == "*" or _PREVIEW.fullmatch(header.strip()):
        return None
    match = _VERSION.fullmatch(header.strip())
    if match is None:
        raise Malformed(
            "if_match_invalid",
            "If-Match is not an ETag of ours.",
            hint='Send the ETag of the object as it was given, such as "v-3" with its quotes.',
        )
    return int(match.group(1))


def expected_preview(header: str | None) -> str | None:
    """The preview hash (`p-...`) that If-Match asks for, or None."""
    match = _PREVIEW.fullmatch(header.strip()) if header else None
    return match.group(1) if match else None


def demand(version: int, expected: int | None) -> None:
    """Refuse (412) when the caller saw another version than the row, now locked, has."""
    if expected is not None and expected != version:
        raise PreconditionFailed(
            "version_changed",
            f"The object is at version {version}, not {expected}.",
            hint="Read the object again, look at what changed, and repeat with its ETag.",
        )
