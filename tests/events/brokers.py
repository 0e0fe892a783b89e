"""Celery applications for the tests: on the real Valkey under a prefix of their own, or on a broker that is away."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from celery import Celery, current_app
from redis import Redis

from apps.kernel import doorbell
from billing_project.celery import app as real


@contextmanager
def application(url: str, prefix: str = "") -> Iterator[Celery]:
    """The project's application with another broker, as the current one."""
    before = current_app._get_current_object()
    options = {**real.conf.broker_transport_options, "global_keyprefix": prefix}
    app = Celery("tests", broker=url, set_as_current=True)
    app.conf.update(
        task_publish_retry=real.conf.task_publish_retry,
        broker_connection_timeout=real.conf.broker_connection_timeout,
        broker_transport_options=options,
        task_queues=real.conf.task_queues,
    )
    doorbell.reset()
    try:
        yield app
    finally:
        app.close()
        before.set_current()
        doorbell.reset()


class Bells:
    """Counts what was rung."""

    def __init__(self, redis: Redis, prefix: str) -> None:
        self.redis, self.prefix = redis, prefix

    def rung(self, queue: str) -> int:
        return int(self.redis.llen(f"{self.prefix}{queue}"))


@contextmanager
def bells() -> Iterator[Bells]:
    prefix = f"test-{uuid4()}:"
    with application(os.environ["REDIS_URL"], prefix), Redis.from_url(os.environ["REDIS_URL"]) as redis:
        yield Bells(redis, prefix)
        for key in redis.scan_iter(f"{prefix}*"):
            redis.delete(key)


@contextmanager
def closed_port() -> Iterator[int]:
    """A port on which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@contextmanager
def silent_port() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen(50)
        yield taken.getsockname()[1]
