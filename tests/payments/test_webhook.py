"""Webhooks in: only what Stripe signed is heard, once, and nothing is believed before it is fetched."""

import json
import os
import socket
import subprocess
import sys
import time
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test import Client
from django.urls import include, path
from djstripe.models import WebhookEndpoint, WebhookEventTrigger

from apps.audit.models import Entry
from apps.events.models import Event
from apps.invoices.models import Invoice
from apps.payments.models import GatewayNotice, Payment
from apps.payments.webhook import StripeWebhookView
from tests.factories.payments import owing, run_sweep
from tests.payments.signed import SECRET, deliver, endpoint, event, send, signature
from tests.stripe_sandbox.conftest import KEY, ROOT, Sandbox

urlpatterns = [
    path("stripe/webhook/<uuid:uuid>", StripeWebhookView.as_view()),
    path("", include("billing_project.urls")),
]


@pytest.fixture(autouse=True)
def _door(settings: Any) -> None:
    settings.ROOT_URLCONF = __name__


@pytest.fixture
def door(settings: Any, db: None) -> None:
    endpoint(settings)


def handled() -> list[Any]:
    return list(GatewayNotice.objects.order_by("pk").values_list("status", "last_error"))


@pytest.mark.fr("FR-061")
def test_a_bad_signature_is_refused(door: None, client: Any) -> None:
    body = json.dumps(event("payment_intent.succeeded", "pi_1")).encode()
    refused = [
        None,
        "",
        "t=1,v1=0",
        signature(body, secret="whsec_other"),
        signature(body, at=time.time() - 400),
        signature(body + b" "),
    ]
    for signed in refused:
        assert send(client, body, signed).status_code == 400
    assert GatewayNotice.objects.count() == WebhookEventTrigger.objects.count() == 0


@pytest.mark.parametrize("table", ["djstripe_webhookendpoint", "payments_gatewaynotice"])
def test_without_a_database_stripe_is_asked_to_come_again(door: None, table: str) -> None:
    """At the first statement as in the middle; and no token against forgery is asked of Stripe."""

    def away(execute: Any, sql: str, *rest: Any) -> Any:
        if table in sql:
            raise OperationalError("server closed the connection unexpectedly")
        return execute(sql, *rest)

    client = Client(enforce_csrf_checks=True)
    with connection.execute_wrapper(away):
        answer = deliver(client, "payment_intent.succeeded", "pi_1")
    assert (answer.status_code, answer.json()["code"], answer.headers["Retry-After"]) == (503, "unavailable", "1")
    assert deliver(client, "payment_intent.succeeded", "pi_1").status_code == 200
    assert GatewayNotice.objects.count() == 1


def test_without_a_secret_nothing_is_heard(door: None, client: Any, settings: Any) -> None:
    """Nor what was signed with the empty one, which anybody can do."""
    WebhookEndpoint.objects.update(secret="")
    body = json.dumps(event("payment_intent.succeeded", "pi_1")).encode()
    assert send(client, body, signature(body, secret="")).status_code == 400
    settings.STRIPE_WEBHOOK_SECRET = ""
    WebhookEndpoint.objects.all().delete()
    call_command("connect_stripe")
    assert not WebhookEndpoint.objects.exists()


@pytest.mark.parametrize("body", [b"null", b"[]", b"7", b"{", b"\xff", b"", b'{"id": "a\x00b"}'])
def test_a_body_that_says_nothing(door: None, client: Any, body: bytes) -> None:
    assert send(client, body, signature(body) if b"\xff" not in body else "t=1,v1=1").status_code == 400
    assert send(client, body, "t=1,v1=1").status_code == 400
    assert GatewayNotice.objects.count() == 0


@pytest.mark.parametrize(
    "change",
    [{"data": None}, {"data": {"object": []}}, {"type": 5}, {"livemode": True}, {"type": "payment_intent.created"}],
)
def test_signed_and_of_no_use_to_us(door: None, client: Any, change: dict[str, Any]) -> None:
    body = json.dumps({**event("payment_intent.succeeded", "pi_1"), **change}).encode()
    assert send(client, body, signature(body)).status_code == 200
    assert GatewayNotice.objects.count() == 0
    assert WebhookEventTrigger.objects.get().valid


