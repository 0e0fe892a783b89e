"""Reading, writing, ETags, expansion, waiting."""

from typing import Any

import pytest
from django.contrib.auth.models import Group

from tests.rest import groups

pytestmark = pytest.mark.django_db


def test_create_answers_201_with_the_object(api: Any) -> None:
    answer = api("POST", "/groups", b'{"name": "one"}')
    assert answer.status_code == 201
    assert answer["Content-Type"] == "application/json"
    group = Group.objects.get()
    assert answer.json() == {"id": group.pk, "name": "one", "url": f"/v1/groups/{group.pk}", "count": 1}


def test_retrieve_and_expand(api: Any) -> None:
    group = Group.objects.create(name="one")
    assert "members" not in api("GET", f"/groups/{group.pk}").json()
    assert api("GET", f"/groups/{group.pk}?expand=members").json()["members"] == ["member of one"]
    refused = api("GET", f"/groups/{group.pk}?expand=members,owner")
    assert refused.status_code == 422
    assert refused.json()["code"] == "expand_unknown"
    assert "members" in refused.json()["hint"]


@pytest.mark.parametrize("key", ["0", "999999", "abc", "-1", "1.0", "9" * 30, "%00", "٣"])
def test_an_id_that_is_not_there_is_404(api: Any, key: str) -> None:
    answer = api("GET", f"/groups/{key}")
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"
    assert answer.json()["hint"]


def test_patch_takes_what_was_sent_and_nothing_else(api: Any) -> None:
    group = Group.objects.create(name="one")
    answer = api("PATCH", f"/groups/{group.pk}", b'{"seats": 3}', If_Match='"v-7"')
    assert answer.json()["changes"] == {"seats": 3}
    assert answer.json()["expected"] == 7


def test_if_match_that_is_no_etag_is_400(api: Any) -> None:
    group = Group.objects.create(name="one")
    answer = api("PATCH", f"/groups/{group.pk}", b"{}", If_Match="7")
    assert (answer.status_code, answer.json()["code"]) == (400, "if_match_invalid")


def test_nobody_is_401_and_a_reader_may_not_write(api: Any) -> None:
    nobody = api.client.get("/v1/groups")
    assert (nobody.status_code, nobody.json()["code"]) == (401, "unauthenticated")
    assert nobody["WWW-Authenticate"] == "Bearer"
    reader = api("POST", "/groups", b'{"name": "x"}', Authorization="Bearer read")
    assert (reader.status_code, reader.json()["code"]) == (403, "forbidden")
    assert api("GET", "/groups", Authorization="Bearer read").status_code == 200
    assert not Group.objects.exists()


def test_prefer_wait_renders_anew_after_the_commit(api: Any) -> None:
    answer = api("POST", "/groups", b'{"name": "one"}', Prefer="respond-async, wait=90")
    assert answer.status_code == 201
    assert answer.json()["count"] == 2
    assert groups.waits == [60.0]
    assert answer["Preference-Applied"] == "wait=60"


def test_a_refused_write_waits_for_nothing(api: Any) -> None:
    assert api("POST", "/groups", b"{}", Prefer="wait=5").status_code == 422
    assert groups.waits == []


def test_a_refusal_takes_back_what_the_handler_wrote(api: Any) -> None:
    answer = api("POST", "/groups/1/fail")
    assert (answer.status_code, answer.json()["code"]) == (409, "still_used")
    assert not Group.objects.exists()


def test_unknown_and_repeated_parameters_are_refused(api: Any) -> None:
    answer = api("GET", "/groups?nmae=x&limit=3&limit=4")
    assert answer.status_code == 422
    assert {(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]} == {
        ("?nmae", "unknown_parameter"),
        ("?limit", "repeated_parameter"),
    }
    assert "name" in answer.json()["errors"][0]["detail"]
    assert api("GET", "/groups?format=xml").status_code == 422
    assert api("GET", "/groups?name=%00").status_code == 422


def test_methods_and_formats(api: Any) -> None:
    assert (api("DELETE", "/groups").status_code, api("DELETE", "/groups").json()["code"]) == (
        405,
        "method_not_allowed",
    )
    assert "GET" in api("DELETE", "/groups")["Allow"]
    assert api("OPTIONS", "/groups").status_code == 405
    assert api("GET", "/groups", Accept="text/html").status_code == 406
    assert api("GET", "/groups", Accept="text/html, */*;q=0.1").status_code == 200
    assert api("GET", "/groups", Accept="application/problem+json").status_code == 200
    assert api("POST", "/groups", b"name=x", Content_Type="application/x-www-form-urlencoded").status_code == 415
    assert api("POST", "/groups", b"\x1f\x8b", Content_Encoding="gzip").json()["code"] == "encoding_unsupported"
