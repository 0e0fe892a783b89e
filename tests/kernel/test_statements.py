"""Statements by a kept cursor."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import ProgrammingError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from apps.kernel import statements
from apps.kernel.prepared import prepared
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
    for _ in range(3):
        assert fetch("SELECT 1") == [(1,)]
        with prepared():
            assert fetch("SELECT 2") == [(2,)]
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
