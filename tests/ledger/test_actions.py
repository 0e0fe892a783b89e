"""Posting in bulk, and what the trial balance then says."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from django.db import connection

from apps.kernel.actors import system
from apps.kernel.transactions import unit_of_work
from apps.ledger import actions, rules
from apps.ledger.models import Entry, Posting
from apps.ledger.queries import Row, trial_balance
from apps.ledger.rules import Head, NewEntry

AT = datetime(2026, 4, 1, 7, tzinfo=UTC)


def head(currency: str = "EUR") -> Head:
    return {
        "currency": currency, "source_type": "invoice", "source_id": uuid4(), "account_id": uuid4(),
        "on": date(2026, 4, 1),
    }  # fmt: skip


def life() -> list[NewEntry]:
    return [
        rules.issue(deferred=4900, tax=931, **head()),
        rules.payment(amount=5831, **head()),
        rules.recognition(amount=2287, **head()),
        rules.issue(revenue=300, **head("JPY")),
    ]


@pytest.mark.fr("B-04")
@pytest.mark.django_db
def test_the_trial_balance_is_per_currency_and_sums_to_zero() -> None:
    with unit_of_work(system("tests")):
        actions.post(life(), at=AT)
    rows = trial_balance()
    assert rows == [
        Row("EUR", "deferred_revenue", 2287, 4900, -2613),
        Row("EUR", "gateway_clearing", 5831, 0, 5831),
        Row("EUR", "receivable", 5831, 5831, 0),
        Row("EUR", "revenue", 0, 2287, -2287),
        Row("EUR", "tax_payable", 0, 931, -931),
        Row("JPY", "receivable", 300, 0, 300),
        Row("JPY", "revenue", 0, 300, -300),
    ]
    for currency in ("EUR", "JPY"):
        assert sum(row.balance for row in rows if row.currency == currency) == 0


@pytest.mark.django_db
def test_posting_takes_two_statements_however_many_entries(django_assert_num_queries: object) -> None:
    entries = life() * 50
    with unit_of_work(system("tests")), django_assert_num_queries(2):
        actions.post(entries, at=AT)
    assert Entry.objects.count() == 200
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.django_db
def test_an_entry_keeps_what_it_was_told() -> None:
    told = rules.issue(deferred=4900, tax=931, **head())
    with unit_of_work(system("tests")):
        actions.post([told], at=AT)
    entry = Entry.objects.get()
    assert (entry.kind, entry.currency, entry.on, entry.effective_at) == ("issue", "EUR", date(2026, 4, 1), AT)
    assert (entry.source_type, entry.source_id, entry.account_id) == ("invoice", told.source_id, told.account_id)
    assert set(entry.postings.values_list("ledger_account", "amount", "currency")) == {
        ("receivable", 5831, "EUR"), ("deferred_revenue", -4900, "EUR"), ("tax_payable", -931, "EUR"),
    }  # fmt: skip


@pytest.mark.django_db
def test_an_event_without_amounts_is_not_written() -> None:
    with unit_of_work(system("tests")):
        actions.post([rules.issue(**head())], at=AT)
        actions.post([], at=AT)
    assert not Entry.objects.exists()
    assert not Posting.objects.exists()
    assert trial_balance() == []


def test_posting_outside_a_transaction_is_refused(committed_db: str) -> None:
    with pytest.raises(RuntimeError, match="unit_of_work"):
        actions.post(life(), at=AT)
