"""The committed OpenAPI document is the one that the code makes, and it describes every route in full."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.urls import URLPattern, URLResolver, get_resolver

FILE = settings.BASE_DIR / "docs" / "openapi.json"
COMMITTED = json.loads(FILE.read_text())
OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, methods in COMMITTED["paths"].items()
    for method, operation in methods.items()
}
NO_BODY = (
    "/default",
    "/webhook-endpoints/{id}/test",
    "/retry",
    "/uncancel",
    "/void",
    "/send",
    "/approve",
    "/apply",
    "/bill",
    "/billing-runs/{id}/pause",
    "/billing-runs/{id}/resume",
    "/apply-credit",
)
"""Ends of POST routes that say all by their path."""
FILES = {
    "GET /v1/accounts/export": ["text/csv", "application/json"],
    "GET /v1/analytics/export": ["text/csv"],
    "GET /v1/analytics/recovery/export": ["text/csv"],
    "GET /v1/invoices/export": ["text/csv", "application/json"],
    "GET /v1/invoices/{id}/pdf": ["application/pdf"],
    "GET /v1/credit-notes/{id}/pdf": ["application/pdf"],
    "GET /v1/invoices/{id}/xml": ["application/xml"],
    "GET /v1/credit-notes/{id}/xml": ["application/xml"],
    "GET /v1/events/stream": ["text/event-stream"],
    "GET /v1/usage/export": ["text/csv", "application/vnd.apache.parquet"],
}
"""Operations that answer with a file, and its types."""
REFUSAL = {"$ref": "#/components/responses/Problem"}


def _routes(patterns: list[URLPattern | URLResolver], before: str = "/") -> Iterator[tuple[str, Any]]:
    for each in patterns:
        path = before + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(each.pattern))
        if isinstance(each, URLResolver):
            yield from _routes(each.url_patterns, path)
        else:
            yield path, each.callback


ROUTES = {
    f"{method.upper()} {path}"
    for path, view in _routes(get_resolver().url_patterns)
    if path.startswith("/v1/") and hasattr(view, "actions")
    for method in view.actions
    if method != "head"
}


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").removeprefix("#/components/schemas/")
    return COMMITTED["components"]["schemas"][name] if name else schema


@pytest.mark.fr("FR-130")
def test_the_committed_document_is_the_generated_one(tmp_path: Path) -> None:
    made = tmp_path / "openapi.json"
    call_command("spectacular", format="openapi-json", file=str(made), validate=True, fail_on_warn=True)
    assert made.read_text() == FILE.read_text(), (
        "the API changed: look at the difference, then run\n"
        "manage.py spectacular --format openapi-json --file docs/openapi.json"
    )
    assert "servers" not in COMMITTED


def test_every_route_is_in_the_document_and_nothing_else() -> None:
    probes = {"GET /health", "GET /health/ready", "GET /metrics", "POST /internal/alerts", "POST /internal/probes"}
    assert set(OPERATIONS) - probes == ROUTES
    assert probes <= set(OPERATIONS)


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_an_operation_is_described_in_full(name: str) -> None:
    operation = OPERATIONS[name]
    method = name.partition(" ")[0]
    assert len(operation["summary"]) > 5
    assert "\n" not in operation["summary"]
    assert operation["security"] == [{"bearer": []}]
    assert operation["responses"]["default"] == REFUSAL
    refused = {status for status, answer in operation["responses"].items() if answer.get("$ref") == REFUSAL["$ref"]}
    assert {"401", "403", "422", "429"} <= refused
    assert ("404" in refused) == ("{" in name)
    done = {status: answer for status, answer in operation["responses"].items() if status.startswith("2")}
    assert len(done) == 1
    for status, answer in done.items():
        if name in FILES:
            assert list(answer["content"]) == FILES[name]
        elif status != "204":
            assert _resolved(answer["content"]["application/json"]["schema"])["properties"]
    if "requestBody" in operation:
        body = operation["requestBody"]["content"]["application/json"]
        assert _resolved(body["schema"].get("items", body["schema"]))["properties"]
        assert body["example"]
    else:
        assert method in ("GET", "DELETE") or name.endswith(NO_BODY)


def test_operations_have_names_of_their_own() -> None:
    names = [operation["operationId"] for operation in OPERATIONS.values()]
    assert len(set(names)) == len(names)


def test_the_trial_balance_is_rows_in_data() -> None:
    schema = OPERATIONS["GET /v1/ledger/trial-balance"]["responses"]["200"]["content"]["application/json"]["schema"]
    rows = {"type": "array", "items": {"$ref": "#/components/schemas/TrialBalance"}}
    assert schema == {"type": "object", "required": ["data"], "properties": {"data": rows}}


def test_writes_say_how_to_repeat_them_and_changes_how_to_make_them_conditional() -> None:
    for name, operation in OPERATIONS.items():
        method, _, path = name.partition(" ")
        if path.startswith("/internal/"):
            # For machines of the operator's own, which repeat as they like: what they tell is kept once.
            continue
        named = {
            COMMITTED["components"]["parameters"][each["$ref"].rpartition("/")[2]]["name"]
            for each in operation.get("parameters", [])
            if "$ref" in each
        }
        assert ("Idempotency-Key" in named) == (method != "GET"), name
        assert method != "PATCH" or "If-Match" in named, name
