"""kill -9 at the worst moments, and workers side by side: one charge a payment, and the books know it."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections

from apps.events.models import Event
from apps.invoices.models import Invoice
from apps.kernel import clock
from apps.payments.models import GatewayNotice, Payment
from tests.factories.payments import due_now, owing, run_sweep
from tests.payments.signed import deliver, endpoint
from tests.stripe_sandbox.conftest import KEY, ROOT, Sandbox

CHARGE = "POST /v1/payment_intents"


def start(url: str, sandbox: Sandbox) -> "subprocess.Popen[str]":
    told = {
        "DATABASE_URL": url, "STRIPE_API_BASE": sandbox.url, "STRIPE_SECRET_KEY": KEY, "STRIPE_TIMEOUT_SECONDS": "9",
        "STRIPE_WEBHOOK_SECRET": "whsec_" + "s" * 32,
    }  # fmt: skip
    command = [sys.executable, "-m", "tests.payments.sweeper"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ, **told})
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def kill_when(process: "subprocess.Popen[str]", happened: Callable[[], bool]) -> None:
    until = time.monotonic() + 15
    while not happened():
        assert time.monotonic() < until
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    assert process.wait(timeout=10) == -signal.SIGKILL
    process.stdout.close()  # type: ignore[union-attr]


def lapse() -> None:
    """As if the lease's time had passed."""
    assert Payment.objects.exclude(lease_until=None).update(lease_until=clock.wall() - timedelta(seconds=1)) == 1


def killed_after_the_effect(url: str, sandbox: Sandbox, payment: Payment) -> None:
    sandbox.fault(kind="timeout_after", operation=CHARGE, count=1, seconds=8)
    kill_when(start(url, sandbox), lambda: len(sandbox.charges(payment_id=str(payment.pk))) == 1)
    payment.refresh_from_db()
    assert (payment.status, payment.calls, payment.lease_until is None) == ("PENDING", 1, False)


@pytest.mark.fr("FR-062")
def test_killed_between_the_charge_and_our_record(books: str, sandbox: Sandbox) -> None:
    _, payment = owing()
    killed_after_the_effect(books, sandbox, payment)
    assert run_sweep() == 0, "the dead worker's lease still holds"
    lapse()
    assert run_sweep() == 1
    payment.refresh_from_db()
    assert payment.status == "SUCCEEDED"
    assert Invoice.objects.get(pk=payment.invoice_id).status == "PAID"
    assert len(sandbox.charges(payment_id=str(payment.pk))) == 1
    assert Event.objects.filter(event_type="invoice.paid").count() == 1


@pytest.mark.fr("FR-062")
def test_killed_before_the_charge(books: str, sandbox: Sandbox) -> None:
    _, payment = owing()
    sandbox.fault(kind="timeout_before", operation=CHARGE, count=1, seconds=8)
    held = lambda: Payment.objects.filter(pk=payment.pk, lease_until__isnull=False).exists()  # noqa: E731
    kill_when(start(books, sandbox), lambda: held() and hits(sandbox) == 1)
    assert sandbox.charges(payment_id=str(payment.pk)) == []
    lapse()
    assert run_sweep() == 1
    assert len(sandbox.charges(payment_id=str(payment.pk))) == 1
    assert Invoice.objects.get(pk=payment.invoice_id).status == "PAID"


@pytest.mark.fr("FR-061", "FR-062")
def test_the_webhook_alone_repairs(books: str, sandbox: Sandbox, client: Any, settings: Any) -> None:
    _, payment = owing()
    killed_after_the_effect(books, sandbox, payment)
    endpoint(settings)
    [charge] = sandbox.charges(payment_id=str(payment.pk))
    assert deliver(client, "payment_intent.succeeded", charge["payment_intent"]).status_code == 200
    assert run_sweep() == 1
    payment.refresh_from_db()
    assert payment.status == "SUCCEEDED"
    assert Invoice.objects.get(pk=payment.invoice_id).status == "PAID"
    assert GatewayNotice.objects.get().status == "DONE"
    assert run_sweep() == 0


@pytest.mark.fr("FR-062")
def test_workers_side_by_side_charge_each_payment_once(books: str, sandbox: Sandbox) -> None:
    payments = [owing(1000 + number)[1] for number in range(8)]
    sandbox.fault(kind="slow", operation=CHARGE, count=8, seconds=0.1)
    answered: list[int] = []

    def work() -> None:
        answered.append(run_sweep())
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(answered) == 8
    assert min(answered) > 0, "the work is shared"
    assert set(Payment.objects.values_list("status", "calls")) == {("SUCCEEDED", 1)}
    for payment in payments:
        assert len(sandbox.charges(payment_id=str(payment.pk))) == 1


@pytest.mark.fr("FR-062")
def test_a_lease_that_lapsed_under_a_slow_call(books: str, sandbox: Sandbox) -> None:
    """The first worker is only slow, not dead: both ask, the gateway charges once, the row takes one answer."""
    _, payment = owing()
    sandbox.fault(kind="slow", operation=CHARGE, count=1, seconds=0.7)

    def work() -> None:
        run_sweep(1)
        connections.close_all()

    slow = threading.Thread(target=work)
    slow.start()
    time.sleep(0.3)
    lapse()
    run_sweep(1)
    slow.join()
    due_now()
    run_sweep()
    assert len(sandbox.charges(payment_id=str(payment.pk))) == 1
    payment.refresh_from_db()
    assert payment.status == "SUCCEEDED"
    assert Event.objects.filter(event_type="payment.succeeded").count() == 1


def hits(sandbox: Sandbox) -> int:
    found = sandbox.call("GET", "/_sandbox/faults")[1]
    return sum(fault["hits"] for fault in (found["faults"] if isinstance(found, dict) else found))
