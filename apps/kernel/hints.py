"""Hints through Redis: "there is something new", and "somebody is awake already". Never the truth; none is waited for.

While Redis is away nothing is asked of it for a while: whoever lives by hints looks by itself too.
"""

import threading
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import redis
from django.conf import settings
from django.db import connection
from redis.backoff import NoBackoff
from redis.retry import Retry

from apps.kernel import clock

PATIENCE = 0.3
QUIET_SECONDS = 5.0

_lock = threading.Lock()
_quiet_until = 0.0


def named(name: str) -> str:
    """A key or channel of this deployment's own: several databases may share a Redis."""
    return f"{name}:{connection.settings_dict['NAME']}"


def publish(name: str, text: str) -> None:
    """Tell whoever listens on the channel now."""
    _asked(lambda client: client.publish(named(name), text))


def first(name: str, milliseconds: int) -> bool:
    """Whether nobody has said this name for so long; also where Redis cannot say."""
    return _asked(lambda client: client.set(named(name), "1", nx=True, px=milliseconds), away=True) is not None


def remain(name: str, milliseconds: int) -> None:
    """Say it again, for so long from now."""
    _asked(lambda client: client.set(named(name), "1", px=milliseconds))


def forget(name: str) -> None:
    """Let others be the first again."""
    _asked(lambda client: client.delete(named(name)))


def _asked(question: Callable[[Any], Any], *, away: Any = None) -> Any:
    global _quiet_until
    if clock.monotonic() < _quiet_until:
        return away
    try:
        return question(_client(settings.REDIS_URL))
    except redis.RedisError:
        with _lock:
            _quiet_until = clock.monotonic() + QUIET_SECONDS
        return away


@lru_cache(maxsize=2)
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(
        url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, retry=Retry(NoBackoff(), 0)
    )
