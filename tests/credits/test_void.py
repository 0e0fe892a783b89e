"""Taking back what remains."""

import threading
from uuid import uuid4

import pytest
from django.db import connections

from apps.accounts.queries import lock
from apps.credits.actions.void import void
from apps.credits.models import Grant
from apps.credits.queries import balances, grants
from apps.invoices.actions.settle import record_payment
from apps.invoices.queries import balances as invoice_balances
from apps.kernel.errors import DomainError
from apps.kernel.transactions import unit_of_work
from apps.ledger.models import Posting
from apps.monitoring.invariants import broken
from tests.factories.credits import credit
from tests.factories.invoices import ACTOR, AT, draft, invoice, issued, line, payer


@pytest.mark.django_db
@pytest.mark.fr("FR-094")
def test_what_remains_is_taken_back_and_what_paid_stays():
    account = payer()
    one = credit(account, 1000)
    paid = invoice(300, account=account)
    assert void(credit_id=one.pk, at=AT, actor=ACTOR).remaining == 0
    assert invoice_balances([paid.pk])[paid.pk].credits_applied == 300
    assert balances([account.pk]) == {account.pk: 0}
    totals: dict[str, int] = {}
    for name, amount in Posting.objects.values_list("ledger_account", "amount"):
        totals[name] = totals.get(name, 0) + amount
    assert (totals["goodwill_expense"], totals["customer_credit"]) == (300, 0)
    assert broken() == []


@pytest.mark.django_db
def test_nothing_remains_to_be_taken_back():
    one = credit(payer(), 1000)
    void(credit_id=one.pk, at=AT, actor=ACTOR)
    with pytest.raises(DomainError) as refusal:
        void(credit_id=one.pk, at=AT, actor=ACTOR)
    assert (refusal.value.code, refusal.value.status) == ("credit_spent", 409)


@pytest.mark.django_db
def test_the_customers_money_is_not_taken_back():
    one = invoice(100)
    record_payment(invoice_id=one.pk, payment_id=uuid4(), amount=150, paid_at=AT, actor=ACTOR)
    with pytest.raises(DomainError) as refusal:
        void(credit_id=Grant.objects.get().pk, at=AT, actor=ACTOR)
    assert (refusal.value.code, refusal.value.status) == ("credit_is_customers", 409)


@pytest.mark.django_db
def test_an_unknown_credit():
    with pytest.raises(DomainError) as refusal:
        void(credit_id=uuid4(), at=AT, actor=ACTOR)
    assert refusal.value.code == "credit_not_found"


def bill(account):
    """As every caller of issue() does: the account's lock is the lock of its credits."""
    with unit_of_work(ACTOR):
        lock([account.pk])
        issued([draft(account, line(1000))])


def test_void_against_use(committed_db):
    account = payer()
    one = credit(account, 1000)
    start, errors = threading.Barrier(2, timeout=20), []

    def run(act):
        try:
            start.wait()
            act()
        except DomainError as error:
            errors.append(error.code)
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=run, args=[lambda: void(credit_id=one.pk, at=AT, actor=ACTOR)]),
        threading.Thread(target=run, args=[lambda: bill(account)]),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors in ([], ["credit_spent"])
    assert grants().get().remaining == 0
    assert broken() == []
