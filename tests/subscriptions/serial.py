"""One subscription that is asked for several things: one after the other in each order, and all at once.

Each order is tried on a copy and rolled back: those are the outcomes that may be. Then all are asked in earnest, by
threads with connections of their own: at the same moment, or one while another is half done.
"""

import re
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from itertools import permutations
from typing import Any

from django.db import connection, connections, transaction

from tests.subscriptions.copies import Copy, Outcome

LOCK = re.compile(r"FOR (NO KEY )?UPDATE|set_config\('billing.actor'")
"""Where one may be overtaken: at the begin of a unit of work, and before each of its locks."""


def serial(copy: Copy, verbs: Sequence[str]) -> Iterator[Outcome]:
    """What comes of them one after the other, in each order; and if a run comes in between, where one is due."""
    with transaction.atomic():
        due = copy.is_due() and "run" not in verbs
        for order in permutations(verbs):
            yield _in_order(copy, order, verbs)
        for order in permutations([*verbs, "run"]) if due else ():
            yield _in_order(copy, order, verbs)


def _in_order(copy: Copy, order: Sequence[str], verbs: Sequence[str]) -> Outcome:
    with transaction.atomic():
        said = {verb: copy.do(verb) for verb in order}
        found = copy.outcome({verb: said[verb] for verb in verbs})
        transaction.set_rollback(True)
    return found


def is_serial(found: Outcome, copy: Copy, verbs: Sequence[str]) -> str:
    """Nothing if it is the outcome of some order; else what came of each beside it."""
    others = []
    with closing(serial(copy, verbs)) as orders:
        for one in orders:
            if one == found:
                return ""
            others.append("\n".join(one))
    return "\n\n".join([f"{' and '.join(verbs)} came to", "\n".join(found), "one after the other to", *others])


def at_once(copy: Copy, verbs: Sequence[str]) -> Outcome:
    """All of them at the same moment; whatever fails but by a refusal is raised."""
    gate = threading.Barrier(len(verbs))
    with ThreadPoolExecutor(len(verbs)) as pool:
        said = list(pool.map(lambda verb: _apart(copy, verb, lambda pid: gate.wait(20)), verbs))
    return copy.outcome(dict(zip(verbs, said, strict=True)))


def overtaken(copy: Copy, first: str, second: str, point: int) -> Outcome | None:
    """`first` up to its `point`-th lock, then all that `second` can do, then the rest; None: it has not as many."""
    with ThreadPoolExecutor(1) as pool:
        hook = _Overtaking(point, lambda ready: pool.submit(_apart, copy, second, ready))
        with connection.execute_wrapper(hook):
            said = copy.do(first)
        return copy.outcome({first: said, second: hook.other.result(20)}) if hook.other else None


def _apart(copy: Copy, verb: str, ready: Callable[[int], object]) -> str:
    """On a connection of this thread's own."""
    try:
        connection.ensure_connection()
        ready(connection.connection.info.backend_pid)
        return copy.do(verb)
    finally:
        connections.close_all()


class _Overtaking:
    """Counts locks; before the one that is wanted, lets another go as far as it gets."""

    def __init__(self, point: int, start: Callable[[Callable[[int], object]], "Future[str]"]) -> None:
        self.left, self.start = point, start
        self.other: Future[str] | None = None
        self.pid = 0

    def __call__(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        if self.other is None and LOCK.search(str(sql)):
            self.left -= 1
            if not self.left:
                self.other = self.start(self._known)
                self._wait(self.other)
        return execute(sql, params, many, context)

    def _known(self, pid: int) -> None:
        self.pid = pid

    def _wait(self, other: "Future[str]") -> None:
        """Until it is done, or waits for a lock that is held here."""
        asked = "SELECT cardinality(pg_blocking_pids(%s)) > 0"
        while not other.done():
            if self.pid and connection.connection.execute(asked, [self.pid]).fetchone()[0]:
                return
            threading.Event().wait(0.002)
