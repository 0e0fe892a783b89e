"""Probes, answered on the event loop of the web server: alive, ready. Neither Django's threads nor its connections."""

import asyncio
import dataclasses
import json
import os
import tomllib
from collections.abc import Awaitable
from typing import Any
from urllib.parse import urlsplit

import psycopg
import structlog
from django.conf import settings
from health_check.base import HealthCheck
from health_check.contrib.redis import Redis
from health_check.exceptions import ServiceUnavailable
from redis.asyncio import Redis as RedisClient

from apps.kernel import clock
from apps.monitoring.metrics import dependency_up

PATIENCE = 1.0
STRIPE_EVERY = 30.0
CHECK_EVERY = float(os.environ.get("DEPENDENCY_CHECK_SECONDS", "10"))

logger = structlog.get_logger(__name__)


def _version() -> str:
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())
    return str(project["project"]["version"])


@dataclasses.dataclass
class Database(HealthCheck):
    """One row read over a connection of this check's own, so that a full pool does not look like a dead database."""

    async def run(self) -> None:
        given = settings.DATABASES["default"]
        connection = await psycopg.AsyncConnection.connect(
            host=given.get("HOST") or None,
            port=given.get("PORT") or None,
            user=given.get("USER") or None,
            password=given.get("PASSWORD") or None,
            dbname=given["NAME"],
            connect_timeout=2,
            autocommit=True,
        )
        async with connection:
            await connection.execute("SELECT 1")


@dataclasses.dataclass
class Stripe(HealthCheck):
    """An answer of any kind over HTTP: whether it accepts our key is the gateway's business."""

    address: str = dataclasses.field(default_factory=lambda: settings.STRIPE_API_BASE)

    async def run(self) -> None:
        url = urlsplit(self.address)
        secure = url.scheme == "https"
        reader, writer = await asyncio.open_connection(
            url.hostname, url.port or (443 if secure else 80), ssl=True if secure else None
        )
        try:
            writer.write(f"GET / HTTP/1.1\r\nHost: {url.hostname}\r\nConnection: close\r\n\r\n".encode())
            await writer.drain()
            if not (await reader.readline()).startswith(b"HTTP/"):
                raise ServiceUnavailable("no answer in HTTP")
        finally:
            writer.close()


def _redis() -> "RedisClient":
    return RedisClient.from_url(settings.REDIS_URL, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE)


def broker() -> HealthCheck:
    """A ping of Redis or Valkey over a connection of its own."""
    return Redis(client_factory=_redis)


async def passes(check: HealthCheck) -> bool:
    """Whether the check came through within its second. Why not is logged; the probe's answer does not tell."""
    try:
        await answer(check)
    except Exception as error:  # noqa: BLE001 - whatever it is, the thing cannot be used
        logger.warning("check_failed", check=type(check).__name__.lower(), reason=f"{type(error).__name__}: {error}")
        return False
    return True


async def answer(check: HealthCheck) -> None:
    """Run the check, for a second at most; it raises what is wrong."""
    try:
        await asyncio.wait_for(_run(check), PATIENCE)
    except TimeoutError as error:
        raise TimeoutError(f"no answer within {PATIENCE:.0f} s") from error


async def _run(check: HealthCheck) -> None:
    await check.run()


class Probes:
    """The answers of /health and /health/ready, and what is refreshed behind them."""

    def __init__(self) -> None:
        self.version = _version()
        self.stripe: bool | None = None
        self._asking: asyncio.Task[tuple[bool, bool]] | None = None

    async def alive(self) -> tuple[int, dict[str, Any]]:
        return 200, {"status": "healthy", "timestamp": _now(), "version": self.version}

    async def ready(self) -> tuple[int, dict[str, Any]]:
        """All who ask at once share one set of checks, so that probing cannot wear the database out."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._check())
        database, redis = await asyncio.shield(self._asking)
        ready = database and redis
        return 200 if ready else 503, {
            "ready": ready,
            "database": "connected" if database else "disconnected",
            "redis": "connected" if redis else "disconnected",
            "stripe": "reachable" if self.stripe else "unreachable",
            "timestamp": _now(),
        }

    async def _check(self) -> tuple[bool, bool]:
        first: list[Awaitable[None]] = [self.ask_stripe()] if self.stripe is None else []
        database, redis, *_ = await asyncio.gather(passes(Database()), passes(broker()), *first)
        return bool(database), bool(redis)

    async def ask_stripe(self) -> None:
        self.stripe = await passes(Stripe())
        dependency_up.labels("stripe").set(self.stripe)

    async def keep_checking(self) -> None:
        """For the server's whole life: what /health/ready would say, as a metric that nobody has to ask for."""
        while True:
            database, redis = await asyncio.gather(passes(Database()), passes(broker()))
            dependency_up.labels("database").set(database)
            dependency_up.labels("redis").set(redis)
            await asyncio.sleep(CHECK_EVERY)

    async def keep_asking(self) -> None:
        """For the server's whole life."""
        while True:
            await self.ask_stripe()
            await asyncio.sleep(STRIPE_EVERY)


def body(document: dict[str, Any]) -> bytes:
    return json.dumps(document).encode()


def _now() -> str:
    return clock.wall().isoformat(timespec="milliseconds").replace("+00:00", "Z")
