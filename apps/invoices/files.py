"""Documents as files of the API: their types, and the answer that holds one."""

import hashlib
from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from apps.invoices.einvoice.rendering import Syntax
from apps.kernel.errors import Invalid, Problem
from apps.rest.renderers import JSONRenderer


class PdfRenderer(JSONRenderer):
    """Stands for PDF where the caller and we agree on a type; a refusal is a problem document all the same."""

    media_type = "application/pdf"
    format = "pdf"


class XmlRenderer(JSONRenderer):
    """The same for XML."""

    media_type = "application/xml"
    format = "xml"


FORMAT = "format"
pdf_operation = extend_schema(responses={(200, PdfRenderer.media_type): OpenApiTypes.BINARY})
HYBRID = "factur-x"
hybrid_operation = extend_schema(
    parameters=[
        OpenApiParameter(
            FORMAT, str, enum=["pdf", HYBRID], description="pdf when left out; factur-x: with the e-invoice inside."
        )
    ],
    responses={(200, PdfRenderer.media_type): OpenApiTypes.BINARY},
)
xml_operation = extend_schema(
    parameters=[
        OpenApiParameter(
            FORMAT,
            str,
            enum=[syntax.value for syntax in Syntax],
            description="ubl, UBL 2.1, when left out; cii: UN/CEFACT D16B, which Factur-X and ZUGFeRD hold.",
        )
    ],
    responses={(200, XmlRenderer.media_type): OpenApiTypes.STR},
)


def syntax_of(request: Request) -> Syntax:
    """How the e-invoice is to be written. Errors: format_unknown (422)."""
    return Syntax(_asked(request, [syntax.value for syntax in Syntax]))


def is_hybrid(request: Request) -> bool:
    """Whether the PDF is to hold the e-invoice. Errors: format_unknown (422)."""
    return _asked(request, ["pdf", HYBRID]) == HYBRID


def _asked(request: Request, offered: Sequence[str]) -> str:
    name: str = request.query_params.get(FORMAT, offered[0])
    if name not in offered:
        detail = f"It is written as {' or '.join(offered)}."
        fault = Problem("?format", "invalid_choice", detail)
        raise Invalid("format_unknown", detail, hint=f"?format={offered[0]}", errors=[fault])
    return name


def answer(request: HttpRequest | Request, content: bytes, kind: type[JSONRenderer], disposition: str) -> HttpResponse:
    """The file with an ETag of its bytes; 304 to whoever has it."""
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if tag in request.headers.get("If-None-Match", ""):
        return HttpResponse(status=304, headers=headers)
    headers["Content-Disposition"] = disposition
    return HttpResponse(content, content_type=kind.media_type, headers=headers)
