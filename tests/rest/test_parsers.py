"""Bodies: strict JSON, bounded, free of NUL."""

from io import BytesIO
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.test import RequestFactory

from tests.rest.groups import GroupViewSet

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "malformed_json"),
        (b'{"name": "a", "name": "b"}', "malformed_json"),
        (b'{"seats": NaN}', "malformed_json"),
        (b'{"seats": -Infinity}', "malformed_json"),
        (b'{"seats": 1e999}', "malformed_json"),
        (b'{"seats": ' + b"9" * 5000 + b"}", "malformed_json"),
        (b'{"name": "\xff"}', "malformed_json"),
        ('{"name": "x"}'.encode("utf-16"), "malformed_json"),
        (b"\xef\xbb\xbf{}", "malformed_json"),
        (b"[" * 33 + b"]" * 33, "too_deep"),
        (b"[" * 100_000 + b"]" * 100_000, "too_deep"),
    ],
)
def test_what_cannot_be_parsed_is_400(api: Any, body: bytes, code: str) -> None:
    answer = api("POST", "/groups", body)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert answer.json()["hint"]


@pytest.mark.parametrize("body", [b'{"name": "a\\u0000"}', b'{"metadata": {"\\u0000": 1}}', b'{"name": "\\ud800"}'])
def test_characters_that_text_cannot_hold_are_422(api: Any, body: bytes) -> None:
    answer = api("POST", "/groups", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_character")


@pytest.mark.parametrize("body", [b"[]", b'"x"', b"3", b"null", b"true"])
def test_a_body_that_is_no_object_is_422(api: Any, body: bytes) -> None:
    answer = api("POST", "/groups", body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] in ("wrong_type", "null_not_allowed")


def test_an_empty_body_is_an_empty_object(api: Any) -> None:
    group = Group.objects.create(name="one")
    assert api("PATCH", f"/groups/{group.pk}").json()["changes"] == {}
    assert api("PATCH", f"/groups/{group.pk}", b" \n").json()["changes"] == {}


def test_whole_numbers_of_any_size_come_back_as_they_went(api: Any) -> None:
    group = Group.objects.create(name="one")
    large = 10**40
    body = b'{"metadata": {"n": %d, "e": "\xc3\xa4\xf0\x9f\x98\x80"}}' % large
    assert api("PATCH", f"/groups/{group.pk}", body).json()["changes"]["metadata"] == {"n": large, "e": "ä😀"}


def test_a_large_body_is_413(api: Any) -> None:
    body = b'{"name": "' + b"x" * settings.REST_MAX_BODY_BYTES + b'"}'
    answer = api("POST", "/groups", body)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


def test_a_large_body_without_a_length_is_413_and_a_small_one_is_read(api: Any) -> None:
    view = GroupViewSet.as_view({"post": "create"})

    def send(raw: bytes) -> Any:
        request = RequestFactory().generic(
            "POST", "/v1/groups", content_type="application/json", headers={"Authorization": "Bearer write"}
        )
        request.META.pop("CONTENT_LENGTH", None)
        request.META["CONTENT_TYPE"] = "application/json"
        request.META["HTTP_TRANSFER_ENCODING"] = "chunked"
        request.META["wsgi.input"] = BytesIO(raw)
        return view(request)

    assert send(b" " * (settings.REST_MAX_BODY_BYTES + 1)).status_code == 413
    assert send(b'{"name": "chunked"}').status_code == 201
    assert Group.objects.get().name == "chunked"
