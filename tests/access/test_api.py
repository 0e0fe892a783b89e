"""/v1/api-keys."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from apps.access.models import ApiKey, IdempotentRequest
from apps.kernel import clock

pytestmark = pytest.mark.django_db

Make = Callable[..., tuple[ApiKey, str]]
BODY = {"name": "shop", "role": "billing_admin", "allowed_cidrs": ["10.0.0.0/8"], "rate_limit": 50}


@pytest.mark.fr("FR-140")
def test_a_key_is_shown_once_and_works(api: Any, make_key: Make) -> None:
    _, admin = make_key()
    made = api("post", "/api-keys", admin, BODY)
    assert made.status_code == 201
    plain = made.json()["key"]
    assert api("get", "/notes", plain).status_code == 200
    shown = api("get", f"/api-keys/{made.json()['id']}", admin)
    listed = api("get", "/api-keys", admin)
    assert "key" not in shown.json()
    assert plain not in shown.content.decode() + listed.content.decode()
    assert shown.json()["last_used_at"]
    assert {name: shown.json()[name] for name in BODY} == BODY


def test_the_key_is_not_kept_for_repetitions(api: Any, make_key: Make) -> None:
    _, admin = make_key()
    first = api("post", "/api-keys", admin, BODY, Idempotency_Key="one")
    second = api("post", "/api-keys", admin, BODY, Idempotency_Key="one")
    assert second["Idempotent-Replayed"] == "true"
    assert second.json() == {**first.json(), "key": None}
    assert first.json()["key"].encode() not in bytes(IdempotentRequest.objects.get().body)
    assert ApiKey.objects.count() == 2


def test_delete_revokes(api: Any, make_key: Make) -> None:
    _, admin = make_key()
    key, plain = make_key()
    assert api("delete", f"/api-keys/{key.pk}", admin).status_code == 204
    assert api("get", "/notes", plain).json()["code"] == "api_key_revoked"
    assert api("get", f"/api-keys/{key.pk}", admin).json()["revoked_at"]
    assert api("delete", f"/api-keys/{uuid4()}", admin).status_code == 404


@pytest.mark.fr("FR-140")
def test_a_rotated_key_works_beside_the_new_one_and_then_ends(api: Any, make_key: Make) -> None:
    _, admin = make_key()
    old, old_plain = make_key(name="shop", role="billing_admin", allowed_cidrs=["10.0.0.0/8"], rate_limit=70)
    answer = api("post", f"/api-keys/{old.pk}/rotate", admin, {"overlap_hours": 2})
    assert answer.status_code == 201, answer.content
    new = answer.json()
    kept = ("name", "role", "livemode", "allowed_cidrs", "rate_limit", "expires_at")
    shown = api("get", f"/api-keys/{old.pk}", admin).json()
    assert {name: new[name] for name in kept} == {**{name: shown[name] for name in kept}, "expires_at": None}
    assert (new["replaces_id"], shown["replaces_id"]) == (str(old.pk), None)
    for plain in (new["key"], old_plain):
        assert api("get", "/notes", plain).status_code == 200
    old.refresh_from_db()
    assert old.expires_at is not None
    assert timedelta(minutes=119) < old.expires_at - clock.wall() <= timedelta(hours=2)
    with time_machine.travel(old.expires_at):
        assert api("get", "/notes", old_plain).json()["code"] == "api_key_expired"
        assert api("get", "/notes", new["key"]).status_code == 200


def test_without_a_word_the_overlap_is_a_day_and_with_none_there_is_none(api: Any, make_key: Make) -> None:
    _, admin = make_key()
    (one, _), (two, two_plain) = make_key(), make_key()
    bare = Client().generic("POST", f"/v1/api-keys/{one.pk}/rotate", headers={"Authorization": f"Bearer {admin}"})
    assert bare.status_code == 201
    assert api("post", f"/api-keys/{two.pk}/rotate", admin, {"overlap_hours": 0}).status_code == 201
    one.refresh_from_db()
    assert one.expires_at is not None
    assert timedelta(hours=23) < one.expires_at - clock.wall() <= timedelta(hours=24)
    assert api("get", "/notes", two_plain).json()["code"] == "api_key_expired"


def test_a_key_that_ends_sooner_is_not_given_longer(api: Any, make_key: Make) -> None:
    _, admin = make_key()
    soon, later = clock.wall() + timedelta(hours=1), "2099-01-01T00:00:00Z"
    key, _ = make_key(expires_at=soon)
    new = api("post", f"/api-keys/{key.pk}/rotate", admin, {"overlap_hours": 5, "expires_at": later}).json()
    key.refresh_from_db()
    assert (key.expires_at, new["expires_at"]) == (soon, later)


def test_a_key_has_one_successor_and_what_is_over_none(api: Any, make_key: Make) -> None:
    _, admin = make_key()
    (one, _), (two, _) = make_key(), make_key()
    first = api("post", f"/api-keys/{one.pk}/rotate", admin, {}, Idempotency_Key="turn")
    again = api("post", f"/api-keys/{one.pk}/rotate", admin, {}, Idempotency_Key="turn")
    assert again.json() == {**first.json(), "key": None}
    stored = bytes(IdempotentRequest.objects.get().body)
    assert first.json()["key"].encode() not in stored
    refused = api("post", f"/api-keys/{one.pk}/rotate", admin, {})
    assert (refused.status_code, refused.json()["code"]) == (409, "api_key_replaced")
    api("delete", f"/api-keys/{two.pk}", admin)
    refused = api("post", f"/api-keys/{two.pk}/rotate", admin, {})
    assert (refused.status_code, refused.json()["code"]) == (409, "api_key_ended")
    assert api("post", f"/api-keys/{uuid4()}/rotate", admin, {}).status_code == 404
    assert ApiKey.objects.count() == 4


@pytest.mark.parametrize(
    ("body", "pointer"),
    [({"overlap_hours": -1}, "/overlap_hours"), ({"overlap_hours": 169}, "/overlap_hours"),
     ({"overlap_hours": "2"}, "/overlap_hours"), ({"overlap": 2}, "/overlap"),
     ({"expires_at": "2020-01-01T00:00:00Z"}, "/expires_at"), ({"role": "super_admin"}, "/role")],
)  # fmt: skip
def test_faults_of_a_rotation_are_pointed_at(api: Any, make_key: Make, body: dict[str, Any], pointer: str) -> None:
    key, admin = make_key()
    answer = api("post", f"/api-keys/{key.pk}/rotate", admin, body)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]
    assert ApiKey.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "pointer"),
    [({"role": "intern"}, "/role"), ({"rate_limit": -1}, "/rate_limit"), ({"allowed_cidrs": ["x"]}, "/allowed_cidrs/0"),
     ({"name": ""}, "/name"), ({"expires_at": "2020-01-01T00:00:00Z"}, "/expires_at"),
     ({"livemode": True}, "/livemode"),
     ({"allowed_cidrs": "10.0.0.0/8"}, "/allowed_cidrs")],
)  # fmt: skip
def test_faults_are_pointed_at(api: Any, make_key: Make, change: dict[str, Any], pointer: str) -> None:
    answer = api("post", "/api-keys", make_key()[1], {**BODY, **change})
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


@pytest.mark.fr("FR-139")
@pytest.mark.parametrize("role", ["billing_admin", "support_rep", "finance_viewer"])
def test_only_super_admins_see_keys(api: Any, make_key: Make, role: str) -> None:
    _, plain = make_key(role=role)
    assert api("get", "/api-keys", plain).status_code == 403
    assert api("post", "/api-keys", plain, BODY).status_code == 403
    assert api("post", f"/api-keys/{make_key()[0].pk}/rotate", plain, {}).status_code == 403
