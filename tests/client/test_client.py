"""The Python client: as the document says, against the real API, and with everything that can go wrong between."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from billing_client import ApiError, AsyncBilling, ConnectionFailed, Gaps, UsageBatcher, WebhookRefused, verify
from billing_client.client import time as client_time
from standardwebhooks import Webhook

from apps.webhooks.rules.signature import key as secret_key
from apps.webhooks.rules.signature import new_secret, signed
from tests.client.conftest import ROOT

Answering = Callable[..., Any]


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_time, "sleep", lambda seconds: None)


@pytest.mark.fr("FR-122")
def test_it_is_as_the_document_says() -> None:
    done = subprocess.run(
        [sys.executable, "clients/python/generate.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_an_account_is_made_found_changed(billing: Any) -> None:
    made = billing.accounts.create({"email": "ada@example.com", "name": "Ada", "external_key": "crm-1"})
    assert billing.accounts.get(made["id"]) == made
    assert billing.accounts.update(made["id"], {"name": "Countess"}, if_match="v-1")["name"] == "Countess"
    with pytest.raises(ApiError) as stale:
        billing.accounts.update(made["id"], {"name": "x"}, if_match="v-1")
    assert stale.value.status == 412
    for number in range(4):
        billing.accounts.create({"email": "b@example.com", "name": f"B{number}"})
    assert len(list(billing.accounts.all(limit=2))) == 5
    assert [each["id"] for each in billing.accounts.list(external_key="crm-1")["data"]] == [made["id"]]


def test_a_refusal_says_all(billing: Any) -> None:
    with pytest.raises(ApiError) as refused:
        billing.accounts.create({"email": "nobody", "name": 3, "shoe": 1})
    error = refused.value
    assert (error.status, error.code) == (422, "invalid")
    assert {fault["pointer"] for fault in error.errors} == {"/email", "/name", "/shoe"}
    assert error.hint in str(error)
    assert error.request_id


def test_what_is_repeated_happens_once(billing: Any) -> None:
    body = {"email": "ada@example.com", "name": "Ada"}
    first = billing.accounts.create(body, idempotency_key="one")
    assert billing.accounts.create(body, idempotency_key="one")["id"] == first["id"]
    assert len(list(billing.accounts.all())) == 1


def test_a_call_is_repeated_under_its_key_until_it_is_answered(answering: Answering) -> None:
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["Idempotency-Key"])
        if len(seen) == 1:
            raise httpx.ReadError("reset")
        if len(seen) == 2:
            return httpx.Response(503, headers={"Retry-After": "2"}, json={"code": "unavailable"})
        if len(seen) == 3:
            return httpx.Response(409, json={"code": "request_in_progress"})
        return httpx.Response(201, json={"id": "a"})

    assert answering(answer).accounts.create({"email": "a@b.c", "name": "A"}) == {"id": "a"}
    assert len(seen) == 4
    assert len(set(seen)) == 1


def test_what_cannot_help_is_not_repeated(answering: Answering) -> None:
    calls: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        calls.append(request)
        return httpx.Response(409, json={"code": "already_exists"})

    with pytest.raises(ApiError):
        answering(answer).accounts.create({"email": "a@b.c", "name": "A"})
    assert len(calls) == 1


def test_it_gives_up_and_names_the_key(answering: Answering) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    with pytest.raises(ConnectionFailed) as failed:
        answering(answer, retries=2).accounts.create({"email": "a@b.c", "name": "A"}, idempotency_key="k")
    assert failed.value.idempotency_key == "k"
    with pytest.raises(ApiError, match="500"):
        answering(lambda request: httpx.Response(500, text="<html>"), retries=1).accounts.list()


def test_what_it_sends(answering: Answering) -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(204)

    client = answering(answer)
    client.subscriptions.get("s", expand=["plan", "latest_invoice"])
    client.accounts.get_statement("a", from_="2026-01-01")
    client.accounts.list(metadata={"tier": "gold", "vip": True})
    client.subscriptions.cancel("s", {"at_period_end": True}, wait=5, if_match="p-1")
    assert [str(each.url.raw_path.decode()) for each in seen] == [
        "/v1/subscriptions/s?expand=plan%2Clatest_invoice", "/v1/accounts/a/statement?from=2026-01-01",
        "/v1/accounts?metadata%5Btier%5D=gold&metadata%5Bvip%5D=true",
        "/v1/subscriptions/s/cancel",
    ]  # fmt: skip
    last = seen[-1]
    assert (last.headers["Prefer"], last.headers["If-Match"], json.loads(last.content)) == (
        "wait=5", '"p-1"', {"at_period_end": True},
    )  # fmt: skip
    assert last.headers["Authorization"] == "Bearer bk_test_x"


def test_the_async_client_does_the_same() -> None:
    pages = [{"data": [{"id": 1}, {"id": 2}], "next_cursor": "c"}, {"data": [{"id": 3}], "next_cursor": None}]

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=pages["cursor" in str(request.url)])

    async def walk() -> list[int]:
        async with AsyncBilling("k", "http://api", transport=httpx.MockTransport(answer)) as client:
            return [each["id"] async for each in client.accounts.all()]

    assert asyncio.run(walk()) == [1, 2, 3]


def test_usage_goes_in_batches_each_event_once(answering: Answering) -> None:
    kept: dict[str, Any] = {}
    sizes: list[int] = []

    def answer(request: httpx.Request) -> httpx.Response:
        events = json.loads(request.content)
        sizes.append(len(events))
        if len(sizes) == 2:
            return httpx.Response(500, json={"code": "internal"})
        known = [each for each in events if each["idempotency_key"] in kept]
        kept.update({each["idempotency_key"]: each for each in events if each["metric"] != "bad"})
        errors = [{"index": at, "code": "x", "detail": ""} for at, each in enumerate(events) if each["metric"] == "bad"]
        taken = len(events) - len(known) - len(errors)
        body = {"accepted": taken, "duplicates": len(known), "rejected": len(errors), "errors": errors}
        return httpx.Response(200, json=body)

    refused: list[Any] = []
    with UsageBatcher(
        answering(answer), size=10, seconds=3600, refused=lambda event, fault: refused.append(event)
    ) as usage:
        for number in range(25):
            usage.add(subscription_id="s", metric="calls" if number else "bad", quantity=str(number))
    assert len(kept) == 24
    assert max(sizes) <= 10
    assert [event["metric"] for event in refused] == ["bad"]


def test_the_verifier_agrees_with_the_public_library() -> None:
    secret, other = new_secret(), new_secret()
    body, now = b'{"event_type": "invoice.paid", "sequence": 7}', int(time.time())
    headers = dict(signed([secret_key(other), secret_key(secret)], message_id="m", timestamp=now, body=body))
    assert verify(body, headers, secret) == Webhook(secret).verify(body, headers)
    assert verify(body.decode(), {name.title(): value for name, value in headers.items()}, [new_secret(), other])
    for wrong in (
        (body + b" ", headers, secret), (body, headers, new_secret()), (body, {}, secret),
        (body, {**headers, "webhook-timestamp": str(now - 301)}, secret),
        (body, {**headers, "webhook-id": "n"}, secret), (body, {**headers, "webhook-signature": ""}, secret),
        (body, {**headers, "webhook-timestamp": "soon"}, secret),
    ):  # fmt: skip
        with pytest.raises(WebhookRefused):
            verify(*wrong)


@pytest.mark.fr("B-10")
def test_the_alarm_rings_for_a_number_that_does_not_come() -> None:
    gaps = Gaps(patience=3)
    assert [gaps.saw(number) for number in (2, 1, 4, 3)] == [[], [], [], []]
    assert gaps.through == 4
    assert [gaps.saw(number) for number in (6, 7)] == [[], []]
    assert gaps.saw(8) == [5]
    assert gaps.saw(9) == [5]
    assert gaps.saw(5) == []
    assert (gaps.through, gaps.ahead) == (9, set())
    assert Gaps(through=9, ahead={11}, patience=1).saw(12) == [10]
