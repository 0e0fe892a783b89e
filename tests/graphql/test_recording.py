"""recordUsage is POST /v1/usage: same rules, same refusals, once per key."""

import threading
from typing import Any

import pytest
from django.db import connection

from apps.usage.models import UsageEvent
from tests.factories.usage import AT, opened
from tests.graphql.conftest import Ask, asking, key_of

RECORD = """mutation ($input: RecordUsageInput!) { recordUsage(input: $input) {
    duplicate event { id metric quantity timestamp idempotencyKey properties subscriptionId }
} }"""


def given(subscription_id: Any, **fields: Any) -> dict[str, Any]:
    return {
        "idempotencyKey": "once", "subscriptionId": str(subscription_id), "metric": "api_calls", "quantity": "2.5",
        "timestamp": AT.isoformat(), "properties": {"region": "eu"}, **fields,
    }  # fmt: skip


@pytest.mark.fr("FR-072", "FR-073")
def test_an_event_is_recorded_once(ask: Ask) -> None:
    window = opened()
    first = ask(RECORD, input=given(window.subscription_id))
    assert "errors" not in first, first
    event = first["data"]["recordUsage"]["event"]
    assert (event["quantity"], event["properties"], first["data"]["recordUsage"]["duplicate"]) == (
        "2.5", {"region": "eu"}, False,
    )  # fmt: skip
    again = ask(RECORD, input=given(window.subscription_id, quantity="9"))
    assert again["data"]["recordUsage"] == {"duplicate": True, "event": event}
    assert UsageEvent.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"metric": "nothing"}, "metric_unknown"),
        ({"subscriptionId": "018f0000-0000-7000-8000-000000000000"}, "subscription_unknown"),
        ({"timestamp": "yesterday"}, "malformed"),
        ({"quantity": "x"}, "quantity"),
        ({"properties": {"a": {"b": 1}}}, "properties"),
        ({"idempotencyKey": ""}, "idempotency_key"),
    ],
)
def test_refusals_are_those_of_rest(ask: Ask, fields: dict[str, Any], expected: str) -> None:
    answer = ask(RECORD, input=given(opened().subscription_id, **fields))
    assert answer["data"] == {"recordUsage": None}
    assert answer["errors"][0]["extensions"]["hint"]
    assert UsageEvent.objects.count() == 0


def test_reading_is_not_writing(db: None) -> None:
    window = opened()
    for role in ("support_rep", "finance_viewer"):
        answer = asking(key_of(role))(RECORD, input=given(window.subscription_id))
        assert answer["errors"][0]["extensions"]["code"] == "forbidden"
    assert UsageEvent.objects.count() == 0


def test_many_at_once_record_one(committed_db: str) -> None:
    window, key = opened(), key_of("super_admin")
    answers: list[Any] = []

    def send() -> None:
        try:
            answers.append(asking(key)(RECORD, input=given(window.subscription_id)))
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(3)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert all("data" in answer for answer in answers), answers
    assert sorted(answer["data"]["recordUsage"]["duplicate"] for answer in answers) == [False] + [True] * 2
    assert UsageEvent.objects.count() == 1
