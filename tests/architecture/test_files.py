"""Whatever the API hands out as a file is declared as one by its view (`files`), and so is in the audit log."""

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, get_type_hints
from uuid import uuid4

import pytest
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import ResolverMatch
from rest_framework.request import Request
from rest_framework.response import Response

from apps.access.models import User
from apps.access.principals import StaffPrincipal
from apps.audit.rules import Access
from apps.backoffice.watch import access_of
from apps.rest.renderers import CsvRenderer, JSONRenderer
from apps.rest.viewsets import ResourceViewSet

NAMED_AS_FILES = ("export", "statement", "pdf", "xml", "csv", "download")
"""How routes of files end, JSON though they may be."""
NO_FILES = {"v1/events/stream": "the list of events as it grows; lists are not noted"}
NO_VIEW_SETS = {"v1/openapi.json": "says what the API is, to anybody"}


@dataclass(frozen=True)
class Answer:
    """What one method of one route does."""

    route: str
    method: str
    action: str
    view: Any
    callback: Any


def routes(resolver: Any, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for each in resolver.url_patterns:
        whole = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from routes(each, whole)
        else:
            yield whole, each


def of_the_api() -> list[tuple[str, Any]]:
    return [(route, each.callback) for route, each in routes(get_resolver()) if route.startswith("v1/")]


def answers() -> list[Answer]:
    return [
        Answer(route, method, action, callback.cls, callback)
        for route, callback in of_the_api()
        for method, action in (getattr(callback, "actions", None) or {}).items()
    ]


def is_file(each: Answer) -> bool:
    """By a type that is not JSON, by an answer that is not made of an object, or by its name."""
    view = each.view()
    view.action = each.action
    handler = getattr(each.view, each.action)
    typed = any(renderer.media_type != JSONRenderer.media_type for renderer in view.get_renderers())
    plain = issubclass(get_type_hints(handler).get("return", HttpResponseBase), Response)
    return typed or not plain or each.route.rpartition("/")[2] in NAMED_AS_FILES


def noted(each: Answer) -> bool:
    """Whether it is an export for the audit log, whatever its headers; or says in them that it is a file."""
    staff = StaffPrincipal(User(username="ada"), uuid4())
    request = RequestFactory().generic(each.method.upper(), f"/{each.route}")
    request.user, request.resolver_match = staff, ResolverMatch(each.callback, (), {}, route=each.route)  # type: ignore[assignment]
    if access_of(request, HttpResponse(b"{}", content_type="application/json")) is Access.EXPORT:
        return True
    return "Content-Disposition" in inspect.getsource(getattr(each.view, each.action))


@pytest.mark.fr("FR-006")
def test_every_file_of_the_api_is_noted() -> None:
    files = [each for each in answers() if is_file(each)]
    assert len(files) > 5
    forgotten = {each.route for each in files if not noted(each)} - NO_FILES.keys()
    assert forgotten == set(), "name these actions in `files` of their view sets: who of the staff gets one is noted"
    assert {each.route for each in files} >= NO_FILES.keys()


def test_every_route_of_the_api_can_be_asked_for_its_files() -> None:
    others = {route for route, callback in of_the_api() if not hasattr(getattr(callback, "cls", None), "files")}
    assert others == NO_VIEW_SETS.keys()


def test_what_is_declared_is_there() -> None:
    asked = {getattr(each.view, each.action) for each in answers()}
    for view in {each.view for each in answers()}:
        assert {getattr(view, action) for action in getattr(view, "files", ())} <= asked, view


class Forgetful(ResourceViewSet):
    """Hands out files in each way that is not declared."""

    def get_renderers(self) -> Any:
        return [CsvRenderer()] if self.action == "typed" else super().get_renderers()

    def typed(self, request: Request) -> Response:
        return Response({})

    def streamed(self, request: Request) -> StreamingHttpResponse:
        return StreamingHttpResponse([])

    def untold(self, request):  # type: ignore[no-untyped-def]
        return HttpResponse(b"")

    def named(self, request: Request) -> Response:
        return Response({})

    def plain(self, request: Request) -> Response:
        return Response({})


class Mindful(Forgetful):
    """The same, declared."""

    files = {action: [JSONRenderer] for action in ("typed", "streamed", "untold", "named")}


@pytest.mark.parametrize(
    ("action", "route", "file"),
    [
        ("typed", "v1/accounts/rows", True),
        ("streamed", "v1/accounts/rows", True),
        ("untold", "v1/accounts/rows", True),
        ("named", "v1/accounts/export", True),
        ("plain", "v1/accounts/rows", False),
    ],
)
def test_a_file_that_is_not_declared_is_found(action: str, route: str, file: bool) -> None:
    forgotten, declared = (
        Answer(route, "get", action, view, view.as_view({"get": action})) for view in (Forgetful, Mindful)
    )
    assert is_file(forgotten) is is_file(declared) is file
    assert not noted(forgotten)
    assert noted(declared) is file
