"""django-prometheus's backend with a cursor that is made once, not for each request, and whose counters are at hand."""

from functools import cache
from typing import Any

from django.db.backends.postgresql import base
from django_prometheus.db import (
    connection_errors_total,
    connections_total,
    errors_total,
    execute_many_total,
    execute_total,
    query_duration_seconds,
)
from django_prometheus.db.backends.postgresql.base import DatabaseWrapper as Counting

from apps.kernel import clock
from apps.monitoring.batch import add, later, observe


@cache
def counting(cursor: type[Any], alias: str, vendor: str) -> type[Any]:
    """`cursor`, with django-prometheus's metrics of what it executes.

    Its own wrapper is a new class each time that a connection is taken from the pool, that is with every request, and
    looks for each metric by its labels with every query.
    """
    executed, in_bulk = execute_total.labels(alias, vendor), execute_many_total.labels(alias, vendor)
    duration = query_duration_seconds.labels(alias, vendor)

    def one(seconds: float) -> None:
        add(executed)
        observe(duration, seconds)

    def many(rows: int, seconds: float) -> None:
        add(executed, rows)
        add(in_bulk, rows)
        observe(duration, seconds)

    def failed(error: BaseException) -> None:
        errors_total.labels(alias, vendor, type(error).__name__).inc()

    class Counted(cursor):
        """A cursor of psycopg's."""

        def execute(self, *args: Any, **kwargs: Any) -> Any:
            started = clock.monotonic()
            try:
                return super().execute(*args, **kwargs)
            except BaseException as error:
                failed(error)
                raise
            finally:
                later(one, clock.monotonic() - started)

        def executemany(self, query: Any, rows: Any, *args: Any, **kwargs: Any) -> Any:
            started = clock.monotonic()
            try:
                return super().executemany(query, rows, *args, **kwargs)
            except BaseException as error:
                failed(error)
                raise
            finally:
                later(many, len(rows), clock.monotonic() - started)

    return Counted


def connected(alias: str, vendor: str) -> None:
    add(connections_total.labels(alias, vendor))


class DatabaseWrapper(Counting):
    """A connection whose cursors count."""

    def get_connection_params(self) -> dict[str, Any]:
        """Django's, with our cursor in place of theirs."""
        params: dict[str, Any] = base.DatabaseWrapper.get_connection_params(self)
        params["cursor_factory"] = counting(params["cursor_factory"], self.alias, self.vendor)
        return params

    def get_new_connection(self, conn_params: Any) -> Any:
        """Counted, as those are that cannot be had. With a pool it is one that is taken from it."""
        later(connected, self.alias, self.vendor)
        try:
            return base.DatabaseWrapper.get_new_connection(self, conn_params)
        except Exception:
            connection_errors_total.labels(self.alias, self.vendor).inc()
            raise
