"""Balances are summed from rows; lists find their rows by index."""

from uuid import uuid4

import pytest

from apps.invoices.actions.settle import record_payment
from apps.invoices.models import Invoice, Settlement
from apps.invoices.queries import Balance, balances, invoices, invoices_by_id, lock, with_balances, with_lines_of
from apps.invoices.rules import SettlementKind
from tests.factories.invoices import ACTOR, AT, draft, invoice, issued, line, payer

pytestmark = pytest.mark.django_db

SETTLED = {
    SettlementKind.PAYMENT: 5000,
    SettlementKind.REFUND: -700,
    SettlementKind.CHARGEBACK: -300,
    SettlementKind.CREDIT: 1000,
    SettlementKind.CREDIT_NOTE: 200,
    SettlementKind.WRITE_OFF: 50,
}


@pytest.mark.fr("FR-052")
def test_a_balance_is_total_less_what_was_settled():
    one, other = invoice(10000), invoice(500)
    for kind, amount in SETTLED.items():
        Settlement.objects.create(invoice=one, kind=kind, source_id=uuid4(), amount=amount, at=AT)
    wanted = {
        one.pk: Balance(total=10000, amount_paid=4000, credits_applied=1000, balance=4750),
        other.pk: Balance(total=500, amount_paid=0, credits_applied=0, balance=500),
    }
    assert balances([one.pk, other.pk]) == wanted
    assert {
        row.pk: Balance(row.total, row.amount_paid, row.credits_applied, row.balance)
        for row in with_balances(invoices())
    } == wanted


def test_grouped_invoices_are_found_by_their_lines():
    first, second, account = uuid4(), uuid4(), payer()
    both, one, _ = issued(
        [
            draft(account, line(subscription_id=first), line(subscription_id=second)),
            draft(account, line(subscription_id=first), line(subscription_id=first)),
            draft(account, line()),
        ]
    )
    assert set(with_lines_of(invoices(), first)) == {both, one}
    assert set(with_lines_of(invoices(), second)) == {both}
    assert not with_lines_of(invoices(), uuid4()).exists()


def test_locks_and_looks_up_what_exists():
    one, other = invoice(), invoice()
    ids = [other.pk, one.pk, uuid4()]
    assert list(lock(ids)) == [one.pk, other.pk]
    assert invoices_by_id(ids) == {one.pk: one, other.pk: other}


def test_paid_in_full_shows_in_every_sum():
    one = invoice(4900)
    record_payment(invoice_id=one.pk, payment_id=uuid4(), amount=4900, paid_at=AT, actor=ACTOR)
    assert with_balances(Invoice.objects.all()).get().balance == 0
