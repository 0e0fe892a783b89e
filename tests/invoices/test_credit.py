"""Credit at finalisation: what it pays, and what a net below zero becomes."""

import threading
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.accounts.queries import lock
from apps.credits.models import Grant, Use
from apps.credits.queries import balances as credit_balances
from apps.credits.queries import grants
from apps.events.models import Event
from apps.invoices.actions.settle import record_payment
from apps.invoices.models import Line, Settlement
from apps.invoices.objects import invoice_objects
from apps.invoices.queries import balances
from apps.invoices.rules import Kind, LineKind, Status
from apps.kernel.transactions import FEW, unit_of_work
from apps.ledger.models import Posting
from apps.monitoring.invariants import broken
from apps.rest.objects import builtins
from apps.tax.rules import AppliedRate
from tests.factories.credits import credit
from tests.factories.invoices import ACTOR, AT, draft, invoice, issued, line, payer
from tests.factories.tax import registered

EUROPE = {"country": "DE", "currency": "EUR"}


def change(account, *, reduces=(), carried=None):
    """Annual 99900 from 10 January, changed to monthly 9900 on 20 June: 204 of 365 days are left."""
    back = line(-55835, kind=LineKind.PRORATION_CREDIT, carried=carried)
    return draft(account, back, line(9900, kind=LineKind.PRORATION_CHARGE), kind=Kind.PRORATION, reduces=reduces)


def books():
    totals: dict[str, int] = {}
    for name, amount in Posting.objects.values_list("ledger_account", "amount"):
        totals[name] = totals.get(name, 0) + amount
    return {name: amount for name, amount in totals.items() if amount}


def pay(one, amount):
    record_payment(invoice_id=one.pk, payment_id=uuid4(), amount=amount, paid_at=AT, actor=ACTOR)


@pytest.mark.django_db
@pytest.mark.fr("FR-049", "FR-093", "FR-096")
def test_the_next_invoice_takes_what_it_can_and_the_rest_is_kept():
    account = payer()
    never = credit(account, 5000)
    soon = credit(account, 1000, expires_at=AT + timedelta(days=5))
    one = invoice(4900, account=account)
    assert (one.status, one.paid_at) == (Status.PAID, AT)
    assert {row.grant_id: row.amount for row in Use.objects.all()} == {soon.pk: 1000, never.pk: 3900}
    assert grants().get(pk=never.pk).remaining == 1100
    shown = invoice_objects([one])[0]
    assert (shown.credits_applied, shown.amount_paid, shown.balance) == (4900, 0, 0)
    created = Event.objects.get(event_type="invoice.created")
    assert created.data["object"] == builtins(shown)
    applied = list(Event.objects.filter(event_type="credit.applied").order_by("id"))
    assert [
        (each.object_id, each.data["object"]["applied_amount"], each.data["object"]["remaining"]) for each in applied
    ] == [(soon.pk, 1000, 0), (never.pk, 3900, 1100)]
    assert {each.data["object"]["applied_invoice_id"] for each in applied} == {str(one.pk)}
    assert Event.objects.filter(event_type="invoice.paid", object_id=one.pk).count() == 1
    assert books() == {"goodwill_expense": 6000, "customer_credit": -1100, "deferred_revenue": -4900}


@pytest.mark.django_db
def test_less_credit_than_is_owed_leaves_the_rest_open():
    account = payer()
    credit(account, 900)
    one = invoice(4900, account=account)
    assert (one.status, one.paid_at, balances([one.pk])[one.pk].balance) == (Status.OPEN, None, 4000)
    assert Event.objects.get(event_type="invoice.created").data["object"]["balance"] == 4000


@pytest.mark.django_db
def test_several_invoices_of_one_batch_share_the_credit_in_order():
    account, other = payer(), payer()
    credit(account, 6000)
    credit(other, 1)
    made = issued([draft(account), draft(other), draft(account)])
    left = balances([one.pk for one in made])
    assert [left[one.pk].balance for one in made] == [0, 4899, 3800]


@pytest.mark.django_db
@pytest.mark.fr("FR-067")
def test_an_overpayment_pays_the_next_invoice():
    account = payer()
    pay(invoice(4900, account=account), 5000)
    row = Grant.objects.get()
    assert (row.source, row.amount, row.reason) == ("overpayment", 100, "Overpayment of INV-2026-000001")
    later = invoice(4900, account=account)
    assert balances([later.pk])[later.pk].balance == 4800
    assert broken_but_payments() == []


@pytest.mark.django_db
@pytest.mark.fr("FR-049")
def test_below_zero_becomes_credit():
    account = payer()
    pay(invoice(99900, account=account), 99900)
    [one] = issued([change(account)])
    assert (one.subtotal, one.tax, one.total, one.status) == (0, 0, 0, Status.PAID)
    last = Line.objects.filter(invoice=one).last()
    assert (last.kind, last.amount, last.tax_amount) == ("credit_to_balance", 45935, 0)
    row = Grant.objects.get()
    assert (row.amount, row.source, row.source_id) == (45935, "proration", one.pk)
    assert credit_balances([account.pk]) == {account.pk: 45935}
    assert broken_but_payments() == []


