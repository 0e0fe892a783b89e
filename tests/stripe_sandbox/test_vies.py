"""VIES as the sandbox plays it: what a number's first digits make of it, and what it does not take."""

from typing import Any

import pytest

from billing_project.stripe_sandbox.vies import CHECK, ERRORS
from tests.stripe_sandbox.conftest import Sandbox


def ask(sandbox: Sandbox, body: Any) -> Any:
    status, answer = sandbox.call("POST", CHECK, body)
    assert status == 200
    return answer


def test_every_number_is_valid_but_those_that_say_otherwise(sandbox: Sandbox) -> None:
    known = ask(sandbox, {"countryCode": "FR", "vatNumber": "40303265045"})
    assert (known["valid"], known["name"], known["requestIdentifier"]) == (True, "Company FR40303265045", "")
    own = {"requesterMemberStateCode": "DE", "requesterNumber": "136695976"}
    assert ask(sandbox, {"countryCode": "DE", "vatNumber": "100000007", **own})["requestIdentifier"].startswith("WAPI")
    unknown = ask(sandbox, {"countryCode": "LU", "vatNumber": "20000017"})
    assert (unknown["valid"], unknown["name"]) == (False, "---")


@pytest.mark.parametrize("digits", sorted(ERRORS))
def test_errors_by_number(sandbox: Sandbox, digits: str) -> None:
    answer = ask(sandbox, {"countryCode": "LU", "vatNumber": f"{digits}00000"})
    assert answer == {"actionSucceed": False, "errorWrappers": [{"error": ERRORS[digits]}]}


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"{", "INVALID_INPUT"), (b"[]", "INVALID_INPUT"), ({}, "INVALID_INPUT"),
        ({"countryCode": "GB", "vatNumber": "980780684"}, "INVALID_INPUT"),
        ({"countryCode": "FR", "vatNumber": "4" * 13}, "INVALID_INPUT"),
        ({"countryCode": "FR", "vatNumber": "40303265045", "requesterMemberStateCode": "DE"}, "INVALID_REQUESTER_INFO"),
    ],
)  # fmt: skip
def test_what_it_does_not_take(sandbox: Sandbox, body: Any, error: str) -> None:
    assert ask(sandbox, body)["errorWrappers"] == [{"error": error}]


def test_one_route_and_faults_on_demand(sandbox: Sandbox) -> None:
    assert sandbox.call("GET", CHECK)[0] == 404
    assert sandbox.call("POST", "/vies/elsewhere", {})[0] == 404
    sandbox.fault(kind="rate_limit", operation="POST /vies/*")
    assert sandbox.call("POST", CHECK, {})[0] == 429
    sandbox.fault(kind="slow", operation="POST /vies/*", seconds=0.01)
    sandbox.fault(kind="error_after", operation="POST /vies/*")
    assert sandbox.call("POST", CHECK, {})[0] == 500
    assert sandbox.call("POST", CHECK, {})[0] == 200
