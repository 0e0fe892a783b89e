"""Idempotency-Key: once, whatever happens in between. Every commit here is real."""

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connections

from apps.access.claims import KEPT
from apps.access.models import ApiKey, IdempotentRequest
from apps.access.rules import Role
from apps.kernel import clock
from tests.access import notes

Make = Callable[..., tuple[ApiKey, str]]
Post = Callable[..., Any]


@pytest.fixture
def key(committed_db: str, make_key: Make) -> str:
    return make_key()[1]


@pytest.fixture
def post(api: Any, key: str) -> Iterator[Post]:
    def call(name: str = "n", path: str = "/notes", idempotency: str | None = "one", **body: Any) -> Any:
        headers = {} if idempotency is None else {"Idempotency_Key": idempotency}
        return api("post", path, key, {"name": name, **body}, **headers)

    yield call
    notes.go_on.set()


def in_thread(pool: ThreadPoolExecutor, call: Post, **body: Any) -> Any:
    def run() -> Any:
        try:
            return call(**body)
        finally:
            connections.close_all()

    return pool.submit(run)


def written() -> int:
    return Group.objects.exclude(name__in=list(Role)).count()


def row() -> IdempotentRequest:
    return IdempotentRequest.objects.get()


def test_without_a_key_every_request_runs(post: Post) -> None:
    assert [post(idempotency=None).status_code for _ in range(2)] == [201, 201]
    assert written() == 2
    assert not IdempotentRequest.objects.exists()


def test_the_same_request_is_answered_again_and_not_run(post: Post) -> None:
    first, second = post(), post()
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.content == first.content
    assert "Idempotent-Replayed" not in first
    assert second["Idempotent-Replayed"] == "true"
    assert {name: second[name] for name in ("Location", "ETag", "Content-Type")} == {
        name: first[name] for name in ("Location", "ETag", "Content-Type")
    }
    assert written() == 1


