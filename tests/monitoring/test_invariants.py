"""Each invariant holds in a life that went right, and finds the fault that is planted for it, past all triggers."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from io import StringIO
from urllib.parse import unquote, urlsplit

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction

from apps.events import sequencer
from apps.invoices.actions.credit_note import credit_note
from apps.invoices.actions.settle import record_payment
from apps.invoices.models import Invoice
from apps.kernel.ids import uuid7
from apps.kernel.schedule import Scope
from apps.ledger.rules import LedgerAccount
from apps.monitoring.invariants import INVARIANTS, broken
from apps.payments.models import Payment
from apps.subscriptions import due
from apps.subscriptions.actions.change import change
from apps.subscriptions.actions.void import void
from tests import databases
from tests.factories.accounts import make_account
from tests.factories.credits import credit
from tests.factories.plans import make_plan
from tests.factories.subscriptions import ACTOR, make_subscription, with_card
from tests.factories.tax import registered

MAY = datetime(2026, 5, 1, 12, tzinfo=UTC)

FAULTS = {
    "entitlements_are_those_of_subscriptions": (
        "INSERT INTO dunning_entitlement"
        """ SELECT account_id, '[{"seats": 6}]' FROM subscriptions_subscription LIMIT 1"""
    ),
    "mrr_is_of_active_subscriptions": "UPDATE subscriptions_subscription SET quantity = quantity + 1",
    "books_balance": "UPDATE ledger_posting SET amount = amount + 1 WHERE ledger_account = 'deferred_revenue'",
    "entries_balance": (
        "UPDATE ledger_posting SET entry_id = (SELECT max(id::text)::uuid FROM ledger_entry)"
        " WHERE ledger_account = 'deferred_revenue'"
    ),
    "receivable_ties": "UPDATE ledger_posting SET amount = amount + 1 WHERE ledger_account = 'receivable'",
    "tax_payable_ties": "UPDATE ledger_posting SET amount = amount - 1 WHERE ledger_account = 'tax_payable'",
    "clearing_ties": "UPDATE payments_payment SET amount_refunded = 1 WHERE status = 'SUCCEEDED'",
    "refunds_tie": "UPDATE payments_payment SET amount_refunded = 1 WHERE status = 'SUCCEEDED'",
    "chargebacks_tie": "UPDATE payments_payment SET amount_charged_back = 1 WHERE status = 'SUCCEEDED'",
    "customer_credit_ties": "UPDATE credits_grant SET amount = amount + 1",
    "credits_are_not_overdrawn": "UPDATE credits_use SET amount = amount + 100000",
    "credits_pay_what_they_say": "UPDATE credits_use SET invoice_id = gen_random_uuid()",
    "overpayments_are_credits": "UPDATE invoices_settlement SET excess = excess + 1 WHERE kind = 'payment'",
    "returns_are_credits": "UPDATE invoices_settlement SET amount = amount - 1 WHERE kind = 'payment_return'",
    "credit_notes_add_up": "UPDATE invoices_creditnoteline SET amount = amount + 1",
    "paid_means_paid": "UPDATE invoices_invoice SET status = 'OPEN', paid_at = NULL WHERE status = 'PAID'",
    "payments_are_settled_once": "DELETE FROM invoices_settlement",
    "numbers_have_no_gap": "UPDATE invoices_invoice SET number = 'LOST-' || number WHERE number LIKE '%000001'",
    "days_have_no_gap": "DELETE FROM subscriptions_billedperiod WHERE lower(days) = '2026-04-01'",
    "billed_days_have_their_line": (
        "UPDATE subscriptions_billedperiod SET line_id = gen_random_uuid() WHERE line_id IS NOT NULL"
    ),
    "recurring_lines_bill_days": "UPDATE subscriptions_billedperiod SET line_id = NULL",
    "charged_days_are_not_taken_back": (
        "UPDATE subscriptions_billedperiod SET released_by ="
        " (SELECT id FROM invoices_invoice WHERE status = 'VOID' LIMIT 1) WHERE released_by IS NULL"
    ),
    "credits_release_days": (
        "UPDATE subscriptions_billedperiod SET released_by = gen_random_uuid() WHERE released_by IS NOT NULL"
    ),
    "credits_stay_within_charges": "UPDATE invoices_line SET amount = -100000 WHERE kind = 'proration_credit'",
    "invoices_add_up": "UPDATE invoices_line SET amount = amount + 1",
    "positions_have_no_gap": "UPDATE events_event SET position = position + 1000 WHERE position = 2",
    "overdue_status_is_dunnings": "UPDATE accounts_account SET overdue_status = 'BLOCKED'",
    "behind_because_of_something_open": (
        "WITH ended AS (UPDATE invoices_invoice SET status = 'VOID', voided_at = now() WHERE status = 'OPEN'"
        " RETURNING account_id) INSERT INTO dunning_standing"
        " (id, created_at, updated_at, version, status, reason, since, account_id)"
        " SELECT gen_random_uuid(), now(), now(), 1, 'BLOCKED', 'overdue', now(), account_id"
        " FROM (SELECT DISTINCT account_id FROM ended) AS accounts"
    ),
}

SUBTLE = {
    "credit_notes_add_up": "UPDATE invoices_line SET amount = 50",
    "tax_payable_ties": "UPDATE invoices_creditnote SET tax = tax + 1, subtotal = subtotal - 1",
    "customer_credit_ties": "UPDATE credits_use SET amount = amount - 1",
    "credits_pay_what_they_say": "DELETE FROM invoices_settlement WHERE kind = 'credit'",
    "overpayments_are_credits": "UPDATE credits_grant SET source_id = gen_random_uuid() WHERE source = 'overpayment'",
    "payments_are_settled_once": "UPDATE invoices_settlement SET amount = amount - 1",
    "days_have_no_gap": (
        "UPDATE subscriptions_billedperiod SET days = daterange(lower(days) + 400, upper(days) + 400)"
        " WHERE lower(days) = '2026-05-01'"
    ),
    "billed_days_have_their_line": (
        "UPDATE subscriptions_billedperiod SET days = daterange(lower(days), upper(days) + 1)"
        " WHERE lower(days) = '2026-04-08'"
    ),
    "invoices_add_up": "UPDATE invoices_taxline SET amount = amount + 1",
    "overdue_status_is_dunnings": "UPDATE accounts_account SET dispute_hold = true",
    "paid_means_paid": "UPDATE invoices_invoice SET status = 'PAID', paid_at = now() WHERE status = 'OPEN'",
    "receivable_ties": "UPDATE invoices_settlement SET amount = amount - 1",
    "entries_balance": "UPDATE ledger_posting SET currency = 'EUR'",
    "numbers_have_no_gap": "UPDATE invoices_numberseries SET last = last + 1",
}


@pytest.fixture
def as_owner(committed_db: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A life in which everything went right, seen by the role that may switch triggers off."""
    registered("DE")
    payer = make_account(country="DE")
    with_card(payer)
    plan = make_plan()
    credit(payer, 500)
    make_subscription(account=payer, plan=plan)
    make_subscription(trial_days=7)
    make_subscription(plan=plan, start_date=date(2026, 2, 15), bill_from=date(2026, 3, 3))
    changing = make_subscription(account=make_account(currency="USD"), plan=plan)
    change(subscription_id=changing.pk, quantity=3, at=datetime(2026, 4, 20, 12, tzinfo=UTC), actor=ACTOR)
    due.run(MAY, Scope())
    paid = Payment.objects.order_by("pk")[0]
    record_payment(invoice_id=paid.invoice_id, payment_id=paid.pk, amount=paid.amount + 7, paid_at=MAY, actor=ACTOR)
    Payment.objects.filter(pk=paid.pk).update(status="SUCCEEDED", amount=paid.amount + 7)
    mistaken = make_subscription(plan=plan)
    invoice = Invoice.objects.get(subscription_id=mistaken.pk)
    at_the_bank = {"payment_id": uuid7(), "amount": 900, "paid_at": MAY, "into": LedgerAccount.BANK}
    record_payment(invoice_id=invoice.pk, actor=ACTOR, **at_the_bank)
    void(invoice_id=invoice.pk, reason="a mistake", at=MAY, actor=ACTOR)
    credited = Invoice.objects.get(subscription_id=changing.pk, kind="subscription", issue_date="2026-04-01")
    credit_note(invoice_id=credited.pk, amount=100, reason="an hour without service", at=MAY, actor=ACTOR)
    while sequencer.assign():
        pass
    connections.close_all()
    owner = urlsplit(databases.owner_url())
    for name, value in (("USER", unquote(owner.username or "")), ("PASSWORD", unquote(owner.password or ""))):
        monkeypatch.setitem(connection.settings_dict, name, value)
    yield
    connections.close_all()


