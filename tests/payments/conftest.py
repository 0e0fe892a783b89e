"""The real Stripe SDK against a sandbox process of this module's own, and databases in which commits are real."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from apps.access.actions import create_api_key
from apps.kernel import clock
from apps.monitoring.invariants import broken
from apps.payments import stripe as gateway
from tests.factories.payments import ACTOR
from tests.stripe_sandbox.conftest import KEY, Sandbox

SECRET = "whsec_" + "s" * 32


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    sandbox = Sandbox(tmp_path_factory.mktemp("sandbox"), "--retry-base", "0.05")
    yield sandbox
    sandbox.stop()


@pytest.fixture
def sandbox(process: Sandbox, settings: Any) -> Iterator[Sandbox]:
    """The gateway of this deployment is the sandbox, free of faults."""
    settings.STRIPE_API_BASE = settings.STRIPE_API_HOST = process.url
    settings.STRIPE_SECRET_KEY = settings.STRIPE_TEST_SECRET_KEY = KEY
    settings.STRIPE_TIMEOUT_SECONDS = 1.0
    gateway.connect.cache_clear()
    yield process
    process.call("DELETE", "/_sandbox/faults")
    gateway.connect.cache_clear()


@pytest.fixture
def books(committed_db: str) -> Iterator[str]:
    """A database with real commits; whatever the test did, its invariants hold at the end."""
    yield committed_db
    assert broken() == []


@pytest.fixture
def api() -> Callable[..., Any]:
    """Calls of /v1 as a Super Admin; asks for the database itself."""
    key = create_api_key(name="t", role="super_admin", livemode=False, rate_limit=0, at=clock.wall(), actor=ACTOR)[1]

    def call(method: str, path: str, body: Any = None, **headers: str) -> Any:
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        client = Client(headers={"Authorization": f"Bearer {key}", **named})
        given = {} if body is None else {"data": body, "content_type": "application/json"}
        return getattr(client, method)(f"/v1{path}", **given)

    return call


@pytest.fixture
def count() -> Callable[..., float]:
    """The value of a metric's sample."""

    def value(metric: Any, **labels: str) -> float:
        return metric.labels(**labels)._value.get()

    return value
