"""How an answer becomes bytes: always JSON, whatever else the caller would have liked."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.utils.mediatypes import media_type_matches

from apps.rest.objects import encode

PROBLEM = "application/problem+json"


class JSONRenderer(BaseRenderer):
    """JSON of API objects and plain Python."""

    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "binary"

    def render(
        self, data: object, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        """The bytes of `data`; None is an empty body (204)."""
        return b"" if data is None else encode(data)


class CsvRenderer(JSONRenderer):
    """Stands for CSV where the caller and we agree on a type; a refusal is a problem document all the same."""

    media_type = "text/csv"
    format = "csv"


class Negotiation(BaseContentNegotiation):
    """One format in, one format out; `?format=` and suffixes mean nothing."""

    def select_parser(self, request: Request, parsers: Any) -> BaseParser | None:
        """The parser of the body's media type, or None (415)."""
        content_type = request.content_type or ""
        return next((parser for parser in parsers if media_type_matches(parser.media_type, content_type)), None)

    def select_renderer(
        self, request: HttpRequest | Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """The first renderer whose type (or a problem's) the caller accepts; else 406."""
        accept = request.META.get("HTTP_ACCEPT", "").strip() or "*/*"
        for offered in accept.split(","):
            wanted, _, parameters = offered.partition(";")
            if parameters.replace(" ", "") in ("q=0", "q=0.0"):
                continue
            for renderer in renderers:
                if _covers(wanted.strip(), renderer.media_type) or wanted.strip().lower() == PROBLEM:
                    return renderer, renderer.media_type
        raise NotAcceptable(available_renderers=renderers)


def _covers(wanted: str, offered: str) -> bool:
    kind, _, name = wanted.lower().partition("/")
    own_kind, _, own_name = offered.partition("/")
    return kind in ("*", own_kind) and name in ("*", own_name)
