"""Traces over OTLP. Imported only where OTEL_EXPORTER_OTLP_ENDPOINT is set: without it nothing of this is loaded.

One trace goes from a request over SQL, Redis, Celery and Stripe, and through the outbox: an event keeps the W3C context
it was born in. What leaves the process is redacted as logs are, and carries no address and no query of a URL.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from opentelemetry import propagate, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.celery import CeleryInstrumentor
from opentelemetry.instrumentation.django import DjangoInstrumentor
from opentelemetry.instrumentation.psycopg import PsycopgInstrumentor
from opentelemetry.instrumentation.redis import RedisInstrumentor
from opentelemetry.instrumentation.requests import RequestsInstrumentor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from apps.kernel import tracing
from apps.kernel.transactions import correlation
from apps.monitoring import redaction

MOST_LINKS = 64
LEFT_OUT = (
    "client.address", "net.peer.ip", "http.client_ip", "url.query", "user_agent.original", "http.user_agent",
    "network.peer.address", "celery.args", "celery.kwargs",
)  # fmt: skip
"""Attributes that may name a person, or hold what we do not look into."""
PATHS = ("url.path", "url.full", "http.target", "http.url")

_started: list[TracerProvider] = []


class Redacted(SpanExporter):
    """Another exporter, which is given nothing that a log would not be."""

    def __init__(self, wrapped: SpanExporter) -> None:
        self.wrapped = wrapped

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return self.wrapped.export([_redacted(span) for span in spans])

    def shutdown(self) -> None:
        self.wrapped.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self.wrapped.force_flush(timeout_millis)


def _redacted(span: ReadableSpan) -> ReadableSpan:
    events = [Event(each.name, _attributes(each.attributes), each.timestamp) for each in span.events]
    return ReadableSpan(
        name=redaction.text(span.name),
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=_attributes(span.attributes),
        events=events,
        links=span.links,
        kind=span.kind,
        status=trace.Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _attributes(given: Mapping[str, Any] | None) -> dict[str, Any]:
    kept = {name: value for name, value in (given or {}).items() if name not in LEFT_OUT}
    return {
        name: redaction.text(value.partition("?")[0] if name in PATHS else value) if isinstance(value, str) else value
        for name, value in kept.items()
    }


class W3C:
    """Traces as kernel hands them on."""

    def __init__(self, tracer: trace.Tracer) -> None:
        self.tracer = tracer

    def traceparent(self) -> str:
        """Of the span that is open."""
        carried: dict[str, str] = {}
        propagate.inject(carried)
        return carried.get("traceparent", "")

    @contextmanager
    def continuing(self, name: str, traceparents: Sequence[str]) -> Iterator[None]:
        """A span below the one that asked, or linked to all of them."""
        contexts = [propagate.extract({"traceparent": each}) for each in traceparents[:MOST_LINKS]]
        spans = [trace.get_current_span(each).get_span_context() for each in contexts]
        if len(contexts) == 1:
            opened = self.tracer.start_as_current_span(name, contexts[0], trace.SpanKind.CONSUMER)
        else:
            links = [trace.Link(each) for each in spans]
            opened = self.tracer.start_as_current_span(name, kind=trace.SpanKind.CONSUMER, links=links)
        with opened as span:
            span.set_attribute("billing.request_id", correlation.get())
            yield

    def ids(self) -> Mapping[str, str]:
        """Of the span that is open."""
        context = trace.get_current_span().get_span_context()
        if not context.is_valid:
            return tracing.NONE
        return {"trace_id": f"{context.trace_id:032x}", "span_id": f"{context.span_id:016x}"}


def _of_request(span: trace.Span, request: Any) -> None:
    """The id that logs, audit and answers carry finds the trace, too."""
    if span.is_recording():
        span.set_attribute("billing.request_id", request.META.get("HTTP_X_REQUEST_ID", ""))


def _of_answer(span: trace.Span, request: Any, response: Any) -> None:
    if span.is_recording():
        span.set_attribute("billing.request_id", getattr(request, "request_id", ""))


def start(role: str) -> None:
    """Trace what this process does, from now on; once."""
    if _started:
        return
    os.environ.setdefault("OTEL_SEMCONV_STABILITY_OPT_IN", "http,database")
    provider = TracerProvider(resource=Resource.create({"service.name": f"billing-{role}"}))
    provider.add_span_processor(BatchSpanProcessor(Redacted(OTLPSpanExporter())))
    trace.set_tracer_provider(provider)
    _started.append(provider)
    DjangoInstrumentor().instrument(request_hook=_of_request, response_hook=_of_answer)
    PsycopgInstrumentor().instrument()
    RedisInstrumentor().instrument()
    CeleryInstrumentor().instrument()
    RequestsInstrumentor().instrument()
    tracing.use(W3C(provider.get_tracer("billing")))


def finish() -> None:
    """Send what waits, before the process ends."""
    for provider in _started:
        provider.shutdown()
    _started.clear()
    tracing.use(None)
