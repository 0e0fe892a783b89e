"""Numbers without gaps or duplicates under runs at the same time, one of which fails in the end."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID, uuid4

import pytest
from django.db import connections

from apps.invoices.actions.issue import issue
from apps.invoices.actions.settle import record_payment
from apps.invoices.models import Invoice, Line, NumberSeries, Settlement
from apps.kernel.transactions import unit_of_work
from tests.factories.invoices import ACTOR, AT, draft, invoice, payer

RUNS, BATCHES, SIZE = 6, 5, 4


@pytest.mark.fr("FR-042")
def test_no_gap_and_no_duplicate(committed_db):
    account = payer()
    start = Barrier(RUNS)

    def run(index: int) -> int:
        try:
            start.wait()
            made = 0
            for batch in range(BATCHES):
                try:
                    with unit_of_work(ACTOR):
                        issue([draft(account) for _ in range(SIZE)], at=AT, actor=ACTOR)
                        if (index + batch) % 3 == 0:
                            raise LookupError("this run fails after it took its numbers")
                    made += SIZE
                except LookupError:
                    continue
            return made
        finally:
            connections.close_all()

    with ThreadPoolExecutor(RUNS) as pool:
        made = sum(pool.map(run, range(RUNS)))
    assert 0 < made < RUNS * BATCHES * SIZE
    assert sorted(Invoice.objects.values_list("number", flat=True)) == [
        f"INV-2026-{sequence:06d}" for sequence in range(1, made + 1)
    ]
    assert NumberSeries.objects.get().last == made
    assert Line.objects.count() == made


def test_the_same_payment_at_once_is_recorded_once(committed_db):
    one, payment = invoice(4900), uuid4()
    start = Barrier(4)

    def pay(invoice_id: UUID) -> int:
        try:
            start.wait()
            return record_payment(invoice_id=invoice_id, payment_id=payment, amount=5000, paid_at=AT, actor=ACTOR)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(pay, [one.pk] * 4)) == [100] * 4
    assert Settlement.objects.get().amount == 4900
