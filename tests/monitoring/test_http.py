"""Our middlewares count what django-prometheus's own would have counted, request by request."""

from collections.abc import Callable
from typing import Any

import pytest
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.test import Client
from django.urls import path
from prometheus_client import REGISTRY

OURS, THEIRS = "apps.monitoring.http.", "django_prometheus.middleware."
BEFORE, AFTER = "PrometheusBeforeMiddleware", "PrometheusAfterMiddleware"


class Guarded:
    """Keeps some from their view."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponse | None:
        return HttpResponse(status=403) if "kept" in request.path else None


def text(request: HttpRequest) -> HttpResponse:
    return HttpResponse("12345", status=int(request.GET.get("status", 200)))


def latin(request: HttpRequest) -> HttpResponse:
    return HttpResponse("é", content_type="text/plain; charset=iso-8859-1")


def lettered(request: HttpRequest) -> HttpResponse:
    return HttpResponse("é", charset="utf-16")


def stream(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(iter((b"a", b"b")))


def template(request: HttpRequest) -> TemplateResponse:
    return TemplateResponse(request, "400.html")


def missing(request: HttpRequest) -> HttpResponse:
    raise Http404


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError


urlpatterns = [
    path("text", text, name="text"),
    path("unnamed", text),
    path("kept", text, name="kept"),
    path("latin", latin, name="latin"),
    path("lettered", lettered, name="lettered"),
    path("stream", stream, name="stream"),
    path("template", template, name="template"),
    path("missing", missing, name="missing"),
    path("broken", broken, name="broken"),
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {"loaders": [("django.template.loaders.locmem.Loader", {"400.html": "hello"})]},
    }
]


def counted() -> dict[tuple[str, ...], float]:
    """What django-prometheus's counters of requests hold, without how long it took."""
    return {
        (sample.name, *sorted(f"{name}={value}" for name, value in sample.labels.items())): sample.value
        for metric in REGISTRY.collect()
        if metric.name.startswith("django_http")
        for sample in metric.samples
        if not sample.name.endswith("_created")
        and not ("latency" in sample.name and sample.name.endswith(("_sum", "_bucket")))
    }


def grown(settings: Any, place: str, ask: Callable[[Client], object]) -> dict[tuple[str, ...], float]:
    settings.MIDDLEWARE = [f"{place}{BEFORE}", f"{__name__}.Guarded", f"{place}{AFTER}"]
    before = counted()
    ask(Client(raise_request_exception=False))
    return {key: grown for key, value in counted().items() if (grown := value - before.get(key, 0))}


@pytest.mark.urls(__name__)
@pytest.mark.parametrize(
    "ask",
    [
        lambda client: client.get("/text"),
        lambda client: client.get("/text?status=503"),
        lambda client: client.get("/unnamed", secure=True),
        lambda client: client.post("/text", b"x" * 300, content_type="text/plain"),
        lambda client: client.generic("BREW", "/text"),
        lambda client: client.get("/text", headers={"X-Requested-With": "XMLHttpRequest"}),
        lambda client: client.get("/kept"),
        lambda client: client.get("/latin"),
        lambda client: client.get("/lettered"),
        lambda client: client.get("/stream"),
        lambda client: client.get("/template"),
        lambda client: client.get("/missing"),
        lambda client: client.get("/broken"),
        lambda client: client.get("/nowhere"),
    ],
)
def test_counts_as_django_prometheus_does(settings: Any, ask: Callable[[Client], object]) -> None:
    settings.TEMPLATES = TEMPLATES
    theirs = grown(settings, THEIRS, ask)
    assert grown(settings, OURS, ask) == theirs
    assert len(theirs) > 8
