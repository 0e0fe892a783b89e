"""Django's application. Behind `asgi.py` in our own servers; alone under any WSGI server."""

import os
from typing import Any

import django
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import get_resolver

from apps.monitoring import telemetry

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "billing_project.settings")
# Before Django is loaded: what is loaded already is not traced.
telemetry.start("web")


class Handler(WSGIHandler):
    """Django's, after which a request refers to itself no more.

    It is freed with its answer. Otherwise all that was read for hundreds of requests waits for the garbage collector,
    which then holds up whoever asks for a tenth of a second.
    """

    def get_response(self, request: HttpRequest) -> HttpResponseBase:
        response = super().get_response(request)
        if not response.streaming:
            _loosen(response)
            request.__dict__.clear()
        return response


def _loosen(response: Any) -> None:
    """What REST framework has rendered knows its view and request, which know it and themselves."""
    if context := getattr(response, "renderer_context", None):
        context["view"].request.parser_context = response.renderer_context = {}
        context["view"].__dict__.clear()


django.setup(set_prefix=False)
application = Handler()
# Routes load now, not with the first request: a process that cannot load them never says that it is ready.
ROUTES = tuple(get_resolver().url_patterns)
