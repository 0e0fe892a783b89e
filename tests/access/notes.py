"""A small resource over Django's groups whose writes can be told how to end, with the routes that these tests call."""

import os
import signal
import threading
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import transaction
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from apps.access.api import ApiKeyViewSet
from apps.access.rules import TABLE
from apps.kernel.errors import Conflict, Forbidden
from apps.rest.objects import ApiObject
from apps.rest.viewsets import ResourceViewSet

arrived = threading.Event()
go_on = threading.Event()


class NoteObject(ApiObject):
    id: int
    name: str


class NoteViewSet(ResourceViewSet):
    """Every POST writes one row, so that the rows tell how often it ran."""

    resource = "plans"
    queryset = Group.objects.order_by("-pk")
    object_class = NoteObject

    def render(self, rows: Sequence[Group]) -> list[NoteObject]:
        return [NoteObject(id=row.pk, name=row.name) for row in rows]

    def create(self, request: Request, **kwargs: Any) -> Response:
        with transaction.atomic():
            row = Group.objects.create(name=f"{request.data['name']} {uuid4()}")
        ending = request.data.get("then")
        if ending == "refuse":
            raise Conflict("refused", "Not so.", hint="Otherwise.")
        if ending == "forbid":
            raise Forbidden("forbidden", "Not you.", hint="Somebody else.")
        if ending == "crash":
            raise RuntimeError("broken")
        if ending == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if ending == "wait" and not arrived.is_set():
            arrived.set()
            assert go_on.wait(20)
        response = self.created(row)
        response["Location"] = f"/v1/notes/{row.pk}"
        response["ETag"] = '"v-1"'
        return response

    def destroy(self, request: Request, **kwargs: Any) -> Response:
        self.get_object().delete()
        return self.gone()


class OutsideViewSet(NoteViewSet):
    """The same, calling a gateway."""

    calls_outside = frozenset({"create"})


def view_of(resource: str) -> type[NoteViewSet]:
    return type("View", (NoteViewSet,), {"resource": resource})


urlpatterns = [
    path("admin/", admin.site.urls),
    path("v1/api-keys", ApiKeyViewSet.as_view({"get": "list", "post": "create"})),
    path("v1/api-keys/<str:id>/rotate", ApiKeyViewSet.as_view({"post": "rotate"})),
    path("v1/api-keys/<str:id>", ApiKeyViewSet.as_view({"get": "retrieve", "delete": "destroy"})),
    path("v1/notes", NoteViewSet.as_view({"get": "list", "post": "create"})),
    path("v1/notes/<str:id>", NoteViewSet.as_view({"get": "retrieve", "delete": "destroy"})),
    path("v1/outside", OutsideViewSet.as_view({"post": "create"})),
    *[path(f"v1/of/{resource}", view_of(resource).as_view({"get": "list", "post": "create"})) for resource in TABLE],
]
