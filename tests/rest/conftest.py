"""A client of the group resource."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from tests.rest import groups


class Api:
    """Calls /v1 as someone who may read and write."""

    def __init__(self) -> None:
        self.client = Client(raise_request_exception=False)

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        named = {
            "Authorization": "Bearer read,write",
            **{name.replace("_", "-"): text for name, text in headers.items()},
        }
        kind = named.pop("Content-Type", "application/json")
        return self.client.generic(
            method, f"/v1{path}", b"" if body is None else body, content_type=kind, headers=named
        )


@pytest.fixture(autouse=True)
def no_groups(request: pytest.FixtureRequest) -> None:
    """The roles' own groups are not what is counted here."""
    if "django_db" in request.keywords:
        request.getfixturevalue("db")
        Group.objects.all().delete()


@pytest.fixture
def api(settings: Any) -> Api:
    settings.ROOT_URLCONF = "tests.rest.groups"
    settings.REST_IDEMPOTENCY = "tests.rest.groups.guard"
    settings.REST_WAIT = "tests.rest.groups.wait"
    groups.waits.clear()
    return Api()
