"""gunicorn's worker for ASGI, which shares connections with the other processes evenly.

An event loop takes all the connections that wait, so of clients that come together and stay, one process gets nearly
all, and its sibling rests. Here a process takes one at a time, and leaves it to whoever holds fewer; how many each
holds is in memory that all of them see. Whoever does not take what was left to it, because it hangs, is not waited for.
"""

import asyncio
import mmap
import os
import socket
from collections.abc import Callable
from typing import Any

import uvloop
from gunicorn.workers.gasgi import ASGIWorker

PAUSE = 1e-3
"""Seconds between two looks whether a sibling holds fewer."""
LONGEST = 0.02
"""Seconds for which a connection is left to a sibling."""
REST = 1.0
"""Seconds for which nothing is left to siblings after one that did not take it, or taken after the system refused."""
PLACES = 256
"""Processes that can be told apart; further ones leave nothing to anybody, and nobody does to them."""


class Shares:
    """How many connections each process holds, in memory that is shared by those forked after it was made.

    A place has three numbers, each written by one process at a time: whose it is (0: nobody's), whether that process
    takes connections, and how many it holds.
    """

    def __init__(self) -> None:
        places = memoryview(mmap.mmap(-1, 3 * 4 * PLACES)).cast("i")
        self.owners, self.taking, self.held = (places[at * PLACES : (at + 1) * PLACES] for at in range(3))

    def reserve(self) -> int:
        """A place that no living process has; the last one when there is none."""
        place = next((place for place in range(PLACES - 1) if not _lives(self.owners[place])), PLACES - 1)
        self.owners[place], self.taking[place], self.held[place] = os.getpid(), 0, 0
        return place

    def claim(self, place: int) -> None:
        """It is this process's, which its parent has reserved it for; once that is dead it is free again."""
        self.owners[place] = os.getpid()
        if place == PLACES - 1:
            # Others may have it too: each counts for itself.
            self.held = memoryview(bytearray(4 * PLACES)).cast("i")

    def take(self, place: int) -> None:
        """From now on this process is one of those that take connections."""
        self.taking[place] = 1

    def leave(self, place: int) -> None:
        """It takes no more of them, and may still hold some."""
        self.taking[place] = 0

    def fewer_elsewhere(self, place: int) -> bool:
        """Whether a living process that takes connections holds fewer than this one."""
        if place == PLACES - 1:
            return False
        held = self.held[place]
        fewer = (other for other in range(PLACES - 1) if self.taking[other] and self.held[other] < held)
        return any(_lives(self.owners[other]) for other in fewer)


def _lives(process: int) -> bool:
    if process == 0:
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        # Somebody else's by now: a number is given again.
        return False
    return True


# Made by the parent, which loads this before it forks.
shares = Shares()


class Acceptor:
    """What takes connections from a listening socket: as much of asyncio's Server as gunicorn's worker asks for."""

    def __init__(self, worker: "Worker", listener: socket.socket, protocol: Callable[[], asyncio.Protocol]) -> None:
        self.worker, self.listener, self.protocol = worker, listener, protocol
        self.impatient_until = 0.0
        listener.settimeout(0)
        shares.take(worker.place)
        self.accepting = worker.loop.create_task(self._keep_accepting())
        self.accepting.add_done_callback(self._ended)

    def close(self) -> None:
        """Take no more."""
        shares.leave(self.worker.place)
        self.accepting.cancel()

    async def wait_closed(self) -> None:
        """Until nothing is taken any more."""
        await asyncio.wait([self.accepting])

    def _ended(self, accepting: "asyncio.Task[None]") -> None:
        """A process that can take nothing any more ends, and its parent replaces it."""
        if not accepting.cancelled():
            self.worker.log.error("no connection is taken any more: %r", accepting.exception())
            shares.leave(self.worker.place)
            self.worker.alive = False

    async def _keep_accepting(self) -> None:
        loop = self.worker.loop
        while True:
            await self._readable()
            patient = await self._left_to_siblings()
            try:
                connection, _ = self.listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                continue  # a sibling was first, or the client went away
            except OSError as error:
                self.worker.log.error("no connection is taken for %s s: %s", REST, error)
                await asyncio.sleep(REST)
                continue
            if not patient:
                self.impatient_until = loop.time() + REST
            try:
                # Shielded: what was taken is served, though no other is taken after it.
                await asyncio.shield(loop.connect_accepted_socket(self.protocol, connection))
            except OSError as error:
                self.worker.log.debug("a client went away: %s", error)

    async def _readable(self) -> None:
        """Until a connection waits."""
        loop = self.worker.loop
        waits = asyncio.Event()
        loop.add_reader(self.listener, waits.set)
        try:
            await waits.wait()
        finally:
            loop.remove_reader(self.listener)

    async def _left_to_siblings(self) -> bool:
        """Wait while another process holds fewer; False when that one had its time and still does."""
        loop = self.worker.loop
        until = loop.time() + LONGEST
        while loop.time() >= self.impatient_until and shares.fewer_elsewhere(self.worker.place):
            if loop.time() >= until:
                return False
            await asyncio.sleep(PAUSE)
        return True


class _Loop(uvloop.Loop):
    """An event loop whose servers are Acceptors."""

    def __init__(self, worker: "Worker") -> None:
        super().__init__()
        self.worker = worker

    async def create_server(self, protocol_factory: Any, *_: Any, sock: socket.socket, **__: Any) -> Any:  # type: ignore[override]
        return Acceptor(self.worker, sock, protocol_factory)


class Worker(ASGIWorker):
    """What `gunicorn -k billing_project.worker.Worker` runs."""

    loop: asyncio.AbstractEventLoop

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.place = shares.reserve()
        super().__init__(*args, **kwargs)

    @property
    def nr_conns(self) -> int:
        """Connections that it holds, as gunicorn's protocol counts them."""
        return shares.held[self.place]

    @nr_conns.setter
    def nr_conns(self, count: int) -> None:
        shares.held[self.place] = count

    def _setup_event_loop(self) -> None:
        # The first that a process does after the fork.
        shares.claim(self.place)
        self.loop = _Loop(self)
        asyncio.set_event_loop(self.loop)