@pytest.mark.fr("FR-061")
def test_kept_once_however_often_it_comes(door: None, client: Any) -> None:
    for _ in range(3):
        assert deliver(client, "payment_intent.succeeded", "pi_1", event_id="evt_same").status_code == 200
    assert GatewayNotice.objects.count() == 1


def test_the_door_asks_nobody(door: None, client: Any, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It answers at once: the database alone, no call to Stripe, whatever the gateway's state."""
    calls: list[Any] = []
    real = socket.create_connection
    monkeypatch.setattr(socket, "create_connection", lambda *a, **k: calls.append(a) or real(*a, **k))
    settings.STRIPE_API_BASE = settings.STRIPE_API_HOST = "http://127.0.0.1:1"
    began = time.monotonic()
    assert deliver(client, "payment_intent.succeeded", "pi_1").status_code == 200
    assert time.monotonic() - began < 1
    assert calls == []


@pytest.mark.fr("FR-061")
def test_disorder_and_repetition_change_nothing(books: str, sandbox: Sandbox, client: Any, settings: Any) -> None:
    _, payment = owing()
    endpoint(settings)
    run_sweep()
    payment.refresh_from_db()
    events = Event.objects.count()
    for told in ("succeeded", "payment_failed", "created", "succeeded", "canceled", "processing"):
        assert deliver(client, f"payment_intent.{told}", payment.gateway_transaction_id).status_code == 200
    run_sweep()
    assert handled() == [("DONE", "")] * 4
    before = payment.version
    payment.refresh_from_db()
    assert (payment.status, payment.version, Event.objects.count()) == ("SUCCEEDED", before, events)


@pytest.mark.fr("FR-061")
def test_a_lie_is_looked_into(books: str, sandbox: Sandbox, client: Any, settings: Any) -> None:
    """A charge that declined stays declined, though a (validly signed) body claims the money is there."""
    _, payment = owing()
    endpoint(settings)
    body = {"payment_method": payment.payment_method.gateway_id, "outcome": "insufficient_funds"}
    sandbox.call("POST", "/_sandbox/payment_methods", body)
    run_sweep()
    payment.refresh_from_db()
    claims = {"status": "succeeded", "amount_received": 4900, "metadata": {"payment_id": str(payment.pk)}}
    deliver(client, "payment_intent.succeeded", payment.gateway_transaction_id, **claims)
    deliver(client, "payment_intent.succeeded", "pi_never", **claims)
    run_sweep()
    payment.refresh_from_db()
    assert payment.status == "FAILED"
    assert Invoice.objects.get(pk=payment.invoice_id).status == "OPEN"
    assert handled()[0] == ("DONE", "")
    assert handled()[1][1].startswith("not at the gateway")


@pytest.mark.parametrize("metadata", [{}, {"payment_id": str(uuid4())}, {"payment_id": "nonsense"}])
def test_a_charge_that_is_not_ours(
    books: str, sandbox: Sandbox, client: Any, settings: Any, metadata: dict[str, str]
) -> None:
    account, _ = owing()
    run_sweep()
    endpoint(settings)
    made = charge_by_hand(sandbox, account, 700, metadata)
    deliver(client, "payment_intent.succeeded", made.id)
    run_sweep()
    assert handled() == [("DONE", "not a charge of ours")]


def test_a_charge_of_another_amount_is_not_taken(books: str, sandbox: Sandbox, client: Any, settings: Any) -> None:
    account, payment = owing(4900)
    endpoint(settings)
    Payment.objects.update(next_call_at=None)
    made = charge_by_hand(sandbox, account, 51, {"payment_id": str(payment.pk)})
    deliver(client, "payment_intent.succeeded", made.id)
    run_sweep()
    payment.refresh_from_db()
    assert payment.status == "PENDING"
    assert handled() == [("DONE", "charged 51 USD, not 4900 USD: see to it by hand")]


@pytest.mark.fr("FR-149")
def test_what_follows_carries_the_id_of_the_call_that_told(
    books: str, sandbox: Sandbox, client: Any, settings: Any
) -> None:
    account, payment = owing(4900)
    endpoint(settings)
    Payment.objects.update(next_call_at=None)
    made = charge_by_hand(sandbox, account, 4900, {"payment_id": str(payment.pk)})
    answer = deliver(client, "payment_intent.succeeded", made.id)
    run_sweep()
    assert handled() == [("DONE", "")]
    changed = Entry.objects.filter(table_name="payments_payment", row_id=payment.pk).latest("id")
    assert changed.after["status"] == "SUCCEEDED"
    assert changed.correlation == answer.headers["X-Request-ID"] != ""


def test_a_second_charge_of_one_payment_is_seen(books: str, sandbox: Sandbox, client: Any, settings: Any) -> None:
    account, payment = owing(4900)
    endpoint(settings)
    run_sweep()
    made = charge_by_hand(sandbox, account, 4900, {"payment_id": str(payment.pk)})
    deliver(client, "payment_intent.succeeded", made.id)
    run_sweep()
    [(status, remark)] = handled()
    assert (status, remark) == ("DONE", f"charged as {made.id}, though the payment had ended: see to it by hand")


@pytest.mark.fr("FR-061")
def test_a_notice_waits_while_the_gateway_is_silent(books: str, sandbox: Sandbox, client: Any, settings: Any) -> None:
    _, payment = owing()
    endpoint(settings)
    run_sweep()
    payment.refresh_from_db()
    deliver(client, "payment_intent.succeeded", payment.gateway_transaction_id)
    sandbox.fault(kind="error_before", operation="GET /v1/payment_intents/*", count=1)
    assert run_sweep() == 0
    notice = GatewayNotice.objects.get()
    assert (notice.status, notice.calls, notice.lease_until) == ("PENDING", 1, None)
    GatewayNotice.objects.update(next_call_at=notice.created_at)
    assert run_sweep() == 1
    assert handled() == [("DONE", "")]


def charge_by_hand(sandbox: Sandbox, account: Any, amount: int, metadata: dict[str, str]) -> Any:
    client, customer = sandbox.client(), account.gateway_customer.gateway_id
    card = account.payment_methods.get().gateway_id
    asked = {
        "amount": amount, "currency": "usd", "customer": customer, "payment_method": card, "confirm": True,
        "off_session": True, "metadata": metadata,
    }  # fmt: skip
    return client.v1.payment_intents.create(asked)


@pytest.mark.fr("FR-058", "FR-061")
def test_from_the_sandbox_to_a_live_server(books: str, sandbox: Sandbox, settings: Any) -> None:
    """The real sender and the real receiver, over a socket: what the gateway says reaches the notices."""
    endpoint(settings)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    told = {
        "DATABASE_URL": books,
        "STRIPE_WEBHOOK_SECRET": SECRET,
        "STRIPE_SECRET_KEY": KEY,
        "STRIPE_API_BASE": sandbox.url,
    }
    command = [sys.executable, "manage.py", "runserver", "--noreload", f"127.0.0.1:{port}"]
    log = subprocess.DEVNULL
    server = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **told}, stdout=log, stderr=log)
    try:
        until = time.monotonic() + 20
        while not listens(port):
            assert time.monotonic() < until
            time.sleep(0.05)
        url = f"http://127.0.0.1:{port}/stripe/webhook/{settings.STRIPE_WEBHOOK_UUID}"
        made = sandbox.client().v1.webhook_endpoints.create({"url": url, "enabled_events": ["*"]})
        from_sandbox(made.secret)
        owing()
        run_sweep()
        while not GatewayNotice.objects.exists():
            assert time.monotonic() < until
            time.sleep(0.05)
        sandbox.client().v1.webhook_endpoints.delete(made.id)
    finally:
        server.terminate()
        server.wait(timeout=10)
    run_sweep()
    assert handled() == [("DONE", "")]


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def from_sandbox(secret: str) -> None:
    """dj-stripe verifies with the secret that the sender made."""
    WebhookEndpoint.objects.update(secret=secret)