def planted(fault: str) -> set[str]:
    """What breaks when `fault` is done with all triggers off; it is taken back."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
        tables = {row[0] for row in cursor.fetchall()}
        for table in sorted(name for name in tables if name in fault):
            cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
        cursor.execute(fault)
        assert cursor.rowcount > 0, fault
        found = broken()
        assert all(each.faults for each in found)
        transaction.set_rollback(True)
    return {each.invariant.name for each in found}


@pytest.mark.fr("FR-032")
def test_each_finds_what_is_planted_for_it(as_owner: None) -> None:
    assert broken() == []
    assert set(FAULTS) == {invariant.name for invariant in INVARIANTS}
    for name, fault in [*FAULTS.items(), *SUBTLE.items()]:
        assert name in planted(fault), f"{name} does not see: {fault}"
    assert broken() == []


def test_the_command_names_what_is_broken_and_fails(as_owner: None) -> None:
    said = StringIO()
    call_command("invariants", stdout=said)
    assert [line.split()[0] for line in said.getvalue().splitlines()] == ["holds"] * len(INVARIANTS)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE invoices_numberseries SET last = last + 1")
        said = StringIO()
        with pytest.raises(SystemExit) as ended:
            call_command("invariants", stdout=said)
        transaction.set_rollback(True)
    assert ended.value.code == 1
    assert said.getvalue().count("BROKEN") == 1
    assert "INV-2026 stands at" in said.getvalue()
