"""Statements by a kept cursor, and by their names once a connection has met them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, OperationalError, ProgrammingError, connection, connections, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext
from psycopg.types.json import Jsonb

from apps.kernel import statements
from apps.kernel.prepared import AFTER, prepared
from apps.kernel.statements import execute, fetch


@pytest.mark.django_db
def test_what_is_selected_and_how_many_are_changed() -> None:
    assert fetch("SELECT %s::int, %s::text UNION ALL SELECT 2, 'b' ORDER BY 1", [1, "a"]) == [(1, "a"), (2, "b")]
    execute("CREATE TEMPORARY TABLE held (value int) ON COMMIT DROP")
    assert execute("INSERT INTO held VALUES (1), (2)") == 2
    assert fetch("UPDATE held SET value = value + %s RETURNING value", [10]) == [(11,), (12,)]
    assert execute("DELETE FROM held WHERE value = 0") == 0


@pytest.mark.django_db
def test_one_cursor_is_kept_of_each_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    database = connections["default"]
    make = database.create_cursor

    def counted(name: str | None = None) -> object:
        made.append(name)
        return make(name)

    fetch("SELECT 0")
    monkeypatch.setattr(database, "create_cursor", counted)
    monkeypatch.setitem(database.__dict__, statements._KEPT, {})
    for number in range(3):
        assert fetch("SELECT 1") == [(1,)]
        with prepared():
            assert fetch(f"SELECT {number}") == [(number,)]
    assert len(made) == 2


@pytest.mark.django_db
def test_after_an_error_it_goes_on() -> None:
    with pytest.raises(ProgrammingError, match="nothing_there"), transaction.atomic():
        fetch("SELECT nothing_there")
    assert fetch("SELECT 1") == [(1,)]


@pytest.mark.django_db
def test_logged_queries_are_seen() -> None:
    fetch("SELECT 1")
    with CaptureQueriesContext(connection) as captured:
        fetch("SELECT 2")
        execute("SELECT 3")
    assert [each["sql"] for each in captured] == ["SELECT 2", "SELECT 3"]


def test_another_connection_and_another_thread_have_their_own(committed_db: str) -> None:
    first = fetch("SELECT pg_backend_pid()")
    connection.close()
    second = fetch("SELECT pg_backend_pid()")

    def elsewhere() -> list[tuple[object, ...]]:
        try:
            return fetch("SELECT pg_backend_pid()")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as other:
        third = other.submit(elsewhere).result()
    assert len({first[0], second[0], third[0]}) == 3


ONE = UUID("01980000-0000-7000-8000-000000000001")
VALUES = (
    (1, 70_000, 2**40, Decimal("1.50"), "a % b", None, True, ONE, [ONE], [1, 2**40], ["x", None], {"k": [1]}),
    (-1, 0, -(2**62), Decimal(-3), "", 7, False, ONE, [], [], ["%s"], {}),
)
SELECTION = """
SELECT %s::int, %s::int, %s::bigint, %s::numeric, %s::text || '%%', %s::int, %s::bool, %s::uuid, %s::uuid[],
       %s::bigint[], %s::text[], %s::jsonb, %s::timestamptz
"""


@pytest.fixture
def as_prepared() -> Iterator[None]:
    with prepared():
        yield


@pytest.fixture
def by_name(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements that no cursor executed."""
    found: list[str] = []
    ask = statements._by_name

    def noted(database: Any, values: Any, sql: str, params: Any) -> Any:
        result = ask(database, values, sql, params)
        if result is not None:
            found.append(sql)
        return result

    monkeypatch.setattr(statements, "_by_name", noted)
    return found


