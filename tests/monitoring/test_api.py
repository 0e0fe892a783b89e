"""/internal/alerts and /internal/probes: Alertmanager's and the probe's doors."""

import json
import threading
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from apps.monitoring.models import Alert, ProbeResult

TOKEN = {"Authorization": "Bearer inner-0123456789"}


@pytest.fixture(autouse=True)
def _token(settings: Any) -> None:
    settings.INTERNAL_TOKEN = "inner-0123456789"


def notice(status: str = "firing", **fields: Any) -> dict[str, Any]:
    return {
        "status": status,
        "labels": {"alertname": "HighErrorRate", "severity": "critical", "job": "billing-api"},
        "annotations": {"summary": "3 % fail", "description": "d", "runbook_url": "https://runbooks.example.com/a.md"},
        "startsAt": "2026-05-04T12:00:00.123Z",
        "endsAt": "0001-01-01T00:00:00Z" if status == "firing" else "2026-05-04T12:09:00Z",
        "generatorURL": "http://prometheus",
        "fingerprint": "6f3a",
        **fields,
    }


def post(path: str, body: Any, headers: dict[str, str] | None = None) -> Any:
    raw = body if isinstance(body, bytes | str) else json.dumps(body)
    return Client().post(path, raw, content_type="application/json", headers=TOKEN if headers is None else headers)


def told(*notices: dict[str, Any]) -> Any:
    return post("/internal/alerts", {"version": "4", "groupKey": "g", "alerts": list(notices)})


@pytest.mark.django_db
def test_an_alert_is_kept_once_and_resolved_when_it_stops() -> None:
    assert told(notice()).json() == {"heard": 1, "resolved": 0}
    told(notice())
    row = Alert.objects.get()
    assert (row.alert_name, row.severity, row.summary, row.resolved_at) == (
        "HighErrorRate",
        "critical",
        "3 % fail",
        None,
    )
    assert row.labels["job"] == "billing-api"
    assert told(notice("resolved")).json() == {"heard": 1, "resolved": 1}
    told(notice("resolved"))
    told(notice())
    row = Alert.objects.get()
    assert row.resolved_at is not None
    assert row.resolved_at.minute == 9
    told(notice(startsAt="2026-05-05T12:00:00Z"))
    assert Alert.objects.count() == 2


@pytest.mark.django_db
def test_one_that_is_first_heard_of_when_it_is_over_is_kept_as_over() -> None:
    told(notice("resolved"), notice(fingerprint="b", labels={"alertname": "New", "severity": "odd"}))
    rows = {row.alert_name: row for row in Alert.objects.all()}
    assert rows["HighErrorRate"].resolved_at is not None
    assert (rows["New"].severity, rows["New"].resolved_at) == ("warning", None)


@pytest.mark.usefixtures("committed_db")
def test_two_alertmanagers_that_tell_at_once_make_one_row() -> None:
    answers: list[int] = []

    def tell() -> None:
        answers.append(told(notice()).status_code)
        connection.close()

    threads = [threading.Thread(target=tell) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 4
    assert Alert.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "malformed_json"),
        (b"\xff", 400, "malformed_json"),
        ([], 422, "invalid_body"),
        ({"alerts": [{"status": "firing"}]}, 422, "invalid_body"),
        ({"alerts": [notice(labels={})]}, 422, "alert_without_name"),
        ({"alerts": [notice(labels={"alertname": "a\0"})]}, 422, "invalid_body"),
        ({"alerts": [notice()] * 501}, 422, "too_many_alerts"),
        (b" " * (1024 * 1024 + 1), 413, "body_too_large"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_reason(body: Any, status: int, code: str) -> None:
    answer = post("/internal/alerts", body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["hint"]
    assert Alert.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/internal/alerts", "/internal/probes"])
def test_nobody_comes_in_without_the_token(path: str, settings: Any) -> None:
    for headers in ({}, {"Authorization": "Bearer other"}, {"Authorization": "inner-0123456789"}):
        answer = post(path, {}, headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "internal_token")
    assert Client().get(path, headers=TOKEN).status_code == 405
    settings.INTERNAL_TOKEN = ""
    assert post(path, {}, {"Authorization": "Bearer "}).status_code == 404


@pytest.mark.django_db
@pytest.mark.fr("SC-051")
def test_a_probe_tells_of_a_round() -> None:
    report = {"region": "eu-west", "success": False, "milliseconds": 1234, "detail": "pay: 503"}
    assert post("/internal/probes", report).json() == {"region": "eu-west", "success": False}
    row = ProbeResult.objects.get()
    assert (row.region, row.success, row.milliseconds, row.detail) == ("eu-west", False, 1234, "pay: 503")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [{"region": "EU west"}, {"region": ""}, {"milliseconds": -1}, {"success": 1}, {"other": 1}, {"detail": "x" * 501}],
)
def test_a_probe_that_says_nonsense_is_refused(change: dict[str, Any]) -> None:
    report = {"region": "eu-west", "success": True, "milliseconds": 1, **change}
    assert post("/internal/probes", report).status_code == 422
    assert ProbeResult.objects.count() == 0
