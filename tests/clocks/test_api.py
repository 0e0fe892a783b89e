"""/v1/test-clocks."""

from datetime import timedelta
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections

from apps.clocks.models import TestClock
from apps.kernel import clock as kernel_clock
from tests.accounts.calls import Api, faults
from tests.clocks.lives import START, new_clock, stands, turn
from tests.factories.accounts import make_account

BODY = {"frozen_time": "2028-01-31T09:00:00Z", "name": "a year of Ada"}
LATER = {"frozen_time": "2028-02-01T09:00:00Z"}


@pytest.fixture
def api(db: None) -> Api:
    return Api()


def path(clock: TestClock, verb: str = "") -> str:
    return f"/test-clocks/{clock.pk}{verb}"


def test_one_is_made_shown_listed_and_deleted(api: Api) -> None:
    made = api.post("/test-clocks", BODY)
    assert made.status_code == 201
    body = made.json()
    assert body == {
        "id": body["id"], "name": "a year of Ada", "frozen_time": "2028-01-31T09:00:00Z", "status": "READY",
        "target_time": None, "progress": {"started_from": None, "steps": 0, "pieces": 0, "waiting_for": {}},
        "error": None, "created_at": body["created_at"], "updated_at": body["updated_at"],
        "url": f"/v1/test-clocks/{body['id']}",
    }  # fmt: skip
    assert api.get(f"/test-clocks/{body['id']}").json() == body
    assert api.get("/test-clocks?status=READY").json()["data"] == [body]
    assert api("delete", f"/test-clocks/{body['id']}").status_code == 204
    assert api.get(f"/test-clocks/{body['id']}").status_code == 404


def test_advance_answers_202_and_shows_how_far_it_is(api: Api) -> None:
    clock = new_clock()
    sent = api.post(path(clock, "/advance"), LATER, Prefer="wait=0")
    assert (sent.status_code, sent.json()["status"]) == (202, "ADVANCING")
    assert sent.json()["target_time"] == LATER["frozen_time"]
    again = api.post(path(clock, "/advance"), LATER, Prefer="wait=0")
    assert (again.status_code, again.json()["code"]) == (409, "test_clock_advancing")
    assert "2028-02-01T09:00:00Z" in again.json()["detail"]
    assert api("delete", path(clock)).json()["code"] == "test_clock_advancing"
    turn(clock)
    shown = api.get(path(clock)).json()
    assert (shown["status"], shown["frozen_time"], shown["target_time"]) == ("READY", LATER["frozen_time"], None)
    assert shown["progress"] == {"started_from": BODY["frozen_time"], "steps": 1, "pieces": 0, "waiting_for": {}}


def test_a_repeated_advance_is_one(api: Api) -> None:
    clock = new_clock()
    first = api.post(path(clock, "/advance"), LATER, Prefer="wait=0", Idempotency_Key="day-1")
    turn(clock)
    second = api.post(path(clock, "/advance"), LATER, Prefer="wait=5", Idempotency_Key="day-1")
    assert (second.status_code, second["Idempotent-Replayed"]) == (202, "true")
    assert second.json() == first.json()
    assert stands(clock).status == "READY"


def test_advance_answers_200_once_it_is_there(committed_db: str) -> None:
    api, clock = Api(), new_clock()

    def work() -> None:
        until = kernel_clock.monotonic() + 10
        while stands(clock).status == "READY" and kernel_clock.monotonic() < until:
            kernel_clock.pause(0.02)
        turn(clock)
        connections.close_all()

    worker = Thread(target=work)
    worker.start()
    answer = api.post(path(clock, "/advance"), LATER)
    worker.join()
    assert (answer.status_code, answer.json()["status"]) == (200, "READY")
    assert answer.json()["frozen_time"] == LATER["frozen_time"]