def test_the_document_counts_and_not_how_it_is_written(api: Any, key: str) -> None:
    bodies = ['{"name": "n", "a": [1, {"b": 2}]}', '{ "a":[1,{"b":2}],\n "name":"n" }']
    answers = [api("post", "/notes", key, body, Idempotency_Key="one") for body in bodies]
    assert answers[1]["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize("other", [{"name": "other"}, {"path": "/outside"}, {"path": "/notes?expand="}])
def test_a_key_used_for_another_request_is_refused(post: Post, other: dict[str, str]) -> None:
    post()
    answer = post(**other)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert written() == 1


def test_two_principals_may_use_one_key(api: Any, post: Post, make_key: Make) -> None:
    post()
    other = api("post", "/notes", make_key()[1], {"name": "n"}, Idempotency_Key="one")
    assert "Idempotent-Replayed" not in other
    assert written() == 2


@pytest.mark.parametrize("bad", ["", "a" * 256, "two words", "caf\u00e9", "tab\there"])
def test_a_malformed_key_is_refused(post: Post, bad: str) -> None:
    answer = post(idempotency=bad)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_invalid")
    assert written() == 0


def test_a_key_of_255_characters_is_taken(post: Post) -> None:
    assert post(idempotency="~" * 255).status_code == 201


@pytest.mark.parametrize("path", ["/notes", "/outside"])
def test_a_refusal_is_stored(post: Post, path: str) -> None:
    first, second = post(path=path, then="refuse"), post(path=path, then="refuse")
    assert (first.status_code, second.status_code) == (409, 409)
    assert second["Idempotent-Replayed"] == "true"
    assert second.content == first.content
    assert second["Content-Type"] == "application/problem+json"
    # What was done before the refusal is taken back, except where a gateway was called and each step is committed.
    assert written() == (0 if path == "/notes" else 1)


@pytest.mark.parametrize(("then", "status"), [("crash", 500), ("forbid", 403)])
@pytest.mark.parametrize("path", ["/notes", "/outside"])
def test_what_is_our_fault_or_not_allowed_is_not_stored(post: Post, path: str, then: str, status: int) -> None:
    answers = [post(path=path, then=then) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [status, status]
    assert not any("Idempotent-Replayed" in answer for answer in answers)
    assert not IdempotentRequest.objects.exists()
    assert written() == (0 if path == "/notes" else 2)


def test_what_cannot_be_read_is_not_stored(api: Any, key: str) -> None:
    assert api("post", "/notes", key, "{", Idempotency_Key="one").status_code == 400
    assert not IdempotentRequest.objects.exists()


def test_a_delete_is_answered_again(api: Any, post: Post, key: str) -> None:
    path = f"/notes/{post().json()['id']}"
    answers = [api("delete", path, key, Idempotency_Key="two") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [204, 204]
    assert [answer.content for answer in answers] == [b"", b""]
    assert "Content-Type" not in answers[1]


@pytest.mark.parametrize("path", ["/notes", "/outside"])
def test_while_the_first_runs_the_second_is_told_to_wait(post: Post, path: str) -> None:
    with ThreadPoolExecutor(1) as pool:
        first = in_thread(pool, post, path=path, then="wait")
        assert notes.arrived.wait(10)
        second = post(path=path, then="wait")
        notes.go_on.set()
        assert first.result(20).status_code == 201
    assert (second.status_code, second.json()["code"]) == (409, "request_in_progress")
    assert 1 <= int(second["Retry-After"]) <= 61
    assert post(path=path, then="wait")["Idempotent-Replayed"] == "true"
    assert written() == 1


def test_of_many_at_once_one_runs(post: Post) -> None:
    start = threading.Barrier(8)

    def call() -> Any:
        start.wait(10)
        return post()

    with ThreadPoolExecutor(8) as pool:
        answers = [future.result(30) for future in [in_thread(pool, call) for _ in range(8)]]
    assert {answer.status_code for answer in answers} <= {201, 409}
    created = [answer for answer in answers if answer.status_code == 201]
    assert len([answer for answer in created if "Idempotent-Replayed" not in answer]) == 1
    assert len({answer.content for answer in created}) == 1
    assert written() == 1


def killed(post: Post, *, after: float | None = None, **body: Any) -> None:
    """Send a request from a process of its own that dies in the middle of it."""
    connections.close_all()  # a child must not share the parent's connection
    child = os.fork()
    if child == 0:
        if after is not None:
            threading.Timer(after, os.kill, (os.getpid(), signal.SIGKILL)).start()
        post(**body)
        os._exit(1)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL


@pytest.mark.parametrize(("path", "effects"), [("/notes", 0), ("/outside", 1)])
def test_a_killed_request_runs_again_when_its_lease_lapses(post: Post, settings: Any, path: str, effects: int) -> None:
    settings.IDEMPOTENCY_LEASE_SECONDS = 2
    killed(post, path=path, then="kill")
    assert written() == effects
    early = post(path=path, then="kill")  # refused before it runs, or this process would be gone
    assert (early.status_code, early.json()["code"]) == (409, "request_in_progress")
    time.sleep(2.1)
    killed(post, path=path, then="kill")
    assert written() == 2 * effects


def test_after_a_kill_the_repetition_does_it_once(post: Post, settings: Any) -> None:
    settings.IDEMPOTENCY_LEASE_SECONDS = 1
    killed(post, after=0.5, then="wait")
    time.sleep(1.1)
    notes.arrived.set()  # the repetition does not wait
    again = post(then="wait")
    assert again.status_code == 201
    assert "Idempotent-Replayed" not in again
    assert post(then="wait")["Idempotent-Replayed"] == "true"
    assert written() == 1


def test_who_lost_the_lease_undoes_its_effect(post: Post, settings: Any) -> None:
    settings.IDEMPOTENCY_LEASE_SECONDS = 0.2
    with ThreadPoolExecutor(1) as pool:
        slow = in_thread(pool, post, then="wait")
        assert notes.arrived.wait(10)
        time.sleep(0.3)
        taken_over = post(then="wait")
        notes.go_on.set()
        late = slow.result(20)
    assert taken_over.status_code == 201
    assert (late.status_code, late.json()["code"]) == (409, "request_in_progress")
    assert written() == 1
    assert post(then="wait").content == taken_over.content


def test_a_lapsed_lease_is_not_for_another_request(post: Post, key: str) -> None:
    post()
    IdempotentRequest.objects.update(status=None, leased_until=clock.wall() - timedelta(seconds=1))
    assert post(name="other").json()["code"] == "idempotency_key_reused"
    assert post().status_code == 201


def test_after_24_hours_a_key_is_new(post: Post) -> None:
    first = post()
    IdempotentRequest.objects.update(created_at=clock.wall() - KEPT + timedelta(minutes=1))
    assert post().content == first.content
    IdempotentRequest.objects.update(created_at=clock.wall() - KEPT)
    assert post(name="other").status_code == 201
    assert json.loads(bytes(row().body))["name"].startswith("other")
    assert row().created_at > clock.wall() - timedelta(minutes=1)
