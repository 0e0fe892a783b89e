"""The task that the doorbell rings for: bounded in time, and safe whenever it runs."""

from typing import Any

from apps.payments import tasks
from apps.payments.models import Payment
from billing_project.celery import TIMETABLE
from tests.factories.payments import owing, run_sweep
from tests.stripe_sandbox.conftest import Sandbox


def test_it_stops_in_time_and_the_next_one_goes_on(books: str, sandbox: Sandbox) -> None:
    for _ in range(4):
        owing()
    sandbox.fault(kind="slow", operation="POST /v1/payment_intents", count=4, seconds=0.3)
    assert run_sweep(0.5) == 2
    assert Payment.objects.filter(status="PENDING", lease_until=None).count() == 2
    assert run_sweep() == 2
    assert run_sweep() == 0


def test_unknown_arguments_do_no_harm(books: str, sandbox: Sandbox) -> None:
    owing()
    assert tasks.sweep(whatever=1) == 1
    assert tasks.sweep() == 0


def test_beat_rings_though_nobody_else_does(settings: Any) -> None:
    assert TIMETABLE["payments.sweep"] <= 5
    assert tasks.sweep.name == "payments.sweep"
