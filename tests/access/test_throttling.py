"""Limits as callers meet them."""

import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIRequestFactory

from apps.access import window
from apps.access.models import ApiKey
from apps.access.principals import Principal
from apps.access.rules import Role
from tests.access.notes import NoteViewSet

Make = Callable[..., tuple[ApiKey, str]]
HEADERS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window, "TIMEOUT_SECONDS", 10.0)


@pytest.mark.fr("FR-126")
def test_a_key_is_let_in_as_often_as_it_may(api: Any, make_key: Make) -> None:
    _, plain = make_key(rate_limit=3)
    answers = [api("get", "/notes", plain) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert [answer["X-RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0", "0"]
    assert {answer["X-RateLimit-Limit"] for answer in answers} == {"3"}
    last = answers[-1]
    assert 0 < int(last["Retry-After"]) <= 3600
    assert abs(int(last["X-RateLimit-Reset"]) - time.time() - int(last["Retry-After"])) < 5
    assert last.json()["code"] == "rate_limited"


@pytest.mark.fr("FR-126")
def test_a_thousand_an_hour_is_the_default(api: Any, make_key: Make) -> None:
    assert Principal(uuid4(), "check", Role.SUPER_ADMIN, ApiKey().rate_limit).rate_limit == 1000
    assert api("get", "/notes", make_key(rate_limit=1000)[1])["X-RateLimit-Remaining"] == "999"


def test_a_limit_of_zero_is_none(api: Any, make_key: Make) -> None:
    answer = api("get", "/notes", make_key()[1])
    assert not any(name in answer for name in HEADERS)


@pytest.mark.parametrize(
    ("method", "path", "role", "status"),
    [
        ("get", "/notes", "super_admin", 200),
        ("get", "/of/ledger", "support_rep", 403),
        ("get", "/notes/0", "super_admin", 404),
        ("delete", "/notes", "super_admin", 405),
    ],
)
def test_every_answer_says_what_is_left(
    api: Any, make_key: Make, method: str, path: str, role: str, status: int
) -> None:
    answer = api(method, path, make_key(rate_limit=10, role=role)[1])
    assert answer.status_code == status
    assert answer["X-RateLimit-Remaining"] == "9"


def test_without_a_key_sixty_a_minute_from_one_address(api: Any, make_key: Make) -> None:
    _, plain = make_key()
    wrong = "bk_test_" + "a" * 51
    answers = [api("get", "/notes", wrong if turn % 2 else None) for turn in range(61)]
    assert [answer.status_code for answer in answers] == [401] * 60 + [429]
    assert answers[0]["X-RateLimit-Limit"] == "60"
    assert 0 < int(answers[-1]["Retry-After"]) <= 61
    # A good key from the same address is not locked out by its neighbours, and another address not at all.
    assert api("get", "/notes", plain).status_code == 200
    api.address = "203.0.113.77"
    assert api("get", "/notes", wrong).status_code in (401, 429)


def test_redis_away_lets_in(api: Any, make_key: Make, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert api("get", "/notes", make_key(rate_limit=1)[1]).status_code == 200


def test_a_principal_that_came_by_another_door_is_limited_too(settings: Any) -> None:
    principal = Principal(uuid4(), "check", Role.SUPER_ADMIN, 1)

    def call() -> Any:
        request = APIRequestFactory().get("/v1/notes")
        request._force_auth_user = principal  # type: ignore[attr-defined]
        return NoteViewSet.as_view({"get": "list"})(request)

    assert [call().status_code, call().status_code] == [200, 429]
