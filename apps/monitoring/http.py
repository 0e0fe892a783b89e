"""django-prometheus's counters of requests: its metrics, counted by the same rules, but for many requests in a row.

Its middlewares look for a dozen metrics by their labels in the middle of each request; here it is noted what they count
by, and what is counted by it is remembered.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django_prometheus import middleware
from prometheus_client import Counter, Histogram

from apps.kernel import clock
from apps.monitoring.batch import add, later, observe

METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "DELETE", "TRACE", "OPTIONS", "CONNECT", "PATCH"))


@dataclass(frozen=True)
class Kept:
    """What requests of one kind are counted by."""

    counters: tuple[Counter, ...]
    latency: Histogram


@lru_cache(maxsize=4096)
def kept(
    method: str, transport: str, view: str | None, reached: bool, ajax: bool,  # noqa: FBT001 - a key
    status: int, charset: str | None, content_type: str | None, streaming: bool, template: str | None,  # noqa: FBT001
) -> Kept:  # fmt: skip
    """By django-prometheus's rules."""
    metrics = middleware.Metrics.get_instance()
    known = method if method in METHODS else "<invalid method>"
    name = view or "<unnamed view>"
    # Only Django knows what the two make together.
    letters = str(HttpResponse(content_type=content_type, charset=charset).charset)
    counters = [
        metrics.requests_by_method.labels(known),
        metrics.requests_by_transport.labels(transport),
        metrics.responses_by_status.labels(str(status)),
        metrics.responses_by_status_view_method.labels(str(status), name, known),
        metrics.responses_by_charset.labels(letters),
    ]
    if reached:
        counters.append(metrics.requests_by_view_transport_method.labels(name, transport, known))
    if template is not None:
        counters.append(metrics.responses_by_templatename.labels(template))
    if ajax:
        counters.append(metrics.requests_ajax)
    if streaming:
        counters.append(metrics.responses_streaming)
    return Kept(tuple(counters), metrics.requests_latency_by_view_method.labels(name, method))


class PrometheusBeforeMiddleware(middleware.PrometheusBeforeMiddleware):
    """Outside of all others."""

    async_capable = False

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The number of requests and answers, and how long they took altogether."""
        started = clock.monotonic()
        response: HttpResponse = self.get_response(request)
        later(self.count, clock.monotonic() - started)
        return response

    def count(self, seconds: float) -> None:
        """An answer, and with it its request."""
        add(self.metrics.requests_total)
        add(self.metrics.responses_total)
        observe(self.metrics.requests_latency_before, seconds)


class PrometheusAfterMiddleware(middleware.PrometheusAfterMiddleware):
    """Inside of all others, next to the view. What views raise is counted by the base class, at once."""

    async_capable = False

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The request by method, view and size, the answer by status, size and time."""
        # The base class reads it where a view raises.
        started = request.prometheus_after_middleware_event = middleware.Time()  # type: ignore[attr-defined]
        response: HttpResponse = self.get_response(request)
        meta, match, streaming = request.META, request.resolver_match, response.streaming
        later(
            self.count, middleware.TimeSince(started), meta.get("CONTENT_LENGTH"),
            None if streaming else len(response.content),
            (
                request.method, "https" if request.is_secure() else "http", match.view_name if match else None,
                hasattr(request, "prometheus_reached"), meta.get("HTTP_X_REQUESTED_WITH") == "XMLHttpRequest",
                response.status_code, response._charset,  # type: ignore[attr-defined]
                response.headers.get("Content-Type"), streaming,
                getattr(request, "prometheus_template", None),
            ),
        )  # fmt: skip
        return response

    def count(self, seconds: float, asked: str | None, answered: int | None, kind: tuple[Any, ...]) -> None:
        """An answer, and with it its request. Streams have no size."""
        found = kept(*kind)
        for counter in found.counters:
            add(counter)
        observe(self.metrics.requests_body_bytes, int(asked or 0))
        if answered is not None:
            observe(self.metrics.responses_body_bytes, answered)
        observe(found.latency, seconds)

    def process_request(self, request: Any) -> None:
        """Nothing: all is counted with the answer."""

    def process_response(self, request: Any, response: Any) -> Any:
        """The same."""
        return response

    def process_view(self, request: Any, *_: Any, **__: Any) -> None:
        """No middleware before kept it from the view."""
        request.prometheus_reached = True

    def process_template_response(self, request: Any, response: Any) -> Any:
        """Answers of the API have a template, too: None."""
        request.prometheus_template = str(response.template_name)
        return response
