"""Who reads events by position, and is told when there are new ones. A hint, never the truth: all look by themselves.

Called by whoever has just given positions, after the commit; it may never be called, or too often.
"""

from collections.abc import Callable

import structlog

Hint = Callable[[], object]

_followers: dict[str, Hint] = {}


def follow(hint: Hint, *, name: str) -> None:
    """Have `hint` called, once for any number of new positions. It waits for nobody for longer than half a second."""
    if name in _followers:
        raise ValueError(f"{name} follows already")
    _followers[name] = hint


def unfollow(name: str) -> None:
    """Tell that one no more."""
    _followers.pop(name, None)


def tell() -> None:
    """There are new positions. Whatever a follower raises concerns nobody else."""
    for name, hint in list(_followers.items()):
        try:
            hint()
        except Exception as error:  # noqa: BLE001 - positions are given, whoever hears of it
            structlog.get_logger(__name__).warning("follower_failed", follower=name, reason=repr(error))
