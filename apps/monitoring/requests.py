"""Each request: its id, its one log line, its numbers."""

import re
from collections.abc import Callable
from http import HTTPStatus

import structlog
from django.http import HttpRequest, HttpResponseBase

from apps.kernel import clock, ids
from apps.kernel.transactions import correlation
from apps.monitoring import metrics

HEADER = "X-Request-ID"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
API = ("/v1", "/graphql")

_VISIBLE = re.compile(r"[\x21-\x7e]{1,128}")
_CONVERTER = re.compile(r"<(?:\w+:)?(\w+)>")
_NAMED_GROUP = re.compile(r"\(\?P<(\w+)>(?:[^()\\]|\\.|\([^()]*\))*\)")

logger = structlog.get_logger(__name__)


def request_id(given: str | None) -> str:
    """The caller's own id when it is 1 to 128 visible ASCII characters, else a new one."""
    return given if given and _VISIBLE.fullmatch(given) else str(ids.uuid7())


def endpoint(request: HttpRequest) -> str:
    """The route's pattern (`/v1/accounts/{id}`), never the raw path; `unmatched` when there is none."""
    match = request.resolver_match
    if match is None:
        return "unmatched"
    route = _CONVERTER.sub(r"{\1}", _NAMED_GROUP.sub(r"{\1}", match.route))
    return "/" + re.sub(r"[\^$?\\]", "", route).lstrip("/")


class RequestMiddleware:
    """Takes or makes X-Request-ID, carries it to logs, audit and tasks, writes one line and counts."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = clock.monotonic()
        given = request_id(request.META.get("HTTP_X_REQUEST_ID"))
        request.request_id = given  # type: ignore[attr-defined]
        # Whoever reads the header further down reads the same id.
        request.META["HTTP_X_REQUEST_ID"] = given
        token = correlation.set(given)
        # Cleared here and not at the end: Django logs a 5xx after the last middleware has returned.
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=given)
        try:
            response = self.get_response(request)
        finally:
            correlation.reset(token)
        self._record(request, response, clock.monotonic() - started)
        response.headers[HEADER] = given
        return response

    def _record(self, request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
        name, status = endpoint(request), response.status_code
        method = request.method if request.method in METHODS else "OTHER"
        if name == "unmatched" or name.startswith(API):
            metrics.api_requests.labels(method, name, str(status)).inc()
            metrics.api_request_duration.labels(method, name).observe(seconds)
            if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                metrics.api_errors.labels(name, _error_type(response)).inc()
        write = logger.error if status >= HTTPStatus.INTERNAL_SERVER_ERROR else logger.info
        write(
            "request",
            request_id=request.request_id,  # type: ignore[attr-defined]
            method=request.method,
            path=request.path,
            endpoint=name,
            status_code=status,
            duration_ms=round(seconds * 1000, 2),
        )


def _error_type(response: HttpResponseBase) -> str:
    """Our code of the refusal (there are few of 5xx), else the status by name."""
    if code := getattr(response, "code", None):
        return str(code)
    try:
        return HTTPStatus(response.status_code).name.lower()
    except ValueError:
        return "other"