def test_of_two_advances_at_once_one_is_refused(committed_db: str) -> None:
    api, clock = Api(), new_clock()
    answers: list[int] = []

    def send() -> None:
        answers.append(api.post(path(clock, "/advance"), LATER, Prefer="wait=0").status_code)
        connections.close_all()

    both = [Thread(target=send), Thread(target=send)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert sorted(answers) == [202, 409]


def test_malformed(api: Api) -> None:
    clock = new_clock()
    assert faults(api.post("/test-clocks", {"frozen_time": "soon", "nam": ""})) == {
        ("/frozen_time", "invalid"), ("/nam", "unknown_field"),
    }  # fmt: skip
    assert faults(api.post("/test-clocks", {})) == {("/frozen_time", "required")}
    assert (
        api.post("/test-clocks", {"frozen_time": "1999-12-31T00:00:00Z"}).json()["code"] == "frozen_time_out_of_range"
    )
    assert faults(api.post(path(clock, "/advance"), {})) == {("/frozen_time", "required")}
    back = api.post(path(clock, "/advance"), {"frozen_time": "2028-01-31T08:59:59Z"})
    assert (back.status_code, back.json()["code"]) == (422, "test_clock_back")
    assert api.post(f"/test-clocks/{uuid4()}/advance", LATER).status_code == 404
    assert api.post("/test-clocks/x/advance", LATER).status_code == 404
    assert api.patch(path(clock), BODY).status_code == 405


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("2200-01-01T00:00:01Z", "frozen_time_out_of_range"),
        ("9999-12-31T23:59:59Z", None),
        ("9999-12-31T23:59:59-14:00", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("2200-01-01T00:00:00Z", "advance_too_far"),
        ("2038-02-01T09:00:00Z", "advance_too_far"),
        ("2028-01-31T10:59:59+02:00", "test_clock_back"),
        ("2028-02-01T09:00:00", None),
        ("2028-02-30T09:00:00Z", None),
        (9e99, None),
    ],
)
def test_no_clock_goes_where_none_can_stand(api: Api, asked: Any, code: str | None) -> None:
    clock = new_clock()
    refused = api.post(path(clock, "/advance"), {"frozen_time": asked})
    body = refused.json()
    assert refused.status_code == 422, body
    assert body["hint"]
    if code:
        assert body["code"] == code
    else:
        assert [each["pointer"] for each in body["errors"]] == ["/frozen_time"]
    assert (stands(clock).status, stands(clock).frozen_time) == ("READY", START)


def test_an_offset_names_the_same_instant(api: Api) -> None:
    clock = new_clock()
    sent = api.post(path(clock, "/advance"), {"frozen_time": "2028-02-01T14:30:00+05:30"}, Prefer="wait=0")
    assert (sent.status_code, sent.json()["target_time"]) == (202, LATER["frozen_time"])


def test_where_accounts_live_it_stays(api: Api) -> None:
    clock = new_clock()
    make_account(test_clock_id=clock.pk)
    refused = api("delete", path(clock))
    assert (refused.status_code, refused.json()["code"]) == (409, "test_clock_in_use")
    assert stands(clock).frozen_time == START


@pytest.mark.parametrize(
    ("role", "reads", "writes"),
    [("super_admin", 200, 201), ("billing_admin", 200, 201), ("support_rep", 200, 403), ("finance_viewer", 200, 403)],
)
def test_who_may(db: None, role: str, reads: int, writes: int) -> None:
    caller, clock = Api(role), new_clock()
    assert caller.get("/test-clocks").status_code == reads
    assert caller.post("/test-clocks", BODY).status_code == writes
    moved = caller.post(path(clock, "/advance"), LATER, Prefer="wait=0").status_code
    assert moved == (202 if writes == 201 else 403)
    assert (caller("delete", path(new_clock())).status_code == 204) is (writes == 201)


def test_nobody_without_a_key(db: None) -> None:
    assert Api(None).get("/test-clocks").status_code == 401


def test_off_is_off(api: Api, settings: Any) -> None:
    clock = new_clock()
    settings.BILLING_TEST_CLOCKS = False
    answers = [
        api.get("/test-clocks"), api.get(path(clock)), api.post("/test-clocks", BODY), api("delete", path(clock)),
        api.post(path(clock, "/advance"), LATER),
    ]  # fmt: skip
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(403, "test_clocks_off")}


def test_a_page_costs_the_same_however_many_there_are(api: Api, django_assert_max_num_queries: Any) -> None:
    for days in range(15):
        new_clock(START + timedelta(days=days))
    api.get("/test-clocks?limit=1")
    with django_assert_max_num_queries(3):
        assert len(api.get("/test-clocks?limit=15").json()["data"]) == 15
