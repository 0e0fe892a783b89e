"""The API's own documentation: the OpenAPI document, a page to try it on, a page that explains refusals."""

import json
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import get_urlconf
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

from apps.rest.catalogue import catalogue
from apps.rest.errors import TITLES


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """`/v1/openapi.json`."""
    return HttpResponse(document(get_urlconf() or settings.ROOT_URLCONF), content_type="application/json")


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """`/docs`: Swagger UI, all of it from this server, without a script in the page."""
    return render(request, "rest/docs.html", {"title": settings.SPECTACULAR_SETTINGS["TITLE"]})


@require_safe
def errors(request: HttpRequest) -> HttpResponse:
    """`/docs/errors`: where the `type` of a problem leads."""
    return render(request, "rest/errors.html", {"titles": TITLES.items(), "codes": catalogue()})


@lru_cache(maxsize=4)
def document(urlconf: str) -> bytes:
    """The document of all routes, made once a process."""
    schema = SchemaGenerator(urlconf=urlconf).get_schema(request=None, public=True)
    return json.dumps(schema, ensure_ascii=False, default=str).encode()
