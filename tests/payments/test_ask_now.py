"""Somebody has a row asked about now: after a worker died, several at once, and never while a worker is at it."""

import threading
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections

from apps.kernel import clock
from apps.kernel.errors import DomainError
from apps.payments.actions import lease
from apps.payments.models import Payment
from apps.payments.queries import to_charge
from tests.factories.payments import ACTOR, owing, run_sweep
from tests.stripe_sandbox.conftest import Sandbox

pytestmark = pytest.mark.fr("B-14")


def refused(row_id: Any) -> tuple[int, str]:
    with pytest.raises(DomainError) as refusal:
        lease.ask_now(to_charge(), row_id=row_id, actor=ACTOR)
    assert refusal.value.hint
    return refusal.value.status, refusal.value.code


def test_what_a_dead_worker_held_is_charged_once(books: str, sandbox: Sandbox) -> None:
    _, payment = owing()
    held = lease.take(to_charge(), actor=ACTOR)
    assert held is not None
    assert refused(payment.pk) == (409, "work_under_way")
    assert run_sweep() == 0, "the lease holds"
    now = clock.wall()
    Payment.objects.update(lease_until=now - timedelta(seconds=1), next_call_at=now + timedelta(days=1))
    lease.ask_now(to_charge(), row_id=payment.pk, actor=ACTOR)
    assert run_sweep() == 1
    lease.put_back(held, reason="late", actor=ACTOR)
    payment.refresh_from_db()
    assert (payment.status, payment.last_error) == ("SUCCEEDED", "")
    assert len(sandbox.charges(payment_id=str(payment.pk))) == 1
    assert refused(payment.pk) == (404, "work_done")
    assert refused(uuid4()) == (404, "work_done")


def test_many_press_while_workers_are_at_it(books: str, sandbox: Sandbox) -> None:
    _, payment = owing()
    Payment.objects.update(next_call_at=clock.wall() + timedelta(days=1))
    gate, faults = threading.Barrier(5), []

    def person() -> None:
        gate.wait()
        for _ in range(5):
            try:
                lease.ask_now(to_charge(), row_id=payment.pk, actor=ACTOR)
            except DomainError as refusal:
                faults.append(refusal.code)
        connections.close_all()

    def worker() -> None:
        gate.wait()
        for _ in range(5):
            run_sweep(1)
        connections.close_all()

    threads = [threading.Thread(target=each) for each in (person, person, person, worker, worker)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run_sweep()
    payment.refresh_from_db()
    assert payment.status == "SUCCEEDED"
    assert set(faults) <= {"work_under_way", "work_done"}
    assert len(sandbox.charges(payment_id=str(payment.pk))) == 1
