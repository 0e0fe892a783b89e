"""The body before it is parsed: its size, its framing, its encoding."""

import zlib
from io import BytesIO
from typing import Any

from django.conf import settings
from rest_framework.request import Request

from apps.kernel.errors import Malformed
from apps.rest.drf_errors import UnsupportedMediaType
from apps.rest.parsers import too_large


def unchunked(request: Any, limit: int | None) -> Any:
    """`request` with a chunked body read into memory: Django sees none where Content-Length is missing."""
    chunked = "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower()
    if chunked and not request.META.get("CONTENT_LENGTH"):
        raw = request.META["wsgi.input"].read((limit or settings.REST_MAX_BODY_BYTES) + 1)
        request.META["CONTENT_LENGTH"] = str(len(raw))
        request._stream = BytesIO(raw)
        request._read_started = False
    return request


def check(request: Request, limit: int | None, *, gzip: bool = False) -> None:
    """Refuse a body that is too large, by its length's word or in truth, or compressed. Keeps the bytes.

    Read once here, it is there for the parser and for whoever compares the body of a repeated request. `gzip`: a body
    compressed so is taken, and kept inflated; the limit is on both.
    """
    most = limit or settings.REST_MAX_BODY_BYTES
    encoding = request.META.get("HTTP_CONTENT_ENCODING", "identity").strip().lower()
    if encoding not in ("", "identity") and not (gzip and encoding == "gzip"):
        taken = "gzip alone is" if gzip else "Compressed bodies are not"
        raise UnsupportedMediaType(
            "encoding_unsupported", f"{taken} taken.", hint="Send the body without Content-Encoding."
        )
    if _declared(request) > most or len(request._request.body) > most:
        raise too_large(most)
    if encoding == "gzip":
        inflated = inflate(request._request.body, most)
        # As if it had come so: Django keeps the bytes of a body that was read here, DRF its length there.
        request._request._body = inflated
        request.META["CONTENT_LENGTH"] = str(len(inflated))


def inflate(body: bytes, most: int) -> bytes:
    """What a gzip body holds, of one part or several; never more than `most` bytes are made of it."""
    content = b""
    while body:
        part = zlib.decompressobj(wbits=31)
        try:
            content += part.decompress(body, most + 1 - len(content))
        except zlib.error as error:
            raise _broken() from error
        if len(content) > most:
            raise too_large(most)
        if not part.eof:
            raise _broken()
        body = part.unused_data
    return content


def _broken() -> Malformed:
    return Malformed(
        "encoding_broken", "The body is not gzip, or not all of it.", hint="Compress it anew, or send it as it is."
    )


def _declared(request: Request) -> int:
    text = str(request.META.get("CONTENT_LENGTH") or "0")
    return int(text) if text.isascii() and text.isdigit() else 0
