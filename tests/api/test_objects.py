"""Whatever is fetched is what the document says of it, lists and single objects alike."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from apps.events import sequencer
from tests.api.conftest import Known
from tests.api.test_document import COMMITTED, OPERATIONS

Call = Callable[..., Any]

LISTS = sorted(
    name.removeprefix("GET ")
    for name, operation in OPERATIONS.items()
    if name.startswith("GET /v1/") and "limit" in [each.get("name") for each in operation["parameters"]]
)
EMPTY = {"/v1/invoices/{id}/usage"}
"""The invoice at hand holds no usage; the same objects are those of /v1/usage."""


def _valid(document: Any, template: str) -> None:
    schema = OPERATIONS[f"GET {template}"]["responses"]["200"]["content"]["application/json"]["schema"]
    whole = {**schema, "components": COMMITTED["components"]}
    faults = Draft202012Validator(whole, format_checker=FormatChecker()).iter_errors(document)
    assert [f"{list(fault.absolute_path)}: {fault.message}" for fault in faults] == []


@pytest.mark.fr("FR-130")
def test_every_resource_is_as_documented(call: Call, known: Known) -> None:
    sequencer.assign()  # an event is listed once it has its place
    for template in LISTS:
        page = call(
            "GET",
            template.format(**{"account_id": known.account, **known.body, **known.path(template)}),
        ).json()
        assert page["data"] or template in EMPTY, f"{template} has nothing to check"
        _valid(page, template)
        single = f"{template}/{{id}}"
        if f"GET {single}" in OPERATIONS:
            for shown in page["data"]:
                _valid(call("GET", f"{template}/{shown.get('id') or shown['event_id']}").json(), single)


@pytest.mark.fr("FR-015")
def test_an_accounts_export_is_as_documented(call: Call, known: Known) -> None:
    answer = call("GET", f"/v1/accounts/{known.account}/export")
    held = json.loads(b"".join(answer.streaming_content))
    missing = {name for name, rows in held.items() if not rows}
    assert missing <= {"bank_transfers", "coupons", "credit_uses", "messages", "suppressions"}
    _valid(held, "/v1/accounts/{id}/export")


def test_a_status_of_another_object_is_not_valid(call: Call, known: Known) -> None:
    payment = call("GET", "/v1/payments").json()["data"][0]
    with pytest.raises(AssertionError, match="status"):
        _valid({**payment, "status": "TRIAL"}, "/v1/payments/{id}")
