"""A small resource over Django's groups, to try the grammar on: views, their routes and the doors they need."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib.auth.models import Group
from django.db import OperationalError, connection, transaction
from django.urls import path
from django_filters import rest_framework as filters
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.response import Response

from apps.kernel.actors import Actor
from apps.kernel.errors import Conflict
from apps.rest import inputs
from apps.rest.objects import ApiObject
from apps.rest.urls import urlpatterns as documentation
from apps.rest.viewsets import ResourceViewSet, operation

waits: list[float] = []


class Caller:
    """Reads and writes groups, or only reads them."""

    is_authenticated = True
    actor = Actor("api_key", "check")

    def __init__(self, rights: str) -> None:
        self.rights = rights

    def may(self, resource: str, right: str) -> bool:
        return resource == "groups" and right in self.rights


class HeaderAuthentication(BaseAuthentication):
    """`Authorization: Bearer read` or `Bearer read,write`."""

    def authenticate(self, request: Request) -> tuple[Caller, None] | None:
        header = request.META.get("HTTP_AUTHORIZATION", "")
        return (Caller(header.removeprefix("Bearer ")), None) if header else None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class GroupObject(ApiObject):
    id: int
    name: str
    url: str


class NewGroup(inputs.Input):
    name = inputs.CharField(max_length=20)
    seats = inputs.IntegerField(required=False, min_value=1)
    metadata = inputs.MetadataField()


class GroupFilters(filters.FilterSet):
    name = filters.CharFilter()


class GroupViewSet(ResourceViewSet):
    resource = "groups"
    object_class = GroupObject
    queryset = Group.objects.all()
    filterset_class = GroupFilters
    authentication_classes = [HeaderAuthentication]
    throttle_classes = ()
    expandable = {"members": lambda group: [f"member of {group.name}"]}

    def render(self, rows: Sequence[Group]) -> list[GroupObject]:
        return [GroupObject(id=row.pk, name=row.name, url=f"/v1/groups/{row.pk}") for row in rows]

    @operation(input=NewGroup, output=GroupObject, status=201)
    def create(self, request: Request) -> Response:
        values = self.parse(NewGroup)
        return self.created(Group.objects.create(name=values["name"]), lambda: {"count": Group.objects.count()})

    @operation(input=NewGroup, output=GroupObject)
    def partial_update(self, request: Request, id: str) -> Response:
        group = self.get_object()
        return self.ok(group, {"changes": self.parse(NewGroup), "expected": self.expected_version()})

    @operation(output=GroupObject)
    def fail(self, request: Request, id: str) -> Response:
        Group.objects.create(name="half done")
        return _FAILURES[id]()


def _conflict() -> Response:
    raise Conflict("still_used", "It is used.", hint="Stop using it.")


def _timeout() -> Response:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 5")
        cursor.execute("SELECT pg_sleep(1)")
    return Response()


def _away() -> Response:
    raise OperationalError("connection refused for user billing")


def _bug() -> Response:
    raise RuntimeError("secret detail")


_FAILURES: dict[str, Callable[[], Response]] = {"1": _conflict, "2": _timeout, "3": _away, "4": _bug}


def guard(request: Request, run: Callable[[], Response], *, calls_outside: bool) -> Response:
    """As the real one does, hold a transaction around the run."""
    with transaction.atomic():
        return run()


def wait(seconds: float) -> None:
    """Something happens in the meantime."""
    waits.append(seconds)
    Group.objects.create(name=f"waited {len(waits)}")


def boom(request: Any) -> None:
    """A plain view that fails."""
    raise RuntimeError("secret detail")


urlpatterns = [
    path("v1/groups", GroupViewSet.as_view({"get": "list", "post": "create"})),
    path("v1/groups/<str:id>", GroupViewSet.as_view({"get": "retrieve", "patch": "partial_update"})),
    path("v1/groups/<str:id>/fail", GroupViewSet.as_view({"post": "fail"})),
    path("v1/boom", boom),
    *documentation,
]
