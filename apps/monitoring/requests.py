"""Each request: its id, its one log line, its numbers."""

import re
from http import HTTPStatus
from typing import Any, cast

import structlog
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django_structlog import middlewares as django_structlog

from apps.kernel import clock, ids
from apps.kernel.transactions import correlation
from apps.monitoring import metrics, tally
from apps.rest.card_guard import holds_card_number

HEADER = "X-Request-ID"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
API = ("/v1", "/graphql")

_VISIBLE = re.compile(r"[\x21-\x7e]{1,128}")
_CONVERTER = re.compile(r"<(?:\w+:)?(\w+)>")
_NAMED_GROUP = re.compile(r"\(\?P<(\w+)>(?:[^()\\]|\\.|\([^()]*\))*\)")

logger = structlog.get_logger(__name__)


def request_id(given: str | None) -> str:
    """The caller's own id when it is 1 to 128 visible ASCII characters without a card number, else a new one."""
    fit = given and _VISIBLE.fullmatch(given) and not holds_card_number(given)
    return given if given and fit else str(ids.uuid7())


def endpoint(request: HttpRequest) -> str:
    """The route's pattern (`/v1/accounts/{id}`), never the raw path; `unmatched` when there is none."""
    match = request.resolver_match
    if match is None:
        return "unmatched"
    route = _CONVERTER.sub(r"{\1}", _NAMED_GROUP.sub(r"{\1}", match.route))
    return "/" + re.sub(r"[\^$?\\]", "", route).lstrip("/")


class RequestMiddleware(django_structlog.RequestMiddleware):
    """django-structlog's middleware with our rules: takes or makes X-Request-ID, writes one line, counts.

    Its line at the start and its own lines at the end are not written: one request, one line.
    """

    async_capable = False

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The request, with its id in the headers, in every log line, in the audit log and in tasks."""
        given = request_id(request.META.get("HTTP_X_REQUEST_ID"))
        # Whoever reads the header further down reads the same id; the base class does.
        request.META["HTTP_X_REQUEST_ID"] = given
        request.request_id = given  # type: ignore[attr-defined]
        token = correlation.set(given)
        try:
            response = cast(HttpResponse, super().__call__(request))
        finally:
            correlation.reset(token)
        response.headers[HEADER] = given
        return response

    def prepare(self, request: HttpRequest) -> None:
        """Bind the id. What the request before left is cleared here: Django logs a 5xx after the last middleware."""
        request.started = clock.monotonic()  # type: ignore[attr-defined]
        structlog.contextvars.clear_contextvars()
        super().prepare(request)

    def handle_response(self, request: HttpRequest, response: HttpResponseBase) -> None:
        """Count, and write the line."""
        seconds = clock.monotonic() - request.started  # type: ignore[attr-defined]
        name, status = endpoint(request), response.status_code
        if name == "unmatched" or name.startswith(API):
            count(request.method or "", name, status, seconds, _error_type(response))
        logger.log(
            self._log_level_for_status_code(status),
            "request_finished",
            method=request.method,
            path=request.path,
            endpoint=name,
            status_code=status,
            duration_ms=round(seconds * 1000, 2),
        )

    def process_got_request_exception(self, sender: Any, request: HttpRequest, **_: Any) -> None:
        """Nothing: the stack is in django.request's line already, or in that of the problem document."""


def count(method: str, name: str, status: int, seconds: float, error: str) -> None:
    """One answer, in the metrics and for the service levels."""
    method = method if method in METHODS else "OTHER"
    failed = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    metrics.api_requests.labels(method, name, str(status)).inc()
    metrics.api_request_duration.labels(method, name).observe(seconds)
    if failed:
        metrics.api_errors.labels(name, error).inc()
    tally.note(failed=failed, seconds=seconds)


def _error_type(response: HttpResponseBase) -> str:
    """Our code of the refusal (there are few of 5xx), else the status by name."""
    if code := getattr(response, "code", None):
        return str(code)
    try:
        return HTTPStatus(response.status_code).name.lower()
    except ValueError:
        return "other"