@pytest.mark.django_db
def test_below_zero_with_tax():
    registered("DE")
    account = payer(**EUROPE)
    [one] = issued([change(account, carried=AppliedRate("DE", "VAT", Decimal(19)))])
    assert (one.subtotal, one.tax, one.total) == (8728, -8728, 0)
    assert list(Line.objects.filter(invoice=one).values_list("amount", flat=True)) == [-55835, 9900, 54663]
    assert books() == {"deferred_revenue": 45935, "tax_payable": 8728, "customer_credit": -54663}
    assert broken() == []


@pytest.mark.django_db
@pytest.mark.fr("FR-052")
def test_below_zero_first_reduces_what_is_open():
    account = payer()
    charged = invoice(99900, account=account)
    issued([change(account, reduces=[charged.pk])])
    charged.refresh_from_db()
    assert (balances([charged.pk])[charged.pk].balance, charged.status) == (53965, Status.OPEN)
    assert credit_balances([account.pk]) == {account.pk: 0}
    assert books()["receivable"] == 53965
    assert broken() == []


@pytest.mark.django_db
def test_the_newest_is_reduced_first_and_paid_when_nothing_is_left():
    account, stranger = payer(), payer()
    old, new, theirs = invoice(30000, account=account), invoice(40000, account=account), invoice(9, account=stranger)
    paid = invoice(50, account=account)
    pay(paid, 50)
    issued([change(account, reduces=[theirs.pk, paid.pk, new.pk, new.pk, old.pk, uuid4()])])
    left = balances([old.pk, new.pk, theirs.pk])
    assert [left[one.pk].balance for one in (old, new, theirs)] == [24065, 0, 9]
    new.refresh_from_db()
    assert (new.status, new.version) == (Status.PAID, 2)
    event = Event.objects.get(event_type="invoice.paid", object_id=new.pk)
    assert event.data["object"] == builtins(invoice_objects([new])[0])
    assert event.data["previous_attributes"] == {
        "status": "OPEN", "paid_at": None, "balance": 40000, "credits_applied": 0,
    }  # fmt: skip
    assert broken_but_payments() == []


@pytest.mark.django_db
def test_what_is_left_pays_the_next_of_the_same_batch():
    account = payer()
    made = issued([change(account), draft(account)])
    assert [one.status for one in made] == [Status.PAID, Status.PAID]
    assert credit_balances([account.pk]) == {account.pk: 45935 - 4900}


@pytest.mark.django_db
def test_credit_costs_one_query_where_there_is_none_and_a_fixed_number_else():
    accounts = [payer() for _ in range(3)]

    def queries(drafts):
        with CaptureQueriesContext(connection) as captured:
            issued(drafts)
        return [each["sql"] for each in captured]

    queries([draft(accounts[0])])
    plain = queries([draft(accounts[0])])
    assert len([each for each in plain if "FROM credits_grant" in each]) == 1
    for one in accounts:
        for _ in range(4):
            credit(one, 10**6)
    few = queries([draft(accounts[0], line()) for _ in range(FEW + 1)])
    many = queries([draft(accounts[index % 3], line(), line()) for index in range(30)])
    assert len(few) == len(many)
    debt = [invoice(900, account=payer()) for _ in range(4)]
    single = queries([change(debt[0].account, reduces=[debt[0].pk])])
    several = queries([change(one.account, reduces=[one.pk]) for one in debt[1:]])
    assert len(single) + 4 == len(several), "a few rows of several tables are one statement"


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.integers(1, 9000), max_size=4),
    st.lists(st.integers(-9000, 9000).filter(bool), min_size=1, max_size=6),
)
def test_whatever_comes_nothing_is_lost(given_credits, amounts):
    account = payer()
    for amount in given_credits:
        credit(account, amount)
    earlier = []
    for amount in amounts:
        [one] = issued([draft(account, line(amount), kind=Kind.PRORATION, reduces=earlier[::-1])])
        earlier.append(one.pk)
    owed = sum(each.balance for each in balances(earlier).values())
    assert owed - credit_balances([account.pk]).get(account.pk, 0) == sum(amounts) - sum(given_credits)
    assert all(each.balance >= 0 for each in balances(earlier).values())
    assert all(one.remaining >= 0 for one in grants())


def test_two_invoices_at_once_share_one_credit(committed_db):
    account = payer()
    credit(account, 6000)
    start = threading.Barrier(2, timeout=20)

    def run():
        try:
            start.wait()
            # As every caller of issue() does: the account's lock is the lock of its credits.
            with unit_of_work(ACTOR):
                lock([account.pk])
                issued([draft(account)])
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(Settlement.objects.values_list("amount", flat=True)) == [1100, 4900]
    assert broken() == []


def broken_but_payments():
    """These payments are no rows of payments, so clearing has nothing to tie to."""
    return [each for each in broken() if each.invariant.name != "clearing_ties"]