@pytest.mark.django_db
@pytest.mark.usefixtures("as_prepared")
def test_a_statement_that_is_known_by_name_gives_what_a_cursor_gives(by_name: list[str]) -> None:
    at = datetime(2026, 11, 29, 20, 15, 1, 5, tzinfo=UTC)
    for _ in range(AFTER + 2):
        for *values, held in VALUES:
            found = fetch(SELECTION, [*values, Jsonb(held), at])
            with connection.cursor() as cursor:
                cursor.execute(SELECTION, [*values, Jsonb(held), at])
                assert found == cursor.fetchall()
            expected = *values[:4], f"{values[4]}%", *values[5:]
            assert found == [(*expected, found[0][11], at)]
    assert len(by_name) >= 2


@pytest.mark.django_db
@pytest.mark.usefixtures("as_prepared")
def test_what_psycopg_has_forgotten_goes_by_a_cursor(by_name: list[str]) -> None:
    for number in range(AFTER + 3):
        assert fetch("SELECT %s::int AS again", [number]) == [(number,)]
    known = len(by_name)
    assert known > 0
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        raise ZeroDivisionError
    assert fetch("SELECT %s::int AS again", [9]) == [(9,)], "after a rollback psycopg gives all names up"
    assert len(by_name) == known
    for number in range(150):
        for _ in range(AFTER + 2):
            assert fetch(f"SELECT {number} AS other") == [(number,)]
    for number in range(AFTER + 3):
        assert fetch("SELECT %s::int AS again", [number]) == [(number,)]
    assert by_name[-1] == "SELECT %s::int AS again"


@pytest.mark.django_db
@pytest.mark.usefixtures("as_prepared")
def test_refusals_are_djangos_and_name_the_constraint(by_name: list[str]) -> None:
    execute("CREATE TEMPORARY TABLE narrow (value int CONSTRAINT small CHECK (value < 10)) ON COMMIT DROP")
    insert = "INSERT INTO narrow VALUES (%s), (%s)"
    assert [execute(insert, [1, 2]) for _ in range(AFTER + 2)] == [2] * (AFTER + 2)
    assert by_name[-1] == insert
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        execute(insert, [3, 11])
    assert refused.value.__cause__.diag.constraint_name == "small"  # type: ignore[union-attr]
    assert fetch("SELECT count(*) FROM narrow") == [(2 * (AFTER + 2),)]
    for _ in range(2):
        with pytest.raises(ProgrammingError, match="nothing_here"), transaction.atomic():
            fetch("SELECT nothing_here")
    with transaction.atomic():
        transaction.set_rollback(True)
        with pytest.raises(TransactionManagementError):
            fetch("SELECT count(*) FROM narrow")


def test_what_goes_by_name_is_part_of_its_transaction(committed_db: str, by_name: list[str]) -> None:
    read, write = "SELECT count(*) FROM scratch", "INSERT INTO scratch VALUES (%s)"
    with prepared():
        execute("CREATE TEMPORARY TABLE scratch (value int)")
        for _ in range(AFTER + 2):
            with transaction.atomic():
                assert execute(write, [1]) == 1
                assert execute(write, [2]) == 1
        assert by_name.count(write) > 0
        before = fetch(read)
        known = len(by_name)
        with transaction.atomic():
            execute(write, [3])
            execute(write, [4])
            transaction.set_rollback(True)
        assert by_name[known:] == [write], "the first one begins the transaction"
        assert fetch(read) == before == [(2 * (AFTER + 2),)]


def test_a_connection_that_the_server_ended(committed_db: str, by_name: list[str]) -> None:
    own = "SELECT pg_backend_pid()"
    with prepared():
        for _ in range(AFTER + 2):
            [(process,)] = fetch(own)
        assert by_name[-1] == own
        with ThreadPoolExecutor(1) as other:

            def end() -> None:
                try:
                    fetch("SELECT pg_terminate_backend(%s)", [process])
                finally:
                    connections.close_all()

            other.submit(end).result()
        with pytest.raises(OperationalError):
            fetch(own)
    connection.close()
    with prepared():
        assert [fetch("SELECT 1") for _ in range(3)] == [[(1,)]] * 3
