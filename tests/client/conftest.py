"""The client beside the API: against Django in this process, or a server of production's command."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "clients" / "python"))

import httpx  # noqa: E402 - beside the client
from billing_client import Billing  # noqa: E402 - its folder is known by now
from django.test import Client  # noqa: E402

from apps.access.actions import create_api_key  # noqa: E402
from apps.kernel import clock  # noqa: E402
from apps.kernel.actors import system  # noqa: E402


def key(role: str = "super_admin") -> str:
    return create_api_key(name="c", role=role, livemode=False, rate_limit=0, at=clock.wall(), actor=system("tests"))[1]


@pytest.fixture
def billing(db: None) -> Any:
    """A client whose requests Django answers in this thread."""
    django = Client()

    def answer(request: httpx.Request) -> httpx.Response:
        headers = {name: value for name, value in request.headers.items() if name not in ("host", "content-length")}
        path = request.url.raw_path.decode()
        given = django.generic(
            request.method, path, request.content, request.headers.get("content-type", ""), headers=headers
        )
        return httpx.Response(given.status_code, headers=dict(given.items()), content=given.content)

    with Billing(key(), "http://testserver", transport=httpx.MockTransport(answer)) as client:
        yield client


@pytest.fixture
def answering() -> Callable[..., Any]:
    """A client that is answered by a function of the request."""

    def make(answer: Callable[[httpx.Request], httpx.Response], **more: Any) -> Billing:
        return Billing("bk_test_x", "http://api", transport=httpx.MockTransport(answer), **more)

    return make
