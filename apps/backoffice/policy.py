"""What the browser may do on staff's pages (their scripts build functions from attributes, which nothing else may), and
what it may ask of them."""

from collections.abc import Callable
from typing import Any

from csp.constants import HEADER, SELF, UNSAFE_EVAL
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase

ADMIN, API = "/admin/", "/v1/"
NUL = "%00"
"""No text that PostgreSQL holds has it: a question with it is none."""


class PolicyMiddleware(CSPMiddleware):
    """django-csp's, with 'unsafe-eval' for scripts below /admin/, by path; every other path keeps the strict policy.

    What the API answers has no page that could ask for more: its policy is put together once.
    A page of staff's that is asked with a NUL is shown as if nothing was asked.
    """

    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        super().__init__(get_response)
        self.strict = build_policy()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer with its policy."""
        response: Any
        if request.path_info.startswith(API):
            response = self.get_response(request)
        elif request.path_info.startswith(ADMIN) and NUL in request.META.get("QUERY_STRING", ""):
            response = HttpResponseRedirect(request.path)
        else:
            return super().__call__(request)  # type: ignore[return-value]  # it is not asynchronous
        response.headers.setdefault(HEADER, self.strict)
        return response

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """The answer with its policy."""
        if request.path_info.startswith(ADMIN):
            response._csp_update = {"script-src": [SELF, UNSAFE_EVAL]}  # type: ignore[attr-defined]
        return super().process_response(request, response)


def _spared(middleware: Any) -> Any:
    """The same, around pages alone: requests to the API have no session and no message."""

    class Spared(middleware):
        async_capable = False

        def __call__(self, request: HttpRequest) -> HttpResponseBase:
            return self.get_response(request) if request.path_info.startswith(API) else super().__call__(request)

    return Spared


PagesSessionMiddleware = _spared(SessionMiddleware)
PagesAuthenticationMiddleware = _spared(AuthenticationMiddleware)
PagesMessageMiddleware = _spared(MessageMiddleware)
