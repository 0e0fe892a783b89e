"""UUIDv7 (RFC 9562): ids that sort by the millisecond in which they were made."""

import os
from uuid import UUID

from apps.kernel import clock


def uuid7() -> UUID:
    """A new id: 48 bits of Unix milliseconds, then 74 random bits."""
    milliseconds = int(clock.wall().timestamp() * 1000)
    random = int.from_bytes(os.urandom(10))
    value = (milliseconds & ((1 << 48) - 1)) << 80 | random
    value = value & ~(0xF << 76) | (0x7 << 76)
    value = value & ~(0x3 << 62) | (0x2 << 62)
    return UUID(int=value)
