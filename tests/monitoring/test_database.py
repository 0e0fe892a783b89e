"""Queries and connections are counted as django-prometheus counts them, on every way out."""

import pytest
from django.db import DatabaseError, connection, transaction
from prometheus_client import REGISTRY

from apps.monitoring.database.base import counting

LABELS = {"alias": "default", "vendor": "postgresql"}
COUNTED = (
    "django_db_execute_total", "django_db_execute_many_total", "django_db_query_duration_seconds_count",
    "django_db_new_connections_total",
)  # fmt: skip


def counted() -> list[float]:
    return [REGISTRY.get_sample_value(name, LABELS) or 0 for name in COUNTED]


def errors(kind: str) -> float:
    return REGISTRY.get_sample_value("django_db_errors_total", {**LABELS, "type": kind}) or 0


@pytest.mark.django_db
def test_each_query_is_counted_and_timed() -> None:
    with connection.cursor() as cursor:
        before = counted()
        cursor.execute("SELECT 1")
        cursor.executemany("SELECT %s", [(1,), (2,), (3,)])
    assert [now - then for now, then in zip(counted(), before, strict=True)] == [4, 3, 2, 0]


@pytest.mark.django_db
def test_one_that_fails_is_counted_too() -> None:
    before, failed = counted(), errors("UndefinedColumn")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT nothing")
    assert errors("UndefinedColumn") == failed + 1
    # The savepoint, the query, the way back, its end.
    assert [now - then for now, then in zip(counted(), before, strict=True)] == [4, 0, 4, 0]


def test_connections_are_counted_and_their_cursors_are_one_class(committed_db: str) -> None:
    connection.close()
    before = counted()[-1]
    connection.ensure_connection()
    assert counted()[-1] == before + 1
    factory = connection.connection.cursor_factory
    assert factory is connection.get_connection_params()["cursor_factory"]
    assert factory is counting(factory.__base__, "default", "postgresql")
