"""One trace of a subscription, from the request over SQL, Redis, Celery and outbox to Stripe; and none when off."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from apps.kernel import tracing
from tests.observability.receiver import Span, receiving
from tests.scenarios.conftest import make_company, new_stack
from tests.scenarios.stack import wait_until

ROOT = Path(__file__).resolve().parents[2]
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SERVER, CLIENT, PRODUCER, CONSUMER = 2, 3, 4, 5
LOADED = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "billing_project.settings"
os.environ.setdefault("SECRET_KEY", "x")
import billing_project.asgi, billing_project.celery
from apps.monitoring import telemetry
telemetry.start("worker")
ours = ("opentelemetry.sdk.trace", "opentelemetry.exporter", "opentelemetry.instrumentation", "apps.monitoring.tracing")
print([name for name in sys.modules if name.startswith(ours)])
"""


def test_off_it_costs_nothing_for_nothing_is_loaded() -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    done = subprocess.run([sys.executable, "-c", LOADED], cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert tracing.traceparent() == ""
    assert tracing.ids() == {}


def found(spans: list[Span], **wanted: object) -> list[Span]:
    return [span for span in spans if all(getattr(span, name) == value for name, value in wanted.items())]


def orphans(spans: list[Span]) -> list[Span]:
    """Those whose parent is neither here nor the caller's."""
    known = {span.id for span in spans} | {"00f067aa0ba902b7"}
    return [span for span in spans if span.parent not in known]


@pytest.mark.long
@pytest.mark.fr("FR-152", "FR-149")
def test_one_trace_goes_from_the_request_to_stripe_and_through_the_outbox_and_from_its_webhook_on() -> None:
    with receiving() as receiver, new_stack(
        OTEL_EXPORTER_OTLP_ENDPOINT=receiver.url, OTEL_BSP_SCHEDULE_DELAY="200", WEB_WORKERS="1"
    ) as stack:  # fmt: skip
        company = make_company(stack.client)
        account = company.customer()
        headers = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01", "X-Request-ID": "req-of-the-trace"}
        wish = company.wish(account)
        made = stack.client.send("POST", "/v1/subscriptions?secret=hidden", wish, **headers)
        if made.status != 201:
            made = stack.client.send("POST", "/v1/subscriptions", wish, **headers)
        assert made.status == 201, made.body

        def whole() -> bool:
            spans = receiver.of(TRACE)
            return bool(
                found(spans, service="billing-web", kind=SERVER)
                and [span for span in spans if "POST" in span.name and span.service == "billing-worker"]
                and [span for span in spans if span.name.startswith("tell ")]
            )

        wait_until(whole, 60)
        spans = receiver.of(TRACE)
        [request] = [span for span in found(spans, service="billing-web", kind=SERVER)
                     if span.attributes.get("http.response.status_code", 201) == 201][:1]  # fmt: skip
        assert request.name == "POST v1/subscriptions"
        assert request.parent == "00f067aa0ba902b7"
        assert request.attributes["billing.request_id"] == "req-of-the-trace"
        # A span is sent when it ends, so its children come first.
        wait_until(lambda: not orphans(receiver.of(TRACE)), 20)
        spans = receiver.of(TRACE)
        sql = [
            span
            for span in spans
            if span.attributes.get("db.system.name", span.attributes.get("db.system")) == "postgresql"
        ]
        assert {span.service for span in sql} == {"billing-web", "billing-worker"}
        assert [span for span in spans if span.kind == PRODUCER and span.service == "billing-web"], "no task was sent"
        tasks = [span for span in spans if span.kind == CONSUMER and span.service == "billing-worker"]
        assert {"run/events.relay", "run/payments.charge"} & {span.name for span in tasks}
        assert [span for span in spans if span.name.startswith("tell ")], "the outbox lost the trace"
        redis = [
            span for span in spans if span.attributes.get("db.system.name", span.attributes.get("db.system")) == "redis"
        ]
        assert redis, "no word to Redis"
        wait_until(lambda: bool(found(receiver.spans, name="look into payment_intent.succeeded")), 30)
        [looked, *_] = found(receiver.spans, name="look into payment_intent.succeeded")
        wait_until(lambda: bool(found(receiver.of(looked.trace), service="billing-web", kind=SERVER)), 20)
        told = receiver.of(looked.trace)
        [knock] = found(told, service="billing-web", kind=SERVER)
        assert knock.name.startswith("POST stripe/webhook/")
        assert looked.attributes["billing.request_id"] == knock.attributes["billing.request_id"]
        asked = [span for span in found(told, service="billing-worker", kind=CLIENT) if span.parent == looked.id]
        assert asked, "what Stripe told was not looked into in its trace"
        everything = b"".join(receiver.raw)
        assert stack.key.encode() not in everything
        assert b"hidden" not in everything
        assert b"ada@example.com" not in everything


@pytest.mark.long
def test_a_collector_that_is_away_or_refuses_disturbs_nobody() -> None:
    with new_stack(OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:1", WEB_WORKERS="1") as stack:
        company = make_company(stack.client)
        invoice = company.subscribe(company.customer())["latest_invoice"]
        wait_until(lambda: stack.client.get(f"/v1/invoices/{invoice['id']}")["status"] == "PAID", 30)
