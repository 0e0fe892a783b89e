"""Request ids and the labels of the request metrics."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import ResolverMatch
from prometheus_client import REGISTRY

from apps.kernel.transactions import correlation
from apps.monitoring import requests


@pytest.mark.parametrize(
    ("route", "endpoint"),
    [
        ("v1/accounts", "/v1/accounts"),
        ("v1/accounts/<uuid:id>", "/v1/accounts/{id}"),
        ("v1/accounts/<id>/payment-methods/<uuid:method_id>", "/v1/accounts/{id}/payment-methods/{method_id}"),
        (r"^v1/accounts/(?P<pk>[^/.]+)$", "/v1/accounts/{pk}"),
        (r"^v1/old/(?P<key>[0-9]{1,9})/x/$", "/v1/old/{key}/x/"),
    ],
)
def test_endpoint_is_the_pattern(route: str, endpoint: str) -> None:
    assert requests.endpoint(route) == endpoint


def test_endpoint_without_a_route_is_unmatched() -> None:
    assert requests.endpoint(None) == "unmatched"


@pytest.mark.parametrize("given", ["a", "x" * 128, "01a209e3-b011", "{}!~"])
def test_takes_the_callers_id(given: str) -> None:
    assert requests.request_id(given) == given


@pytest.mark.parametrize(
    "given", [None, "", "x" * 129, "a b", "a\n", "\x7f", "ü", "a\x00", "4111111111111111", "r-4111-1111-1111-1111"]
)
def test_makes_an_id_when_the_given_one_is_unfit(given: str | None) -> None:
    made = requests.request_id(given)
    assert made != given
    assert len(made) == 36


def test_the_view_and_the_answer_share_the_id() -> None:
    seen: dict[str, str] = {}

    def view(request: HttpRequest) -> HttpResponse:
        seen.update(request=request.request_id, correlation=correlation.get(), header=request.headers["X-Request-ID"])
        return HttpResponse()

    answer = requests.RequestMiddleware(view)(RequestFactory().get("/", headers={"X-Request-ID": "mine"}))
    assert answer.headers["X-Request-ID"] == "mine"
    assert seen == {"request": "mine", "correlation": "mine", "header": "mine"}


def _value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_counts_errors_of_5xx_only() -> None:
    def answer(status: int) -> None:
        def view(request: HttpRequest) -> HttpResponse:
            request.resolver_match = ResolverMatch(HttpResponse, (), {}, route="v1/counted/<uuid:id>")
            return HttpResponse(status=status)

        requests.RequestMiddleware(view)(RequestFactory().generic("BREW", "/v1/counted/1"))

    answer(404)
    answer(503)
    name = "/v1/counted/{id}"
    assert _value("api_requests_total", method="OTHER", endpoint=name, status="404") == 1
    assert _value("api_requests_total", method="OTHER", endpoint=name, status="503") == 1
    assert _value("api_errors_total", endpoint=name, type="service_unavailable") == 1
    assert _value("api_errors_total", endpoint=name, type="not_found") == 0
    assert _value("api_request_duration_seconds_count", method="OTHER", endpoint=name) == 2


def test_pages_that_are_not_the_api_are_not_counted_as_such() -> None:
    def view(request: HttpRequest) -> HttpResponse:
        request.resolver_match = ResolverMatch(HttpResponse, (), {}, route="admin/")
        return HttpResponse()

    requests.RequestMiddleware(view)(RequestFactory().get("/admin/"))
    assert _value("api_requests_total", method="GET", endpoint="/admin/", status="200") == 0
