"""Rows written together are as they stand in memory, and no others."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Account
from apps.kernel import clock
from apps.kernel.rows import insert_rows, save_rows
from apps.kernel.transactions import FEW
from apps.payments.models import Payment
from tests.factories.invoices import invoice, payer
from tests.factories.payments import known_method


@pytest.mark.django_db
def test_each_row_gets_its_own_values_in_one_statement() -> None:
    account = payer()
    known_method(account)
    for _ in range(3):
        invoice(4900, account=account)
    first, second, other = Payment.objects.order_by("pk")
    now = clock.wall()
    first.lease_token, first.last_error, first.next_call_at, first.carried = uuid4(), "it's {odd}, \\ NULL", None, 7
    second.lease_token, second.last_error, second.next_call_at = None, "", now + timedelta(days=1)
    fields = ("lease_token", "last_error", "next_call_at", "carried")
    with CaptureQueriesContext(connection) as queries:
        save_rows([second, first], fields)
    assert len(queries) == 1
    for each in (first, second):
        assert Payment.objects.filter(pk=each.pk).values(*fields).get() == {
            name: getattr(each, name) for name in fields
        }
    assert Payment.objects.get(pk=other.pk).next_call_at == other.next_call_at


@pytest.mark.django_db
def test_nothing_is_asked_for_no_rows_and_no_field_is_made_up() -> None:
    with CaptureQueriesContext(connection) as queries:
        save_rows([], ["amount"])
    assert not queries.captured_queries
    with pytest.raises(KeyError):
        save_rows([Payment()], ["wishes"])


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, FEW, FEW + 1, 30])
def test_new_rows_are_those_that_the_orm_would_have_written(number: int) -> None:
    made = [
        Account(name=f"{index} it's {{odd}}, \\ NULL\t", email=f"{index}@example.com", country="DE", currency="EUR",
                timezone="Europe/Berlin", metadata={"n": index, "of": [None, "x"]}, address={"city": "Köln"})
        for index in range(number)
    ]  # fmt: skip
    with CaptureQueriesContext(connection) as queries:
        insert_rows(made)
    assert len(queries) == 1
    assert all((row._state.adding, row._state.db) == (False, "default") for row in made)
    fields = [field.attname for field in Account._meta.concrete_fields]
    kept = Account.objects.in_bulk([row.pk for row in made])
    assert len(kept) == number
    for row in made:
        assert [getattr(kept[row.pk], name) for name in fields] == [getattr(row, name) for name in fields]
    with pytest.raises(IntegrityError):
        insert_rows(made[:1])


@pytest.mark.django_db
def test_no_new_rows_ask_nothing(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        insert_rows([])
