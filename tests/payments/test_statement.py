"""What an account owes, and how it came to that."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.credits.actions.void import void
from apps.invoices.actions.settle import record_payment
from apps.kernel.errors import DomainError
from apps.kernel.ids import uuid7
from apps.payments import statement as subject
from apps.payments.statement import balance, statement
from tests.factories.credits import credit
from tests.factories.invoices import ACTOR, AT, invoice, payer

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2026, 4, 1), date(2026, 4, 30)


def life():
    """An invoice overpaid, a credit, a second invoice that both pay in part, and what was left of it taken back."""
    account = payer(net_terms_days=0)
    one = invoice(4900, account=account)
    record_payment(invoice_id=one.pk, payment_id=uuid7(), amount=5000, paid_at=AT + timedelta(days=1), actor=ACTOR)
    given = credit(account, 300, at=AT + timedelta(days=2))
    invoice(250, account=account, at=AT + timedelta(days=3))
    void(credit_id=given.pk, at=AT + timedelta(days=4), actor=ACTOR)
    invoice(700, account=account, at=AT + timedelta(days=5))
    return account


@pytest.mark.fr("FR-095")
def test_entries_in_order_with_the_balance_after_each():
    found = statement(life(), FIRST, LAST)
    assert [(each.kind, each.invoice_number, each.open, each.credit) for each in found.entries] == [
        ("issue", "INV-2026-000001", 4900, 0),
        ("payment", "INV-2026-000001", 0, 0),
        ("overpayment", "INV-2026-000001", 0, 100),
        ("grant", None, 0, 400),
        ("issue", "INV-2026-000002", 250, 400),
        ("credit_use", "INV-2026-000002", 150, 300),
        ("credit_use", "INV-2026-000002", 0, 150),
        ("grant_reversal", None, 0, 0),
        ("issue", "INV-2026-000003", 700, 0),
    ]
    assert (found.opening_open, found.opening_credit, found.closing_open, found.closing_credit) == (0, 0, 700, 0)


@pytest.mark.fr("FR-095")
def test_a_part_begins_where_the_part_before_ends():
    account = life()
    early, late = statement(account, FIRST, date(2026, 4, 3)), statement(account, date(2026, 4, 4), LAST)
    assert (late.opening_open, late.opening_credit) == (early.closing_open, early.closing_credit) == (0, 400)
    assert early.entries + late.entries == statement(account, FIRST, LAST).entries


def test_another_account_is_not_in_it():
    life()
    found = statement(payer(), FIRST, LAST)
    assert (found.entries, found.closing_open, found.closing_credit) == ([], 0, 0)


@pytest.mark.fr("FR-052", "FR-095")
def test_balance_is_open_overdue_and_credit():
    account = life()
    assert (balance(account, date(2026, 4, 6)).open, balance(account, date(2026, 4, 6)).overdue) == (700, 0)
    assert balance(account, date(2026, 4, 7)).overdue == 700
    assert balance(account, LAST).credit == 0
    credit(account, 5)
    assert balance(account, LAST).credit == 5


def test_too_many_entries_are_refused(monkeypatch):
    account = life()
    monkeypatch.setattr(subject, "MOST_ENTRIES", 8)
    with pytest.raises(DomainError) as refusal:
        statement(account, FIRST, LAST)
    assert refusal.value.code == "statement_too_long"


def test_four_queries_however_long():
    account = life()

    def cost(act):
        with CaptureQueriesContext(connection) as captured:
            act(account)
        return len(captured)

    assert cost(lambda one: statement(one, FIRST, LAST)) == 4
    for _ in range(5):
        invoice(10, account=account)
    assert cost(lambda one: statement(one, FIRST, LAST)) == 4
    assert cost(lambda one: balance(one, LAST)) == 2
