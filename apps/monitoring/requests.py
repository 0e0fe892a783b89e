"""Each request: its id, its one log line, its numbers."""

import logging
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from http import HTTPStatus

import structlog
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from prometheus_client import Counter, Histogram

from apps.kernel import clock, ids, tracing
from apps.kernel.transactions import correlation
from apps.monitoring import metrics, tally
from apps.monitoring.batch import add, flush, later, observe
from apps.rest.card_guard import holds_card_number

HEADER = "X-Request-ID"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
API = ("/v1", "/graphql")
UNMATCHED = "unmatched"

_VISIBLE = re.compile(r"[\x21-\x7e]{1,128}")
_CONVERTER = re.compile(r"<(?:\w+:)?(\w+)>")
_NAMED_GROUP = re.compile(r"\(\?P<(\w+)>(?:[^()\\]|\\.|\([^()]*\))*\)")

logger = structlog.get_logger(__name__)


def request_id(given: str | None) -> str:
    """The caller's own id when it is 1 to 128 visible ASCII characters without a card number, else a new one."""
    fit = given and _VISIBLE.fullmatch(given) and not holds_card_number(given)
    return given if given and fit else ids.text7()


@cache
def endpoint(route: str | None) -> str:
    """The route's pattern (`/v1/accounts/{id}`), never the raw path; `unmatched` when there is none.

    Remembered: there are as many routes as `urls.py` holds.
    """
    if route is None:
        return UNMATCHED
    route = _CONVERTER.sub(r"{\1}", _NAMED_GROUP.sub(r"{\1}", route))
    return "/" + re.sub(r"[\^$?\\]", "", route).lstrip("/")


class RequestMiddleware:
    """Takes or makes X-Request-ID, counts, and has one line written."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The request, with its id in the headers, in every log line, in the audit log and in tasks."""
        started, given = clock.monotonic(), request_id(request.META.get("HTTP_X_REQUEST_ID"))
        # Whoever reads the header further down reads the same id.
        request.META["HTTP_X_REQUEST_ID"] = request.request_id = given  # type: ignore[attr-defined]
        token = correlation.set(given)
        try:
            response = self.get_response(request)
        finally:
            correlation.reset(token)
        response.headers[HEADER] = given
        self.record(request, response, clock.monotonic() - started)
        return response

    def record(self, request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
        """Later, unless it tells of a failure, which may be the last that is heard."""
        match, status = request.resolver_match, response.status_code
        failed = status >= HTTPStatus.INTERNAL_SERVER_ERROR
        later(
            note, request.method or "", request.path, match.route if match else None, status,
            _error_type(response) if failed else "", seconds, clock.wall(),
            {"request_id": request.request_id, **tracing.ids()},  # type: ignore[attr-defined]
        )  # fmt: skip
        if failed:
            flush()


def note(
    method: str, path: str, route: str | None, status: int, error: str, seconds: float, at: datetime,
    ids: Mapping[str, str],
) -> None:  # fmt: skip
    """Count an answer, if it is the API's, and write its line."""
    name = endpoint(route)
    if name == UNMATCHED or name.startswith(API):
        count(method, name, status, seconds, error, at)
    logger.log(
        logging.ERROR if status >= HTTPStatus.INTERNAL_SERVER_ERROR else logging.INFO,
        "request_finished",
        method=method,
        path=path,
        endpoint=name,
        status_code=status,
        duration_ms=round(seconds * 1000, 2),
        timestamp=at,
        **ids,
    )


def count(method: str, name: str, status: int, seconds: float, error: str, at: datetime) -> None:
    """One answer, in the metrics and for the service levels."""
    requests, duration = _counted(method if method in METHODS else "OTHER", name, status)
    add(requests)
    observe(duration, seconds)
    failed = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    if failed:
        add(metrics.api_errors.labels(name, error))
    tally.note(at, failed=failed, seconds=seconds)


@cache
def _counted(method: str, name: str, status: int) -> tuple[Counter, Histogram]:
    """What such an answer is counted by; looking it up by its labels costs as much as counting."""
    return metrics.api_requests.labels(method, name, str(status)), metrics.api_request_duration.labels(method, name)


def _error_type(response: HttpResponseBase) -> str:
    """Our code of the refusal (there are few of 5xx), else the status by name."""
    if code := getattr(response, "code", None):
        return str(code)
    try:
        return HTTPStatus(response.status_code).name.lower()
    except ValueError:
        return "other"
