"""Taking rows: by index however many payments there are, and in turn."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.kernel import clock
from apps.payments.actions import lease
from apps.payments.gateway import GatewayUnavailable
from apps.payments.models import Payment
from apps.payments.queries import to_charge
from apps.payments.rules import LEASE
from tests.factories.invoices import draft, issued, payer
from tests.factories.payments import ACTOR, known_method

pytestmark = pytest.mark.django_db

PAST = """
INSERT INTO payments_payment (id, created_at, updated_at, version, invoice_id, account_id, payment_method_id, amount,
    amount_refunded, currency, status, method, attempt, failure_code, failure_message, calls, next_call_at, last_error)
SELECT gen_random_uuid(), now(), now(), 1, invoice_id, account_id, payment_method_id, amount, 0, currency, 'FAILED',
    method, 1, '', '', 1, %s, '' FROM payments_payment, generate_series(1, %s) LIMIT %s
"""


def waiting(number: int) -> list[Payment]:
    account = payer()
    known_method(account)
    issued([draft(account) for _ in range(number)])
    return list(Payment.objects.order_by("next_call_at"))


def test_a_row_is_found_by_index_among_many() -> None:
    waiting(100)
    with connection.cursor() as cursor:
        cursor.execute(PAST, [clock.wall() - timedelta(days=1), 300, 20_000])
        cursor.execute("ANALYZE payments_payment")
    with CaptureQueriesContext(connection) as captured:
        assert lease.take(to_charge(), actor=ACTOR) is not None
    [taken] = [each["sql"] for each in captured if "SKIP LOCKED" in each["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {taken}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "payments_to_call" in plan, plan
    # What it is asked by are rows of a few, here.
    assert "Seq Scan on payments_payment " not in plan, plan


def test_whoever_waits_longest_comes_first_and_nobody_twice() -> None:
    payments = waiting(3)
    for number, payment in enumerate(reversed(payments)):
        Payment.objects.filter(pk=payment.pk).update(next_call_at=clock.wall() - timedelta(minutes=number + 1))
    taken = [lease.take(to_charge(), actor=ACTOR) for _ in range(4)]
    assert [row and row.pk for row in taken] == [*(payment.pk for payment in payments), None]
    held = Payment.objects.get(pk=payments[0].pk)
    assert (held.calls, held.lease_token) == (1, taken[0].lease_token)
    assert clock.wall() < held.lease_until <= clock.wall() + LEASE


def test_a_lapsed_lease_is_taken_and_its_old_holder_changes_nothing() -> None:
    [payment] = waiting(1)
    old = lease.take(to_charge(), actor=ACTOR)
    assert lease.take(to_charge(), actor=ACTOR) is None
    Payment.objects.update(lease_until=clock.wall() - timedelta(seconds=1))
    new = lease.take(to_charge(), actor=ACTOR)
    lease.put_back(old, reason="late", actor=ACTOR)
    payment.refresh_from_db()
    assert (payment.lease_token, payment.last_error, payment.calls) == (new.lease_token, "", 2)


@pytest.mark.parametrize("error", [GatewayUnavailable("busy"), ZeroDivisionError("ours")])
def test_what_goes_wrong_delays_this_row_alone(error: Exception) -> None:
    bad, good = waiting(2)
    Payment.objects.filter(pk=bad.pk).update(next_call_at=clock.wall() - timedelta(hours=1))

    def ask(row: Any) -> None:
        if row.pk == bad.pk:
            raise error

    assert [lease.turn(to_charge(), ask, actor=ACTOR) for _ in range(3)] == [
        lease.Turn.UNANSWERED,
        lease.Turn.DONE,
        lease.Turn.IDLE,
    ]
    bad.refresh_from_db()
    assert (bad.status, bad.lease_until) == ("PENDING", None)
    assert bad.next_call_at > clock.wall()
    assert bad.last_error
    good.refresh_from_db()
    assert good.last_error == ""
