"""Instants come back as they were written: aware, in UTC, to the microsecond, by the compiled loader."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from psycopg.postgres import types
from psycopg.pq import Format

from apps.kernel.instants import InstantLoader

WRITTEN = [
    datetime(2026, 3, 29, 1, 0, 0, 123456, tzinfo=UTC),
    datetime(2026, 7, 1, 12, 30, tzinfo=timezone(timedelta(hours=5, minutes=45))),
    datetime(1900, 1, 1, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=ZoneInfo("Europe/Berlin")),
]


@pytest.mark.django_db
@pytest.mark.parametrize("written", WRITTEN)
def test_an_instant_comes_back_in_utc(written: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::timestamptz, ARRAY[%s::timestamptz]", [written, written])
        read, (in_array,) = cursor.fetchone()
    assert read == written.astimezone(UTC) == in_array
    assert read.tzinfo is in_array.tzinfo is UTC
    assert read.isoformat() == written.astimezone(UTC).isoformat()


@pytest.mark.django_db
def test_connections_read_by_the_compiled_loader() -> None:
    with connection.cursor() as cursor:
        adapters = cursor.connection.adapters
        assert adapters.get_loader(types["timestamptz"].oid, Format.TEXT) is InstantLoader
    assert "psycopg_binary" in type(InstantLoader(types["timestamptz"].oid)).__module__
