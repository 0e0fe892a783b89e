"""/v1/webhook-endpoints and resends as callers see them."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from standardwebhooks import Webhook

from apps.access.actions import create_api_key
from apps.events.models import Event
from apps.kernel import clock
from apps.kernel.actors import system
from apps.webhooks.models import Delivery, Endpoint, EndpointSecret
from tests.accounts.calls import Api, faults
from tests.webhooks.endpoints import endpoint, made, ring
from tests.webhooks.receiver import Receiver, status

pytestmark = pytest.mark.django_db
PATH = "/webhook-endpoints"
Send = Callable[..., int]


@pytest.fixture
def api(db: None) -> Api:
    return Api()


@pytest.mark.fr("FR-113")
def test_make_show_change_delete(api: Api) -> None:
    wanted = ["invoice.created", "invoice.paid", "payment.failed", "subscription.cancelled"]
    answer = api.post(PATH, {"url": "https://93.184.216.34/hooks", "event_types": wanted, "name": "CRM"})
    shown = answer.json()
    assert answer.status_code == 201, shown
    assert shown.pop("secret").startswith("whsec_")
    assert (shown["event_types"], shown["status"], shown["last_sequence"], shown["gaps"]) == (wanted, "ENABLED", 0, [])
    path = f"{PATH}/{shown['id']}"
    assert api.get(path).json() == shown
    assert api.get(PATH).json()["data"] == [shown]
    changed = api.patch(path, {"name": "ERP", "status": "DISABLED"}).json()
    assert (changed["name"], changed["status"], changed["disabled_reason"]) == ("ERP", "DISABLED", "by_hand")
    assert api.get(f"{PATH}?status=ENABLED").json()["data"] == []
    assert api.patch(path, {"status": "ENABLED"}).json()["status"] == "ENABLED"
    assert (api("delete", path).status_code, api("delete", path).status_code, api.get(path).status_code) == (
        204, 404, 404,
    )  # fmt: skip
    assert api.get(PATH).json()["data"] == []


def test_a_secret_is_shown_once_and_stored_encrypted(api: Api) -> None:
    body = {"url": "https://93.184.216.34/"}
    answer = api.post(PATH, body, Idempotency_Key="one")
    secret = answer.json()["secret"]
    again = api.post(PATH, body, Idempotency_Key="one")
    assert (again.json()["secret"], again.json()["id"]) == (None, answer.json()["id"])
    assert "secret" not in api.get(f"{PATH}/{answer.json()['id']}").json()
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM webhooks_endpointsecret")
        [(stored,)] = cursor.fetchall()
    assert secret.removeprefix("whsec_") not in stored
    assert stored.startswith("gAAAA")
    assert EndpointSecret.objects.get().secret == secret


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data", "http://10.1.2.3/", "https://192.168.0.1:8443/", "http://[::1]/",
        "http://[fe80::1]/", "http://[::ffff:10.0.0.1]/", "http://[64:ff9b::a00:1]/", "http://0.0.0.0/",
        "http://100.64.0.1/", "http://224.0.0.1/", "http://localhost/", "http://metadata.localhost/",
        "ftp://example.com/", "https://user:pw@example.com/", "https://example.com/#x", "https:///x",
        "https://exa mple.com/", "https://example.com\\@10.0.0.1/", "https://example.com:0/", "https://example.com:x/",
        "https://bücher.example/", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_what_is_not_out_in_the_world_is_refused(api: Api, settings: Any, url: str) -> None:
    settings.WEBHOOK_ALLOWED_NETWORKS = []
    answer = api.post(PATH, {"url": url})
    assert (answer.status_code, faults(answer)) == (422, {("/url", "url_refused")}), answer.json()


def test_live_mode_wants_tls(api: Api, settings: Any) -> None:
    settings.BILLING_LIVEMODE = True
    settings.ENCRYPTION_KEYS = ["GaHk3mLx6vq0Qm0d3tV2Dk0c8w1bJ1m3JrX2b0v5y9s="]
    live = make_live(api)
    assert faults(live.post(PATH, {"url": "http://93.184.216.34/"})) == {("/url", "url_refused")}


def make_live(api: Api) -> Api:
    """A caller with a key of live mode."""
    key = create_api_key(
        name="l", role="super_admin", livemode=True, rate_limit=0, at=clock.wall(), actor=system("tests")
    )[1]
    api.headers = {"Authorization": f"Bearer {key}", "X-Forwarded-Proto": "https"}
    api.client.defaults["wsgi.url_scheme"] = "https"
    return api


def test_faults(api: Api) -> None:
    wrong = api.post(
        PATH, {"url": "https://93.184.216.34/", "event_types": ["invoice.payed", "*"], "api_version": "1999-01-01"}
    )
    assert faults(wrong) == {("/event_types/0", "event_type_unknown"), ("/api_version", "api_version_unknown")}
    types = api.post(PATH, {"url": 3, "event_types": "x", "concurrency": 51, "owner_email": "x", "colour": "red"})
    assert {pointer for pointer, _ in faults(types)} == {
        "/url", "/event_types", "/concurrency", "/owner_email", "/colour",
    }  # fmt: skip
    assert faults(api.post(PATH, {"url": "https://93.184.216.34/", "event_types": []})) == {
        ("/event_types", "event_types_number")
    }
    assert faults(api.post(PATH, {"url": "https://93.184.216.34/", "secret": "x"})) == {("/secret", "secret_not_taken")}
    assert api.post(PATH, "{").status_code == 400
    assert api.post(PATH, "x" * 2_000_000).status_code == 413
    assert not Endpoint.objects.exists()


@pytest.mark.parametrize(
    ("role", "read", "written"),
    [("billing_admin", 200, 201), ("support_rep", 200, 403), ("finance_viewer", 403, 403), (None, 401, 401)],
)
def test_who_may(role: str | None, read: int, written: int) -> None:
    caller = Api(role)
    answers = caller.get(PATH), caller.post(PATH, {"url": "https://93.184.216.34/"})
    assert tuple(answer.status_code for answer in answers) == (read, written)


@pytest.mark.fr("FR-110")
def test_rotate(api: Api, receiver: Receiver, send: Send) -> None:
    target, old = made(receiver.url)
    path = f"{PATH}/{target.pk}/rotate-secret"
    new = api.post(path).json()["secret"]
    ring()
    send()
    for secret in (old, new):
        Webhook(secret).verify(receiver.got[0].body, receiver.got[0].headers)
    for _ in range(3):
        assert api.post(path, {"overlap_hours": 1}).status_code == 200
    assert api.post(path, {"overlap_hours": 1}).json()["code"] == "too_many_secrets"
    assert api.post(path, {"overlap_hours": 0}).status_code == 200
    assert EndpointSecret.objects.filter(expires_at=None).count() == 1
    assert api.post(path, {"overlap_hours": 169}).status_code == 422
    assert api.post(f"{PATH}/{uuid4()}/rotate-secret").status_code == 404


def test_a_test_is_sent_at_once(api: Api, receiver: Receiver) -> None:
    target, secret = made(receiver.url)
    receiver.behave = status(202, b"thanks")
    shown = api.post(f"{PATH}/{target.pk}/test").json()
    assert (shown["outcome"], shown["status_code"], shown["response"]) == ("delivered", 202, "thanks")
    assert (
        Webhook(secret).verify(receiver.got[0].body, receiver.got[0].headers)["event_type"] == "webhook_endpoint.test"
    )
    receiver.close()
    assert api.post(f"{PATH}/{target.pk}/test").json()["outcome"] == "unreachable"
    assert not Delivery.objects.exists()
    assert api.post(f"{PATH}/{uuid4()}/test").status_code == 404


@pytest.mark.fr("FR-112")
def test_the_log_shows_each_attempt(api: Api, receiver: Receiver, send: Send, moved: Any) -> None:
    target = endpoint(receiver.url)
    receiver.behave = status(503, b"busy")
    ring(2)
    send()
    receiver.behave = status(200, b"ok")
    moved.on(hours=1)
    send()
    page = api.get(f"{PATH}/{target.pk}/deliveries?limit=1").json()
    assert page["has_more"]
    [shown] = page["data"]
    assert (shown["sequence"], shown["status"], shown["attempt_count"]) == (2, "DELIVERED", 2)
    assert [(each["status_code"], each["response"]) for each in shown["attempts"]] == [(200, "ok"), (503, "busy")]
    [before] = api.get(f"{PATH}/{target.pk}/deliveries?cursor={page['next_cursor']}").json()["data"]
    assert before["sequence"] == 1
    assert api.get(f"{PATH}/{target.pk}/deliveries?status=FAILED").json()["data"] == []
    found = api.get(f"{PATH}/{target.pk}/deliveries?event_id={shown['event_id']}").json()["data"]
    assert [each["id"] for each in found] == [shown["id"]]
    assert api.get(f"{PATH}/{uuid4()}/deliveries").status_code == 404


def test_a_page_of_the_log_asks_as_many_questions_as_one_line(
    api: Api, receiver: Receiver, send: Send, django_assert_num_queries: Any
) -> None:
    target = endpoint(receiver.url)
    ring(30)
    send()
    api.get(f"{PATH}/{target.pk}/deliveries?limit=1")
    for limit in (1, 30):
        with django_assert_num_queries(4):
            assert len(api.get(f"{PATH}/{target.pk}/deliveries?limit={limit}").json()["data"]) == limit


@pytest.mark.fr("FR-116")
def test_one_event_is_sent_again(api: Api, receivers: Callable[..., Receiver], send: Send) -> None:
    one, other, late = receivers(), receivers(), receivers()
    first = endpoint(one.url)
    endpoint(other.url)
    [event_id] = ring()
    send()
    joined = endpoint(late.url)
    answer = api.post(f"/events/{event_id}/resend", {"endpoint_id": str(first.pk)})
    assert answer.status_code == 202, answer.content
    send()
    assert [len(each.got) for each in (one, other, late)] == [2, 1, 0]
    assert one.got[0].headers["webhook-id"] == one.got[1].headers["webhook-id"]
    assert one.numbers == [1, 1]
    assert len(api.post(f"/events/{event_id}/resend").json()["data"]) == 3
    send()
    assert [len(each.got) for each in (one, other, late)] == [3, 2, 1]
    assert late.numbers == [1]
    assert joined.pk
    assert api.post(f"/events/{uuid4()}/resend").status_code == 404
    assert api.post(f"/events/{event_id}/resend", {"endpoint_id": str(uuid4())}).status_code == 404


@pytest.mark.fr("FR-116", "B-10")
def test_everything_since_is_sent_again(api: Api, receiver: Receiver, send: Send) -> None:
    target = endpoint(receiver.url)
    ring(5)
    send()
    position = Event.objects.get(position=2).position
    path = f"{PATH}/{target.pk}/resend"
    answer = api.post(path, {"after": position})
    assert (answer.status_code, answer.json()["done_at"]) == (202, None)
    send()
    assert sorted(receiver.numbers[5:]) == [3, 4, 5]
    since = (clock.wall() - timedelta(hours=1)).isoformat()
    api.post(path, {"since": since})
    send()
    assert sorted(receiver.numbers[8:]) == [1, 2, 3, 4, 5]
    api.post(path, {"since": since, "scope": "failed"})
    assert send() == 0
    api.post(path, {"since": (clock.wall() + timedelta(hours=1)).isoformat()})
    assert send() == 0
    for body in ({}, {"after": 0, "since": since}, {"after": -1}):
        assert api.post(path, body).status_code == 422, body
    api.patch(f"{PATH}/{target.pk}", {"status": "DISABLED"})
    assert api.post(path, {"after": 0}).json()["code"] == "endpoint_not_enabled"


def test_a_stale_change_is_refused(api: Api) -> None:
    target = endpoint("https://93.184.216.34/")
    path = f"{PATH}/{target.pk}"
    etag = api.get(path).headers["ETag"]
    assert api.patch(path, {"name": "a"}, If_Match=etag).status_code == 200
    assert api.patch(path, {"name": "b"}, If_Match=etag).status_code == 412
    assert json.loads(api.get(path).content)["name"] == "a"
