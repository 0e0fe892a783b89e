"""A second session of the database, driven step by step from the test."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from django.db import connections


@contextmanager
def elsewhere() -> Iterator[Callable[[Callable[[], Any]], Any]]:
    """`run(call)`: have another thread, and so another connection, do it; its transaction stays as it left it."""
    with ThreadPoolExecutor(1) as pool:
        try:
            yield lambda call: pool.submit(call).result(timeout=20)
        finally:
            pool.submit(connections.close_all).result(timeout=20)
