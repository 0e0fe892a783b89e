"""The registry of due work: what falls due, in one list that beat and test clocks both run.

Due work is rows in PostgreSQL; this registry only knows how to find and do it. Each app registers its own
in its `due.py`, which is discovered at start.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class Scope:
    """Whose work: one test clock's accounts, or (None) all accounts that live on the wall clock."""

    clock_id: UUID | None = None


@dataclass(frozen=True)
class DueWork:
    """One kind of work.

    `due(at, scope)`: the instant at which the earliest piece falls due, at or before `at`, else None.
    `run(at, scope)`: do what is due at `at`; returns how many pieces were done. Safe to run twice, late or at once.
    `pending(scope)`: pieces begun and not finished (charges under way, say); a test clock waits until it is 0.
    `ring()`: wake whoever finishes what is pending; a test clock rings it while it waits.
    `since(at, scope)`: the same as `due` where that looks for work by writing: it only reads.
    `following(after, until, scope)`: the earliest instant after `after` and at or before `until`, else None: how a test
    clock finds the way past a piece that stays due. Without it the clock goes on by the hour.
    """

    name: str
    due: Callable[[datetime, Scope], datetime | None]
    run: Callable[[datetime, Scope], int]
    pending: Callable[[Scope], int]
    ring: Callable[[], object] | None = None
    following: Callable[[datetime, datetime, Scope], datetime | None] | None = None
    since: Callable[[datetime, Scope], datetime | None] | None = None


_registry: dict[str, DueWork] = {}


def register(work: DueWork) -> DueWork:
    """Add a kind of work, once, under its name."""
    if work.name in _registry:
        raise ValueError(f"due work {work.name} is registered already")
    _registry[work.name] = work
    return work


def unregister(name: str) -> None:
    """Forget a kind of work."""
    _registry.pop(name, None)


def registered() -> list[DueWork]:
    """All kinds of work, in the order they were registered (lower apps first)."""
    return list(_registry.values())
