"""What PostgreSQL itself refuses: as the application's role, by raw SQL."""

from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Model

from apps.audit.models import Entry
from apps.invoices.models import Invoice, Line, Settlement, TaxLine
from apps.invoices.rules import SettlementKind, Status
from tests.factories.invoices import AT, draft, invoice, issued, line, payer
from tests.factories.tax import registered

pytestmark = pytest.mark.django_db


def refused(sql: str, *parameters: object) -> str:
    with pytest.raises(DatabaseError) as refusal, transaction.atomic():
        connection.cursor().execute(sql, parameters)
    return str(refusal.value)


def insert(*rows: Model) -> None:
    """Insert `rows` and commit, as far as the database is concerned."""
    with transaction.atomic():
        for row in rows:
            row.save(force_insert=True)
        connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.fr("FR-054")
@pytest.mark.parametrize(
    "column",
    [
        "total = 1",
        "number = 'X'",
        "due_date = due_date + 1",
        "bill_to = '{}'",
        "currency = 'EUR'",
        "subtotal = 0, total = 0",
    ],
)
def test_a_final_invoice_keeps_its_figures(column):
    one = invoice()
    assert "rows are final" in refused(f"UPDATE invoices_invoice SET {column} WHERE id = %s", one.pk)


@pytest.mark.fr("FR-054")
def test_the_named_columns_of_a_final_invoice_may_change():
    one = invoice()
    Invoice.objects.filter(pk=one.pk).update(
        status=Status.VOID, voided_at=AT, void_reason="twice", requires_review=True, metadata={"seen": 1}
    )
    one.refresh_from_db()
    assert (one.status, one.void_reason, one.metadata) == ("VOID", "twice", {"seen": 1})


@pytest.mark.fr("FR-054")
@pytest.mark.parametrize("table", ["invoices_line", "invoices_taxline", "invoices_invoice", "invoices_settlement"])
def test_nothing_final_goes_away(table):
    one = invoice()
    Settlement.objects.create(invoice=one, kind=SettlementKind.PAYMENT, source_id=uuid4(), amount=1, at=AT)
    assert "rows are final" in refused(f"DELETE FROM {table}")
    assert refused(f"TRUNCATE {table} CASCADE")


@pytest.mark.fr("FR-054")
@pytest.mark.parametrize(
    ("model", "change"), [(Line, "amount = 1"), (Line, "description = ''"), (TaxLine, "amount = 1")]
)
def test_lines_cannot_change(model, change):
    invoice()
    assert "rows are final" in refused(f"UPDATE {model._meta.db_table} SET {change}")


@pytest.mark.fr("FR-054")
@pytest.mark.parametrize("model", [Line, TaxLine])
def test_no_line_joins_a_final_invoice(model):
    one = invoice()
    row = model.objects.get(invoice=one)
    row.pk, row.position = (uuid4() if model is Line else None), 2
    with pytest.raises(DatabaseError, match="the invoice is final"), transaction.atomic():
        row.save(force_insert=True)


def copy_of(one: Invoice, **changes: object) -> Invoice:
    one.pk, one.number = uuid4(), "X-1"
    for name, value in changes.items():
        setattr(one, name, value)
    return one


def test_an_invoice_holds_the_sums_of_its_lines():
    one = copy_of(invoice())
    with pytest.raises(DatabaseError, match="sums of its lines"), transaction.atomic():
        one.save(force_insert=True)


def test_an_invoice_holds_the_sum_of_its_tax_lines():
    registered("DE")
    one = invoice(account=payer(country="DE"))
    row = Line.objects.get(invoice=one)
    other = copy_of(one)
    row.pk, row.invoice_id = uuid4(), other.pk
    with pytest.raises(DatabaseError, match="sums of its lines and tax lines"):
        insert(row, other)


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"total": 1}, "adds_up"),
        ({"number": None}, "numbered"),
        ({"status": "DRAFT"}, "numbered"),
        ({"status": "PAID"}, "paid_at"),
        ({"status": "LOST"}, "numbered"),
        ({"kind": "gift"}, "kind_known"),
        ({"currency": "XXX"}, "currency_known"),
        ({"subtotal": -1, "total": -1}, "bounded"),
        ({"subtotal": 10**15 + 1, "total": 10**15 + 1}, "bounded"),
    ],
)
def test_rows_that_make_no_sense(changes, constraint):
    one = copy_of(invoice(), **changes)
    with pytest.raises(DatabaseError, match=f"invoices_invoice_{constraint}"), transaction.atomic():
        one.save(force_insert=True)


@pytest.mark.fr("FR-042")
def test_a_number_is_given_once():
    account = payer()
    first, second = issued([draft(account), draft(account)])
    other = copy_of(second, number=first.number, subtotal=0, total=0)
    with pytest.raises(DatabaseError, match="invoices_invoice_number"):
        insert(other)


@pytest.mark.fr("FR-043")
@pytest.mark.parametrize(("start", "step"), [("VOID", "OPEN"), ("VOID", "PAID"), ("OPEN", "DRAFT"), ("PAID", "DRAFT")])
def test_states_move_only_along_the_table(start, step):
    one = invoice()
    if start != "OPEN":
        Invoice.objects.filter(pk=one.pk).update(status=start, paid_at=AT, voided_at=AT)
    assert "may not go from" in refused("UPDATE invoices_invoice SET status = %s WHERE id = %s", step, one.pk)


def test_a_line_needs_an_invoice():
    one = invoice()
    row = Line.objects.get(invoice=one)
    row.pk, row.invoice_id = uuid4(), uuid4()
    with pytest.raises(DatabaseError, match="foreign key"):
        insert(row)


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"kind": "payment", "amount": -1}, "sign"),
        ({"kind": "refund", "amount": 1}, "sign"),
        ({"kind": "gift", "amount": 1}, "kind_known"),
        ({"kind": "payment", "amount": 1, "excess": -1}, "excess"),
    ],
)
def test_settlements_that_make_no_sense(fields, constraint):
    one = invoice()
    with pytest.raises(DatabaseError, match=f"invoices_settlement_{constraint}"), transaction.atomic():
        Settlement.objects.create(invoice=one, source_id=uuid4(), at=AT, **fields)


def test_changes_of_an_invoice_are_on_record_with_who_made_them():
    one = invoice()
    rows = Entry.objects.filter(table_name="invoices_invoice", row_id=str(one.pk))
    assert [(row.operation, row.actor) for row in rows] == [("INSERT", "system:tests")]


def test_rows_say_what_they_are():
    one = issued([draft(payer(), line(description="Seats"))])[0]
    assert str(one) == "INV-2026-000001"
    assert str(Invoice(pk=one.pk)) == f"draft {one.pk}"
    assert str(Line.objects.get(invoice=one)) == "Seats"
