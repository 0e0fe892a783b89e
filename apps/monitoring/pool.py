"""How full this process's connection pool is, as gauges that add up over processes."""

import asyncio

from django.db import DEFAULT_DB_ALIAS
from django.db.backends.postgresql.base import DatabaseWrapper
from prometheus_client import Gauge
from psycopg_pool import ConnectionPool

EVERY = 2.0

size = Gauge("db_connection_pool_size", "Connections of the pools", multiprocess_mode="livesum")
available = Gauge("db_connection_pool_available", "Connections that could be had at once", multiprocess_mode="livesum")
waiting = Gauge("db_connection_pool_waiting", "Requests waiting for a connection", multiprocess_mode="livesum")


def _pool() -> ConnectionPool | None:
    # Not `connection.pool`: that would make one, in a thread that has no request.
    return DatabaseWrapper._connection_pools.get(DEFAULT_DB_ALIAS)  # type: ignore[attr-defined]


def count() -> None:
    """Available = idle ones and those the pool may still open, so a quiet pool does not look exhausted."""
    pool = _pool()
    if pool is None:
        return
    stats = pool.get_stats()
    in_use = stats["pool_size"] - stats["pool_available"]
    size.set(stats["pool_max"])
    available.set(stats["pool_max"] - in_use)
    waiting.set(stats["requests_waiting"])


async def keep_counting() -> None:
    """For the server's whole life."""
    while True:
        count()
        await asyncio.sleep(EVERY)


def close() -> None:
    """End the pool's threads and connections."""
    pool = _pool()
    if pool is not None:
        pool.close()
