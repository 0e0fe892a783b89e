"""What PostgreSQL itself refuses of accounts."""

import pytest
from django.db import IntegrityError, connection, transaction

from apps.accounts.models import Account
from tests.factories.accounts import make_account

pytestmark = pytest.mark.django_db


@pytest.mark.fr("FR-102", "FR-106")
def test_raw_sql_cannot_change_the_currency() -> None:
    account = make_account(currency="EUR")
    with pytest.raises(IntegrityError, match="currency of an account is fixed"), transaction.atomic():
        _execute("UPDATE accounts_account SET currency = 'USD', name = 'x' WHERE id = %s", account.pk)
    _execute("UPDATE accounts_account SET currency = 'EUR', name = 'Eve' WHERE id = %s", account.pk)
    account.refresh_from_db()
    assert (account.currency, account.name) == ("EUR", "Eve")


@pytest.mark.parametrize(
    ("column", "value", "constraint"),
    [
        ("overdue_status", "LATE", "overdue_status"),
        ("invoice_grouping", "none", "invoice_grouping"),
        ("net_terms_days", "-1", "net_terms_days"),
    ],
)
def test_raw_sql_cannot_store_what_is_no_choice(column: str, value: str, constraint: str) -> None:
    account = make_account()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        _execute(f"UPDATE accounts_account SET {column} = %s WHERE id = %s", value, account.pk)


def test_an_unknown_currency_cannot_be_stored() -> None:
    with pytest.raises(IntegrityError, match="accounts_account_currency_known"), transaction.atomic():
        Account.objects.create(email="a@b.de", name="A", currency="XXX")


@pytest.mark.fr("FR-001")
def test_the_external_key_is_unique_and_the_email_is_not() -> None:
    make_account(external_key="a")
    make_account(external_key=None)
    make_account(external_key=None)
    with pytest.raises(IntegrityError, match="accounts_account_external_key"), transaction.atomic():
        Account.objects.create(email="ada@example.com", name="B", currency="USD", external_key="a")
    assert Account.objects.filter(email="ada@example.com").count() == 3


def test_it_is_named_for_staff() -> None:
    assert str(make_account()) == "Ada <ada@example.com>"


def _execute(statement: str, *parameters: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
