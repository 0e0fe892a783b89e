"""Keys, and a client that calls with them from an address of its own."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from apps.access.actions import create_api_key
from apps.access.models import ApiKey
from apps.kernel import clock
from apps.kernel.actors import system
from tests.access import notes


@pytest.fixture(autouse=True)
def _routes(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.access.notes"
    settings.ANONYMOUS_RATE_LIMIT = 60
    notes.arrived.clear()
    notes.go_on.clear()


@pytest.fixture
def make_key() -> Callable[..., tuple[ApiKey, str]]:
    def make(**options: Any) -> tuple[ApiKey, str]:
        given = {"name": "check", "role": "super_admin", "livemode": False, "rate_limit": 0, **options}
        return create_api_key(at=clock.wall(), actor=system("test"), **given)

    return make


class Api:
    """Calls from one address, drawn anew for each test, so that no test uses up another's limit."""

    def __init__(self) -> None:
        self.address = ".".join(["10", *(str(random.randint(0, 255)) for _ in range(3))])

    def __call__(self, method: str, path: str, key: str | None = None, body: Any = None, **headers: str) -> Any:
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        if key is not None:
            named["Authorization"] = f"Bearer {key}"
        call = getattr(Client(raise_request_exception=False, REMOTE_ADDR=self.address), method)
        given = {} if body is None else {"data": body, "content_type": "application/json"}
        return call(f"/v1{path}", headers=named, **given)


@pytest.fixture
def api() -> Api:
    return Api()
