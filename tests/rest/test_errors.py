"""Whatever goes wrong leaves as a problem document with a code and a hint, and leaks nothing."""

from typing import Any

import pytest
from django.contrib.auth.models import Group

pytestmark = pytest.mark.django_db
MEMBERS = {"type", "title", "status", "detail", "code", "hint", "request_id"}


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    document = answer.json()
    assert set(document) >= MEMBERS
    assert all(document[member] for member in MEMBERS)
    assert (document["status"], document["code"], document["type"]) == (status, code, f"/docs/errors#{code}")
    return document


def test_all_faults_of_a_body_at_once(api: Any) -> None:
    answer = api("POST", "/groups", b'{"nmae": "x", "seats": "3", "metadata": [], "a/b~": 1}')
    document = problem(answer, 422, "invalid")
    assert {(fault["pointer"], fault["code"]) for fault in document["errors"]} == {
        ("/nmae", "unknown_field"),
        ("/a~1b~0", "unknown_field"),
        ("/name", "required"),
        ("/seats", "wrong_type"),
        ("/metadata", "wrong_type"),
    }
    assert "'name'" in next(fault["detail"] for fault in document["errors"] if fault["pointer"] == "/nmae")


def test_a_taken_unique_key_is_409_and_names_the_field_without_its_value(api: Any) -> None:
    Group.objects.create(name="taken-value")
    document = problem(api("POST", "/groups", b'{"name": "taken-value"}'), 409, "already_exists")
    assert document["errors"] == [{"pointer": "/name", "code": "already_exists", "detail": "This value is taken."}]
    assert "taken-value" not in str(document)
    assert Group.objects.count() == 1


@pytest.mark.parametrize("key", ["2", "3"])
def test_a_database_that_does_not_answer_is_503_with_retry_after(api: Any, key: str) -> None:
    answer = api("POST", f"/groups/{key}/fail")
    document = problem(answer, 503, "unavailable")
    assert answer["Retry-After"] == "1"
    assert "billing" not in str(document)
    assert not Group.objects.exists()


@pytest.mark.parametrize(("method", "path"), [("POST", "/groups/4/fail"), ("GET", "/boom")])
def test_a_bug_is_500_without_a_leak(api: Any, method: str, path: str) -> None:
    answer = api(method, path)
    problem(answer, 500, "internal")
    assert b"secret" not in answer.content
    assert b"Traceback" not in answer.content
    assert not Group.objects.exists()


def test_a_path_that_is_not_there(api: Any) -> None:
    problem(api("GET", "/nothing/here"), 404, "not_found")


def test_the_request_id_is_the_one_of_the_answer_and_of_the_log(api: Any) -> None:
    answer = api("GET", "/nothing", X_Request_ID="check-request-1")
    assert problem(answer, 404, "not_found")["request_id"] == "check-request-1"
