"""The task that the doorbell rings for: bounded in time, and safe whenever it runs."""

from typing import Any

from django.db import connection
from django.db.models import QuerySet

from apps.kernel import clock
from apps.payments import tasks
from apps.payments.actions.sweep import GIVE_UP_AFTER, sweep
from apps.payments.models import Payment
from billing_project.celery import TIMETABLE
from tests.factories.invoices import invoice
from tests.factories.payments import ACTOR, owing, run_sweep
from tests.stripe_sandbox.conftest import Sandbox


def test_it_stops_in_time_and_the_next_one_goes_on(books: str, sandbox: Sandbox) -> None:
    for _ in range(4):
        owing()
    sandbox.fault(kind="slow", operation="POST /v1/payment_intents", count=4, seconds=0.3)
    answered = run_sweep(0.5)
    assert 1 <= answered <= 2
    assert Payment.objects.filter(status="PENDING", lease_until=None).count() == 4 - answered
    assert run_sweep() == 4 - answered
    assert run_sweep() == 0


def test_calls_are_under_way_side_by_side_and_each_payment_is_charged_once(books: str, sandbox: Sandbox) -> None:
    waiting = _invoices(8)
    sandbox.fault(kind="slow", operation="POST /v1/payment_intents", seconds=0.5, count=8)
    began = clock.monotonic()
    # One by one they would take four seconds.
    assert sweep(seconds=20, actor=ACTOR, at_once=4) == 8
    assert clock.monotonic() - began < 3.5
    assert set(waiting.values_list("status", "calls")) == {("SUCCEEDED", 1)}
    assert sweep(seconds=20, actor=ACTOR, at_once=4) == 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        assert cursor.fetchone()[0] == 1


def test_a_silent_gateway_is_left_alone(books: str, sandbox: Sandbox) -> None:
    waiting = _invoices(20)
    sandbox.fault(kind="error_before", operation="POST /v1/payment_intents", count=100)
    assert sweep(seconds=20, actor=ACTOR, at_once=4) == 0
    # What was under way when the third was silent is recorded too.
    assert GIVE_UP_AFTER <= waiting.filter(calls=1).count() < GIVE_UP_AFTER + 4
    assert waiting.filter(status="PENDING", lease_until=None).count() == 20


def _invoices(count: int) -> QuerySet[Payment]:
    """The payments of so many invoices of one account, whose card is verified."""
    account, first = owing()
    run_sweep()
    for _ in range(count):
        invoice(4900, account=account)
    return Payment.objects.exclude(pk=first.pk)


def test_unknown_arguments_do_no_harm(books: str, sandbox: Sandbox) -> None:
    owing()
    assert tasks.sweep(whatever=1) == 1
    assert tasks.sweep() == 0


def test_beat_rings_though_nobody_else_does(settings: Any) -> None:
    assert TIMETABLE["payments.sweep"] <= 5
    assert tasks.sweep.name == "payments.sweep"
