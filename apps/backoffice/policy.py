"""What the browser may do on staff's pages (their scripts build functions from attributes, which nothing else may), and
what it may ask of them."""

from collections.abc import Callable

from csp.constants import SELF, UNSAFE_EVAL
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase

ADMIN = "/admin/"
NUL = "%00"
"""No text that PostgreSQL holds has it: a question with it is none."""


class AdminPolicyMiddleware:
    """Adds 'unsafe-eval' to the policy of scripts below /admin/, by path; every other path keeps the strict policy.

    A page that is asked with a NUL is shown as if nothing was asked.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(ADMIN) and NUL in request.META.get("QUERY_STRING", ""):
            return HttpResponseRedirect(request.path)
        response = self.get_response(request)
        if request.path_info.startswith(ADMIN):
            response._csp_update = {"script-src": [SELF, UNSAFE_EVAL]}  # type: ignore[attr-defined]
        return response
