"""Events as an analytics platform takes them."""

from base64 import b64decode
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from apps.events import sequencer
from apps.events.models import Event
from apps.webhooks.models import Attempt, Delivery
from tests.accounts.calls import Api, faults
from tests.factories.accounts import make_account
from tests.webhooks.endpoints import endpoint, ring
from tests.webhooks.receiver import Receiver, status

pytestmark = pytest.mark.django_db
KEY = "wk_12345"


@pytest.mark.fr("FR-121")
def test_an_event_is_a_track_call_without_what_is_redacted(receiver: Receiver, send: Callable[..., int]) -> None:
    endpoint(receiver.url, event_types=["account.*"], format="segment", secret=KEY, redact=["name", "email", "line1"])
    ring()
    account = make_account(address={"line1": "Main Street 1"}, metadata={"plan": {"name": "x", "size": 3}})
    sequencer.assign()
    send()
    [got] = receiver.got
    assert b64decode(got.headers["authorization"].removeprefix("Basic ")).decode() == f"{KEY}:"
    assert "webhook-signature" not in got.headers
    told = got.json
    event = Event.objects.get(event_type="account.created")
    assert (told["type"], told["event"], told["userId"], told["messageId"]) == (
        "track", "account.created", str(account.pk), str(event.pk),
    )  # fmt: skip
    assert told["timestamp"]
    assert told["context"]["position"] == event.position
    assert told["properties"]["currency"] == "USD"
    assert not {"name", "email", "address", "tax_id"} & set(told["properties"])
    assert told["properties"]["metadata"] == {"plan": {"size": 3}}


@pytest.mark.fr("FR-121")
def test_it_has_a_place_and_retries_of_its_own(receivers: Any, send: Callable[..., int], moved: Any) -> None:
    platform, hook = receivers(status(500)), receivers()
    sink = endpoint(platform.url, format="segment", secret=KEY)
    endpoint(hook.url)
    ring(2)
    send()
    assert [len(hook.got), Delivery.objects.filter(endpoint=sink, status="PENDING").count()] == [2, 2]
    platform.behave = status(200)
    moved.on(minutes=7)
    send()
    # Two calls at once come in either order.
    assert {UUID(got.json["messageId"]) for got in platform.got[2:]} == set(Event.objects.values_list("pk", flat=True))
    assert len(platform.got) == 4
    assert Attempt.objects.filter(endpoint=sink).count() == 4


def test_faults() -> None:
    api = Api()
    body = {"url": "https://93.184.216.34/v1/track", "format": "segment"}
    assert faults(api.post("/webhook-endpoints", body)) == {("/secret", "secret_required")}
    made = api.post("/webhook-endpoints", {**body, "secret": KEY}).json()
    refused = api.post(f"/webhook-endpoints/{made['id']}/rotate-secret")
    assert refused.json()["code"] == "secret_is_theirs"
    assert faults(api.post("/webhook-endpoints", {**body, "format": "rss"}))
    assert api.post(f"/webhook-endpoints/{uuid4()}/test").status_code == 404


def test_a_hook_is_sent_less_what_is_redacted(receiver: Receiver, send: Callable[..., int]) -> None:
    endpoint(receiver.url, redact=["email"])
    ring(email="a@b.c", kept={"email": "x", "b": [{"email": 1, "c": 2}]})
    send()
    assert receiver.got[0].json["data"]["object"] == {"number": 0, "kept": {"b": [{"c": 2}]}}
