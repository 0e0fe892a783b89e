"""The section `webhooks` of the document: every type of event that is sent and no other, each as it is really sent."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from apps.events.declare import declared
from apps.events.models import Event
from apps.webhooks import openapi
from apps.webhooks.actions.try_out import TYPE
from apps.webhooks.payload import Told, body
from apps.webhooks.rules.signature import signed
from tests.api.conftest import EXAMPLES, Known
from tests.api.test_document import COMMITTED

WEBHOOKS = COMMITTED["webhooks"]
Call = Callable[..., Any]


def faults(message: dict[str, Any]) -> list[str]:
    """What of a message is not as the document says of its type."""
    [content] = WEBHOOKS[message["event_type"]]["post"]["requestBody"]["content"].values()
    whole = {**content["schema"], "components": COMMITTED["components"]}
    found = Draft202012Validator(whole, format_checker=FormatChecker()).iter_errors(message)
    return [f"{message['event_type']} {list(fault.absolute_path)}: {fault.message}" for fault in found]


def sent(event: Event) -> dict[str, Any]:
    """An event as an endpoint would be sent it."""
    told = Told(
        event_id=event.pk, event_type=event.event_type, version=event.version, created_at=event.created_at,
        effective_at=event.effective_at, position=1, account_id=event.account_id, sequence=1,
        data=json.dumps(event.data),
    )  # fmt: skip
    message: dict[str, Any] = json.loads(body(told, format="event", api_version="2026-11-01", redact=()))
    return message


@pytest.mark.fr("FR-130")
def test_every_type_of_the_code_is_in_the_document_and_no_other() -> None:
    ours = {name for name, kind in declared().items() if kind.__module__.startswith("apps.")}
    assert set(WEBHOOKS) == ours | {TYPE}
    for name, methods in WEBHOOKS.items():
        operation = methods["post"]
        assert len(operation["summary"]) > 10, name
        assert {"2XX", "410", "429", "default"} == set(operation["responses"])
        required = {each["name"] for each in operation["parameters"] if each["required"]}
        assert required == set(signed([b"k"], message_id="m", timestamp=1, body=b""))


def test_no_object_stands_there_for_a_type_that_is_not_sent() -> None:
    nouns = {name.partition(".")[0] for name in WEBHOOKS}
    assert {name for name in openapi.OBJECTS if name not in WEBHOOKS} <= nouns


@pytest.mark.fr("FR-130")
def test_what_is_really_sent_is_as_documented(call: Call, known: Known) -> None:
    plan = call("POST", "/v1/plans", {**EXAMPLES["POST /v1/plans"], "key": "another"}).json()
    made = call("POST", "/v1/subscriptions", {**known.body, "plan_id": plan["id"], "trial_days": 0})
    assert made.status_code == 201, made.content
    subscription = made.json()["url"]
    for verb in ("pause", "resume", "cancel"):
        answer = call("POST", f"{subscription}/{verb}", {} if verb != "cancel" else {"at_period_end": False})
        assert answer.status_code == 200, answer.content
    methods = f"/v1/accounts/{known.account}/payment-methods"
    second = call("POST", methods, {"payment_method_token": "pm_card_mastercard"}).json()
    assert call("DELETE", second["url"]).status_code == 204
    assert call("DELETE", plan["url"]).status_code == 204
    hook = f"/v1/webhook-endpoints/{known.others['/v1/webhook-endpoints']}"
    assert call("PATCH", hook, {"status": "DISABLED"}).status_code == 200
    told = [sent(event) for event in Event.objects.order_by("pk")]
    assert [fault for message in told for fault in faults(message)] == []
    assert {
        "account.created", "credit.created", "credit_note.created", "invoice.created", "payment.succeeded",
        "payment.refunded", "payment_method.attached", "payment_method.detached", "plan.created", "plan.deleted",
        "subscription.created", "subscription.paused", "subscription.resumed", "subscription.cancelled",
        "webhook_endpoint.disabled",
    } <= {message["event_type"] for message in told}  # fmt: skip


def test_a_message_that_is_not_as_documented_is_seen(known: Known) -> None:
    message = sent(Event.objects.filter(event_type="invoice.created").latest("pk"))
    assert faults(message) == []
    assert faults({**message, "sequence": "1"})
    assert faults({**message, "data": {**message["data"], "object": {**message["data"]["object"], "status": "NEW"}}})
    assert faults({**message, "data": {"object": message["data"]["object"]}})
