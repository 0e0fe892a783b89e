"""A row that another transaction adds to an invoice which it cannot see yet: refused at its own commit."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError, connections, transaction

from apps.invoices.models import Invoice, Line, TaxLine
from apps.kernel.ids import uuid7
from tests.factories.invoices import draft, issued, payer

Rows = type[Line] | type[TaxLine]


@pytest.fixture
def other(committed_db: str) -> Iterator[Any]:
    """A second connection, its transaction open."""
    connection = connections.create_connection("default")
    connection.set_autocommit(False)
    yield connection
    connection.close()


def add(model: Rows, one: Invoice, other: Any) -> None:
    """By raw SQL, a further row that changes no sum."""
    row: Any = model.objects.get(invoice=one)
    row.position, row.amount = 2, 0
    row.pk = uuid7() if model is Line else None
    fields = [field for field in model._meta.concrete_fields if getattr(row, field.attname) is not None]
    names = ", ".join(str(field.column) for field in fields)
    values = [field.get_db_prep_save(getattr(row, field.attname), other) for field in fields]
    places = ", ".join(["%s"] * len(values))
    with other.cursor() as cursor:
        cursor.execute(f"INSERT INTO {model._meta.db_table} ({names}) VALUES ({places})", values)


@pytest.mark.fr("FR-054")
@pytest.mark.parametrize("model", [Line, TaxLine])
def test_none_joins_an_invoice_that_is_committed_in_between(other: Any, model: Rows) -> None:
    account = payer()
    with transaction.atomic():
        [one] = issued([draft(account)])
        add(model, one, other)
    with pytest.raises(DatabaseError, match="made final by another transaction"):
        other.commit()
    assert model.objects.filter(invoice=one).count() == 1


@pytest.mark.fr("FR-054")
@pytest.mark.parametrize("model", [Line, TaxLine])
def test_nor_does_an_early_check_help(other: Any, model: Rows) -> None:
    account = payer()
    with transaction.atomic():
        [one] = issued([draft(account)])
        other.cursor().execute(f"SET CONSTRAINTS {model._meta.db_table}_sealed IMMEDIATE")
        with pytest.raises(DatabaseError, match="has no invoice"):
            add(model, one, other)


@pytest.mark.fr("FR-054")
def test_who_sealed_an_invoice_is_not_for_the_writer_to_say(other: Any) -> None:
    [one] = issued([draft(payer())])
    with transaction.atomic(), pytest.raises(DatabaseError, match="rows are final"):
        Invoice.objects.filter(pk=one.pk).update(sealed_by=1)
