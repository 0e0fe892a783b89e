"""VIES as the sandbox plays it, over HTTP: a process of this module's own."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.stripe_sandbox.conftest import Sandbox


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    sandbox = Sandbox(tmp_path_factory.mktemp("sandbox"))
    yield sandbox
    sandbox.stop()


@pytest.fixture
def register(process: Sandbox, settings: Any) -> Iterator[Sandbox]:
    """Where this deployment asks about VAT numbers, free of faults."""
    settings.VIES_API_BASE = f"{process.url}/vies/rest-api"
    settings.VIES_TIMEOUT_SECONDS, settings.VIES_PATIENCE_SECONDS = 2.0, 1.0
    yield process
    process.call("DELETE", "/_sandbox/faults")
