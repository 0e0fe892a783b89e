"""/v1/api-keys."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from apps.access.models import ApiKey, IdempotentRequest

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
