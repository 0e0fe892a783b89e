"""Who has seen what: written by one function alone, once a quarter of an hour for each person and row."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import psycopg
import pytest
from django.db import DataError, connection, connections, transaction

from apps.audit.actions import note_access
from apps.audit.models import Entry
from apps.audit.rules import Access
from apps.kernel.actors import Actor
from apps.kernel.transactions import correlation
from tests.audit.connections import as_application, as_owner

GRACE, ADA = Actor("user", "7"), Actor("user", "8")


def look(row: str, kind: Access = Access.VIEW, actor: Actor = GRACE, table: str = "accounts_account") -> bool:
    return note_access(kind, table=table, row_id=row, details={"page": "a page"}, actor=actor)


@pytest.mark.fr("FR-006")
@pytest.mark.django_db
def test_a_view_is_an_entry_with_who_what_and_where() -> None:
    row, token = str(uuid4()), correlation.set("request-9")
    try:
        assert look(row)
    finally:
        correlation.reset(token)
    entry = Entry.objects.get(row_id=row)
    assert (entry.actor, entry.operation, entry.table_name, entry.correlation) == (
        "user:7", "VIEW", "accounts_account", "request-9",
    )  # fmt: skip
    assert (entry.before, entry.after) == (None, {"page": "a page"})


@pytest.mark.django_db
def test_the_same_person_and_row_are_one_entry_and_others_are_not() -> None:
    row = str(uuid4())
    assert [look(row), look(row), look(row, actor=ADA), look(row, table="invoices_invoice")] == [
        True,
        False,
        True,
        True,
    ]
    assert [look(row, Access.EXPORT), look(row, Access.EXPORT)] == [True, True]
    assert Entry.objects.filter(row_id=row).count() == 5


@pytest.mark.parametrize(("minutes", "noted"), [(14, False), (16, True)])
def test_after_a_quarter_of_an_hour_a_view_is_another(committed_db: str, minutes: int, noted: bool) -> None:
    row = str(uuid4())
    with as_owner() as owner:
        owner.execute(
            "INSERT INTO audit_entry (at, actor, correlation, table_name, row_id, operation)"
            " VALUES (now() - make_interval(mins => %s), 'user:7', '', 'accounts_account', %s, 'VIEW')",
            [minutes, row],
        )
        owner.commit()
    assert look(row) is noted


def test_views_at_once_are_one_entry(committed_db: str) -> None:
    row = str(uuid4())

    def once(_: int) -> bool:
        try:
            return look(row)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as people:
        assert sorted(people.map(once, range(16))) == [False] * 15 + [True]
    assert Entry.objects.filter(row_id=row).count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["INSERT", "UPDATE", "DELETE", "TRUNCATE", "view", "", None])
def test_a_change_cannot_be_forged_by_it(kind: str | None) -> None:
    with connection.cursor() as cursor, pytest.raises(DataError), transaction.atomic():
        cursor.execute("SELECT audit_access(%s, 'accounts_account', 'x', NULL)", [kind])


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    ["INSERT INTO audit_entry (at, actor, correlation, table_name, row_id, operation)"
     " VALUES (now(), 'user:7', '', 'accounts_account', 'x', 'VIEW')",
     "UPDATE audit_entry SET actor = 'user:8' WHERE operation = 'VIEW'",
     "DELETE FROM audit_entry WHERE operation = 'VIEW'"],
)  # fmt: skip
def test_who_has_seen_it_cannot_be_written_or_mended_by_hand(statement: str) -> None:
    with as_application() as raw, pytest.raises(psycopg.errors.InsufficientPrivilege):
        raw.execute(statement)


@pytest.mark.django_db
def test_what_is_looked_for_has_an_index() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        # Without LIMIT: of the few rows of a test, to look through all of them in order is as cheap.
        cursor.execute("EXPLAIN SELECT * FROM audit_entry WHERE operation IN ('VIEW', 'EXPORT') ORDER BY id DESC")
        plan = " ".join(line for (line,) in cursor.fetchall())
        cursor.execute("EXPLAIN SELECT * FROM audit_entry WHERE operation = 'EXPORT' ORDER BY id DESC")
        narrow = " ".join(line for (line,) in cursor.fetchall())
    assert "operation_id_idx" in plan
    assert "operation_id_idx" in narrow
