"""A sliding window of 60 buckets in Redis: one Lua call counts a request or refuses it, exactly, across processes."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import redis
import structlog
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from apps.access.metrics import rate_limit_bypassed
from apps.kernel import clock

BUCKETS = 60
PREFIX = "rate:"
TIMEOUT_SECONDS = 0.05
"""How long a request waits for Redis; after that it passes uncounted: limits protect us, they are not the product."""

# A hash of bucket number -> requests. Refused requests are not counted: who is over the limit and keeps asking gets
# back in as soon as the oldest bucket leaves the window.
_SCRIPT = """
local now, buckets, limit, width = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local all = redis.call('HGETALL', KEYS[1])
local used, oldest = 0, now
for i = 1, #all, 2 do
    local bucket = tonumber(all[i])
    if bucket <= now - buckets then
        redis.call('HDEL', KEYS[1], all[i])
    else
        used = used + tonumber(all[i + 1])
        if bucket < oldest then oldest = bucket end
    end
end
if used >= limit then return {0, used, oldest} end
redis.call('HINCRBY', KEYS[1], now, 1)
redis.call('EXPIRE', KEYS[1], (buckets + 1) * width)
return {1, used + 1, oldest}
"""


@dataclass(frozen=True)
class Outcome:
    """What the window said. `resets_at`: the Unix second at which the oldest counted requests leave it."""

    passed: bool
    limit: int
    remaining: int
    resets_at: int
    retry_after: int


def count(subject: str, *, limit: int, bucket_seconds: int) -> Outcome:
    """Count a request of `subject`, who may make `limit` in 60 x `bucket_seconds`. Redis away or slow: it passes."""
    moment = clock.wall().timestamp()
    bucket = int(moment // bucket_seconds)
    try:
        passed, used, oldest = _script()(keys=[f"{PREFIX}{subject}"], args=[bucket, BUCKETS, limit, bucket_seconds])
    except redis.RedisError as error:
        rate_limit_bypassed.inc()
        structlog.get_logger(__name__).warning("rate_limit_bypassed", error=repr(error))
        passed, used, oldest = 1, 0, bucket
    resets_at = (oldest + BUCKETS) * bucket_seconds
    return Outcome(
        passed=bool(passed),
        limit=limit,
        remaining=max(limit - used, 0),
        resets_at=resets_at,
        retry_after=max(int(resets_at - moment) + 1, 1),
    )


def used(subjects: Sequence[str], *, bucket_seconds: int) -> list[int] | None:
    """How many requests of each are in the window now: one call, which counts nothing. None: Redis does not say."""
    if not subjects:
        return []
    oldest = int(clock.wall().timestamp() // bucket_seconds) - BUCKETS
    asked = _client(settings.REDIS_URL, TIMEOUT_SECONDS).pipeline(transaction=False)
    for subject in subjects:
        asked.hgetall(f"{PREFIX}{subject}")
    try:
        found = asked.execute()
    except redis.RedisError as error:
        structlog.get_logger(__name__).warning("rate_limit_unknown", error=repr(error))
        return None
    return [sum(int(count) for bucket, count in each.items() if int(bucket) > oldest) for each in found]


def _script() -> redis.commands.core.Script:
    return _registered(settings.REDIS_URL, TIMEOUT_SECONDS)


@lru_cache(maxsize=4)
def _registered(url: str, timeout: float) -> redis.commands.core.Script:
    return _client(url, timeout).register_script(_SCRIPT)


@lru_cache(maxsize=4)
def _client(url: str, timeout: float) -> redis.Redis:
    """Connections of our own, whose time-out is far shorter than the cache's. Never retries."""
    return redis.Redis.from_url(
        url, socket_timeout=timeout, socket_connect_timeout=timeout, retry=Retry(NoBackoff(), 0)
    )
