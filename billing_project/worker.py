"""gunicorn's worker for ASGI, which leaves connections to the other processes.

asyncio takes up to a hundred waiting connections at once, so of clients that come together and stay, one process gets
nearly all, and its sibling rests. Here a process takes one at a time, and waits before it does: the longer, the more it
holds, so that whoever holds the fewest is first.
"""

import socket
import time
from collections.abc import Callable
from typing import Any

from gunicorn.workers.gasgi import ASGIWorker

BREATH = 50e-6
"""Seconds that a process waits for each connection that it holds."""
LONGEST = 5e-4
"""Seconds that it waits at most: nothing else is done by its loop meanwhile."""


class OneAtATime(socket.socket):
    """A listening socket that says after each connection that there is no other; the loop asks again next turn."""

    taken = False
    held: Callable[[], int] = staticmethod(lambda: 0)

    def accept(self) -> tuple[socket.socket, Any]:
        self.taken = not self.taken
        if not self.taken:
            raise BlockingIOError
        time.sleep(min(BREATH * (1 + self.held()), LONGEST))
        try:
            return super().accept()
        except BlockingIOError:  # a sibling was first
            self.taken = False
            raise


class Worker(ASGIWorker):
    """What `gunicorn -k billing_project.worker.Worker` runs."""

    def init_process(self) -> None:
        for listener in self.sockets:
            listener.sock = OneAtATime(fileno=listener.sock.detach())
            listener.sock.held = lambda: self.nr_conns
        super().init_process()
