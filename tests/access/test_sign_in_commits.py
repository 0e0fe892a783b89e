"""What stays true though a request is refused, or many come at once: tries are counted, a stolen token ends all."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import connection

from apps.access import rules
from apps.access.actions.signing import rotate
from apps.access.models import ApiKey, SignIn, SigningKey
from apps.kernel import clock
from apps.kernel.actors import system
from tests.access.signing import PASSWORD, staff
from tests.access.test_token_api import TOKEN, code, granted, refreshed

Make = Callable[..., tuple[ApiKey, str]]
ACTOR = system("test")


@pytest.fixture(autouse=True)
def _routes(settings: Any) -> None:
    settings.ROOT_URLCONF = "billing_project.urls"


@pytest.mark.fr("FR-132")
def test_a_refresh_token_used_twice_ends_its_whole_family(api: Any, committed_db: str) -> None:
    user = staff()
    first, other = granted(api, user), granted(api, user)
    second = refreshed(api, first["refresh_token"]).json()
    assert code(refreshed(api, first["refresh_token"])) == (401, "refresh_token_reused")
    assert code(refreshed(api, second["refresh_token"])) == (401, "refresh_token_revoked")
    assert code(api("get", "/plans", second["access_token"])) == (401, "token_revoked")
    assert api("get", "/plans", other["access_token"]).status_code == 200
    assert SignIn.objects.get(revoked_because=rules.Ended.TOKEN_REUSED).revoked_at


@pytest.mark.fr("FR-132", "SC-047")
def test_a_name_is_locked_after_failed_tries_and_open_again_after_a_while(api: Any, committed_db: str) -> None:
    user = staff()
    wrong = {"grant_type": "password", "username": user.username, "password": "wrong"}
    with time_machine.travel(clock.wall(), tick=False) as travelled:
        for _ in range(rules.MAX_FAILURES):
            assert code(api("post", TOKEN, body=wrong)) == (401, "sign_in_refused")
        locked = api("post", TOKEN, body={**wrong, "password": PASSWORD})
        assert code(locked) == (429, "sign_in_locked")
        assert int(locked["Retry-After"]) > 0
        travelled.shift(rules.LOCKED_SECONDS)
        assert granted(api, user)


def test_success_forgets_the_failures_before_it(api: Any, committed_db: str) -> None:
    user = staff()
    wrong = {"grant_type": "password", "username": user.username, "password": "wrong"}
    for _ in range(3):
        for _ in range(rules.MAX_FAILURES - 1):
            assert code(api("post", TOKEN, body=wrong)) == (401, "sign_in_refused")
        assert granted(api, user)


def test_a_try_is_counted_also_under_an_idempotency_key(api: Any, make_key: Make, committed_db: str) -> None:
    """Else whoever has any key could guess without end."""
    plain = make_key(role="finance_viewer")[1]
    wrong = {"grant_type": "password", "username": staff().username, "password": "wrong"}
    for number in range(rules.MAX_FAILURES):
        assert api("post", TOKEN, plain, wrong, Idempotency_Key=f"k{number}").status_code == 401
    assert code(api("post", TOKEN, plain, wrong, Idempotency_Key="last")) == (429, "sign_in_locked")


def test_one_of_many_who_refresh_at_once_gets_the_next_token(api: Any, committed_db: str) -> None:
    first = granted(api, staff())["refresh_token"]
    answers: list[tuple[int, str]] = []

    def send() -> None:
        try:
            answer = refreshed(api, first)
            answers.append((answer.status_code, answer.json().get("code", "")))
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(6)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(status for status, _ in answers) == [201] + [401] * 5
    assert SignIn.objects.get().revoked_at is not None


def test_many_who_guess_at_once_get_no_more_tries(api: Any, committed_db: str) -> None:
    wrong = {"grant_type": "password", "username": staff().username, "password": "wrong"}
    statuses: list[int] = []

    def send() -> None:
        try:
            statuses.append(api("post", TOKEN, body=wrong).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(rules.MAX_FAILURES + 4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(statuses) == [401] * rules.MAX_FAILURES + [429] * 4


def test_one_key_is_made_by_many_at_once(committed_db: str) -> None:
    def make() -> None:
        try:
            rotate(at=clock.wall(), actor=ACTOR, unless_there=True)
        finally:
            connection.close()

    threads = [threading.Thread(target=make) for _ in range(5)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert SigningKey.objects.count() == 1
