"""Requests drawn from the document: whatever comes, no 5xx, and the answers are what the document says."""

import json
from collections.abc import Iterator
from typing import Any
from zlib import crc32

import pytest
import schemathesis
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from schemathesis.checks import CHECKS

from billing_project.wsgi import application
from tests.api.conftest import Known

# A body that fits the schema may still be refused for what it says (a currency that is none, a key that is taken).
LEFT_OUT = ("positive_data_acceptance",)
CHOSEN = [check for check in CHECKS.get_all() if check.__name__ not in LEFT_OUT]

schema = schemathesis.openapi.from_path(settings.BASE_DIR / "docs" / "openapi.json").include(path_regex="^/v1/")
schema.app = application


@schemathesis.serializer("application/x-ndjson")
def lines(context: Any, value: Any) -> bytes:
    """A member on each line; what is no array is one line."""
    members = value if isinstance(value, list) else [value]
    return b"\n".join(json.dumps(each, default=str).encode() for each in members)


@schema.hook
def map_headers(context: Any, headers: dict[str, str] | None) -> dict[str, str] | None:
    """Nobody delivers events here, so that every wait would last as long as it may."""
    return {name: text for name, text in headers.items() if name != "Prefer"} if headers else headers


@pytest.fixture
def one_connection(known: Known) -> Iterator[None]:
    """The test's transaction outlives its requests, as with Django's own client, which `known` has used before."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def _problem(context: Any, response: Any, case: Any) -> None:
    """Every refusal says what to do."""
    if response.status_code >= 400:
        document = response.json()
        assert document["hint"]
        assert document["code"]
        replayed = "idempotent-replayed" in response.headers
        assert replayed or document["request_id"] == response.headers["x-request-id"][0]


@schema.parametrize()
@hypothesis_settings(
    max_examples=4, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
@pytest.mark.long
def test_answers_are_as_documented(case: Any, key: str, known: Known, one_connection: None) -> None:
    # A test clock's way is waited for by default, half a minute each time: nobody moves it here.
    headers, path = {"Authorization": f"Bearer {key}", "Prefer": "wait=0"}, case.operation.path
    # Drawn ids are of nothing: every other time those of things that are there stand for them.
    if case.path_parameters and crc32(repr(case.path_parameters).encode()) % 2:
        case.path_parameters = known.path(path)
    if isinstance(case.body, dict) and "account_id" in case.body:
        case.body = {**case.body, **known.body}
    before = transaction.savepoint()
    case.call_and_validate(headers=headers, checks=[*CHOSEN, _problem])
    # A request that the database refused would leave the test's one transaction unusable.
    transaction.savepoint_rollback(before)
