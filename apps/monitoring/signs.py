"""Signs of life of beat and workers, kept in the broker: there every machine sees them, and no row is written a second.

They are signs alone: nothing is decided by them. One that cannot be left is lost.
"""

from functools import lru_cache

import redis
from django.conf import settings

from apps.kernel import clock

BEAT, WORKER = "beat", "worker"
PATIENCE = 0.3
KEPT = 7 * 24 * 3600
EVERY = 1.0

_left: dict[str, float] = {}


def leave(name: str) -> None:
    """Say that `name` is alive now; more than once a second is once."""
    now = clock.monotonic()
    if now - _left.get(name, -EVERY) < EVERY:
        return
    _left[name] = now
    try:
        _client(settings.REDIS_URL).set(_key(name), clock.wall().timestamp(), ex=KEPT)
    except redis.RedisError:
        return


def age(name: str) -> float | None:
    """Seconds since any process of that name was alive; None when it was not for a week. Errors: redis.RedisError."""
    found = _client(settings.REDIS_URL).get(_key(name))
    return None if found is None else max(0.0, clock.wall().timestamp() - float(found))


def _key(name: str) -> str:
    return f"billing:alive:{name}"


@lru_cache(maxsize=4)
def _client(url: str) -> "redis.Redis":
    return redis.Redis.from_url(url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)
