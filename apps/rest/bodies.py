"""The body before it is parsed: its size, its framing, its encoding."""

from io import BytesIO
from typing import Any

from django.conf import settings
from rest_framework.request import Request

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


def check(request: Request, limit: int | None) -> None:
    """Refuse a body that is too large, by its length's word or in truth, or compressed. Keeps the bytes.

    Read once here, it is there for the parser and for whoever compares the body of a repeated request.
    """
    most = limit or settings.REST_MAX_BODY_BYTES
    encoding = request.META.get("HTTP_CONTENT_ENCODING", "identity").strip().lower()
    if encoding not in ("", "identity"):
        raise UnsupportedMediaType(
            "encoding_unsupported", "Compressed bodies are not taken.", hint="Send the body without Content-Encoding."
        )
    if _declared(request) > most or len(request._request.body) > most:
        raise too_large(most)


def _declared(request: Request) -> int:
    text = str(request.META.get("CONTENT_LENGTH") or "0")
    return int(text) if text.isascii() and text.isdigit() else 0
