"""A second session of the database, driven step by step from the test."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from django.db import connections, transaction


class Session:
    """Another thread, and so another connection; its transaction stays open from call to call."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self.pool = pool
        self.atomic = transaction.atomic()

    def __call__(self, call: Callable[[], Any]) -> Any:
        return self.pool.submit(call).result(timeout=20)

    def begin(self) -> None:
        self(self.atomic.__enter__)

    def commit(self) -> None:
        self(lambda: self.atomic.__exit__(None, None, None))

    def rollback(self) -> None:
        self(lambda: transaction.set_rollback(True))
        self.commit()


@contextmanager
def elsewhere() -> Iterator[Session]:
    """A session with an open transaction."""
    with ThreadPoolExecutor(1) as pool:
        session = Session(pool)
        session.begin()
        try:
            yield session
        finally:
            session(connections.close_all)
