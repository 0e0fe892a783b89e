"""Refusals as problem documents (RFC 9457): stable code, hint, request id. No refusal leaves in another shape."""

from collections.abc import Callable
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from rest_framework import exceptions as drf
from rest_framework.response import Response

from apps.kernel import errors
from apps.kernel.errors import DomainError
from apps.kernel.ids import uuid7
from apps.kernel.transactions import correlation
from apps.rest import database_errors, drf_errors
from apps.rest.faults import hint_for
from apps.rest.objects import encode
from apps.rest.renderers import PROBLEM

TITLES = {
    400: "Malformed request",
    401: "Not authenticated",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    409: "Conflict",
    412: "Precondition failed",
    413: "Too large",
    415: "Unsupported media type",
    422: "Invalid content",
    429: "Too many requests",
    500: "Internal error",
    503: "Unavailable",
}
TRY_AGAIN = "Repeat the request with the same Idempotency-Key; if it persists, report the request_id."


class Internal(DomainError):
    """500: our fault."""

    status = 500


def exception_handler(exception: Exception, context: dict[str, Any]) -> Response:
    """DRF's handler: whatever was raised, as a problem document."""
    error = refusal(exception)
    request = context.get("request")
    headers = _headers(error)
    if header := getattr(exception, "auth_header", None):
        headers["WWW-Authenticate"] = header
    elif error.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="api"'
    response = Response(body(error, request_id(request)), status=error.status, headers=headers, content_type=PROBLEM)
    response.code = error.code  # type: ignore[attr-defined]  # for the request log
    return response


def problem_response(error: DomainError, request: HttpRequest | None = None) -> HttpResponse:
    """The same outside DRF: middleware, plain views."""
    content = encode(body(error, request_id(request)))
    return HttpResponse(content, status=error.status, headers=_headers(error), content_type=PROBLEM)


def body(error: DomainError, request: str) -> dict[str, Any]:
    """The problem document of `error`."""
    document: dict[str, Any] = {
        "type": f"/docs/errors#{error.code}",
        "title": TITLES.get(error.status, "Refused"),
        "status": error.status,
        "detail": error.detail,
        "code": error.code,
        "hint": hint_for(error.code, error.hint, error.errors),
        "request_id": request,
    }
    if error.errors:
        document["errors"] = [
            {"pointer": fault.pointer, "code": fault.code, "detail": fault.detail} for fault in error.errors
        ]
    return document


def request_id(request: Any) -> str:
    """The id of the request, as every log line of it has it; made here if nobody made one."""
    known = getattr(request, "request_id", None) or correlation.get()
    if known:
        return str(known)
    made = str(uuid7())
    if request is not None:
        request.request_id = made
    return made


def refusal(exception: Exception) -> DomainError:
    """What `exception` means to the caller. What we did not foresee is logged with its stack and named 500."""
    if isinstance(exception, DomainError):
        return exception
    if isinstance(exception, drf.APIException):
        return drf_errors.translate(exception)
    if isinstance(exception, DatabaseError) and (known := database_errors.translate(exception)):
        return known
    return _django(exception) or _internal(exception)


def _django(exception: Exception) -> DomainError | None:
    if isinstance(exception, Http404):
        return drf_errors.translate(drf.NotFound())
    if isinstance(exception, DjangoPermissionDenied):
        return drf_errors.translate(drf.PermissionDenied())
    if isinstance(exception, RequestDataTooBig):
        return errors.TooLarge("body_too_large", "The body is too large.", hint="Split it over several requests.")
    if isinstance(exception, UnreadablePostError | SuspiciousOperation):
        return by_status(400)
    return None


def _internal(exception: Exception) -> DomainError:
    structlog.get_logger(__name__).error("request_failed", exc_info=exception)
    return Internal("internal", "Something went wrong on our side.", hint=TRY_AGAIN)


def by_status(status: int) -> DomainError:
    """A refusal of which only the status is known: made by Django before any view of ours was reached."""
    for known, exception in (
        (401, drf.NotAuthenticated()),
        (403, drf.PermissionDenied()),
        (404, drf.NotFound()),
        (405, drf.MethodNotAllowed("")),
    ):
        if status == known:
            return drf_errors.translate(exception)
    if status == 413:
        return errors.TooLarge("body_too_large", "The body is too large.", hint="Split it over several requests.")
    if status == 503:
        return database_errors.unavailable()
    if status >= 500:
        return Internal("internal", "Something went wrong on our side.", hint=TRY_AGAIN)
    return errors.Malformed("bad_request", "The request cannot be read.", hint="Compare it with /docs.")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler404: a path that no route has."""
    return problem_response(by_status(404), request)


class ProblemMiddleware:
    """What Django answers under /v1 without a view of ours (no such route, a crash) in the same shape."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; rewrite a bare error page."""
        response = self.get_response(request)
        if response.status_code < 400 or not _ours(request) or _is_json(response):
            return response
        return problem_response(by_status(response.status_code), request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A view outside DRF raised."""
        return problem_response(refusal(exception), request) if _ours(request) else None


def _ours(request: HttpRequest) -> bool:
    return request.path.startswith("/v1/") or request.path == "/v1"


def _is_json(response: HttpResponse) -> bool:
    return "json" in response.headers.get("Content-Type", "")


def _headers(error: DomainError) -> dict[str, str]:
    return {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
