"""What the browser may do on staff's pages: their scripts build functions from attributes, which nothing else may."""

from collections.abc import Callable

from csp.constants import SELF, UNSAFE_EVAL
from django.http import HttpRequest
from django.http.response import HttpResponseBase

ADMIN = "/admin/"


class AdminPolicyMiddleware:
    """Adds 'unsafe-eval' to the policy of scripts below /admin/, by path; every other path keeps the strict policy."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.path_info.startswith(ADMIN):
            response._csp_update = {"script-src": [SELF, UNSAFE_EVAL]}  # type: ignore[attr-defined]
        return response
