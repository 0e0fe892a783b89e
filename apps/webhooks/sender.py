"""Calls side by side, on an event loop in a thread of its own. It asks the database nothing: letters in, results out.

Each endpoint has a lane: so many calls at once as it takes, the rest waits in it. A lane that only fails is emptied
unsent, so that a dead endpoint holds nothing but what it has begun.
"""

import asyncio
import queue
import ssl
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import lru_cache
from uuid import UUID

from apps.kernel import clock
from apps.webhooks.rules.schedule import THRESHOLD, TIMEOUT
from apps.webhooks.rules.signature import signed
from apps.webhooks.rules.states import Outcome
from apps.webhooks.rules.targets import Network, Refused, target
from apps.webhooks.wire import Answer, BadAnswer, Blocked, Connection, Resolve, addresses, look_up

AGENT = "Billing-Webhooks/1"
RESOLVED_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One message to one endpoint. `keys` sign it; `authorization` is what formats without signatures send."""

    endpoint_id: UUID
    url: str
    message_id: str
    body: bytes
    keys: Sequence[bytes] = ()
    authorization: str = ""
    sequence: int | None = None
    concurrency: int = 1
    delivery_id: int | None = None
    token: UUID | None = None
    attempts: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How a call ended."""

    letter: Letter
    outcome: Outcome
    status_code: int | None = None
    milliseconds: int = 0
    error: str = ""
    shown: str = ""
    retry_after: str = ""

    @property
    def delivered(self) -> bool:
        return self.outcome is Outcome.DELIVERED


@dataclass
class _Lane:
    waiting: deque[Letter] = field(default_factory=deque)
    workers: int = 0
    failed: int = 0
    idle: list[Connection] = field(default_factory=list)
    found: "asyncio.Task[Sequence[str]] | None" = None
    found_at: float = 0.0


@lru_cache(maxsize=1)
def trusted() -> ssl.SSLContext:
    """Whose certificates are believed: those that the system believes."""
    return ssl.create_default_context()


class Sender:
    """Give it letters, take results; `close` breaks off what is under way."""

    def __init__(
        self, *, exempt: Sequence[Network], tls_only: bool, resolve: Resolve = look_up, seconds: float = TIMEOUT
    ) -> None:
        self._exempt, self._tls_only, self._resolve, self._seconds = exempt, tls_only, resolve, seconds
        self._lanes: dict[tuple[UUID, str], _Lane] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._results: queue.SimpleQueue[Result] = queue.SimpleQueue()
        self._loop: asyncio.AbstractEventLoop | None = None
        self.under_way = 0

    def submit(self, letters: Sequence[Letter]) -> None:
        """Have them sent; each gives one result. The thread begins with the first."""
        if letters:
            self.under_way += len(letters)
            self._loop = self._loop or self._begun()
            self._loop.call_soon_threadsafe(self._take, self._loop, letters)

    def results(self, seconds: float) -> list[Result]:
        """What has ended by now; waits for the first for so long."""
        found: list[Result] = []
        try:
            found.append(self._results.get(timeout=seconds))
            while True:
                found.append(self._results.get_nowait())
        except queue.Empty:
            self.under_way -= len(found)
            return found

    def close(self) -> None:
        """End the thread."""
        if self._loop is None:
            return
        asyncio.run_coroutine_threadsafe(self._ended(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def _begun(self) -> asyncio.AbstractEventLoop:
        loop = asyncio.new_event_loop()
        # One name that cannot be resolved holds one thread, however many letters wait for it.
        self._names = ThreadPoolExecutor(32, thread_name_prefix="names")
        loop.set_default_executor(self._names)
        self._thread = threading.Thread(target=loop.run_forever, name="webhooks", daemon=True)
        self._thread.start()
        return loop

    def _take(self, loop: asyncio.AbstractEventLoop, letters: Sequence[Letter]) -> None:
        for letter in letters:
            lane = self._lanes.setdefault((letter.endpoint_id, letter.url), _Lane())
            if not lane.workers and not lane.waiting:
                lane.failed = 0
            lane.waiting.append(letter)
            if lane.workers < letter.concurrency:
                lane.workers += 1
                task = loop.create_task(self._work(lane))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _work(self, lane: _Lane) -> None:
        """Send what waits in a lane, one after the other, on one connection."""
        connection = lane.idle.pop() if lane.idle else None
        try:
            while lane.waiting:
                letter = lane.waiting.popleft()
                if lane.failed >= THRESHOLD:
                    self._results.put(Result(letter=letter, outcome=Outcome.RELEASED))
                    continue
                began = clock.monotonic()
                result, connection = await self._sent(lane, letter, connection)
                lane.failed = 0 if result.delivered else lane.failed + 1
                self._results.put(replace(result, milliseconds=int((clock.monotonic() - began) * 1000)))
        finally:
            lane.workers -= 1
            if connection is not None:
                lane.idle.append(connection)

    async def _sent(
        self, lane: _Lane, letter: Letter, connection: Connection | None
    ) -> tuple[Result, Connection | None]:
        """One call, and the connection for the next."""
        try:
            connection = connection or Connection(target(letter.url, tls_only=self._tls_only), trusted())
            async with asyncio.timeout(self._seconds):
                found = await self._where(lane, connection)
                return _answered(letter, await connection.post(found, _headers(letter), letter.body)), connection
        except Exception as error:  # noqa: BLE001 - whatever it is concerns this letter alone
            if connection is not None:
                connection.close()
            return _failed(letter, error, self._seconds), connection

    async def _where(self, lane: _Lane, connection: Connection) -> Sequence[str]:
        """The endpoint's addresses, resolved and checked once for all calls of half a minute."""
        now, known = clock.monotonic(), lane.found
        if known is None or now - lane.found_at > RESOLVED_SECONDS or (known.done() and known.exception()):
            lane.found = asyncio.create_task(addresses(connection.target, self._resolve, self._exempt))
            lane.found.add_done_callback(lambda task: task.cancelled() or task.exception())
            lane.found_at = now
        return await asyncio.shield(lane.found)  # type: ignore[arg-type]

    async def _ended(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for lane in self._lanes.values():
            for connection in lane.idle:
                connection.close()
            if lane.found is not None and not lane.found.done():
                lane.found.cancel()
        self._names.shutdown(wait=False, cancel_futures=True)


def _headers(letter: Letter) -> Mapping[str, str]:
    headers = {"Content-Type": "application/json", "User-Agent": AGENT}
    if letter.authorization:
        headers["Authorization"] = letter.authorization
    if letter.sequence is not None:
        headers["webhook-sequence"] = str(letter.sequence)
    if letter.keys:
        now = int(clock.wall().timestamp())
        headers |= signed(letter.keys, message_id=letter.message_id, timestamp=now, body=letter.body)
    return headers


def _answered(letter: Letter, answer: Answer) -> Result:
    delivered = 200 <= answer.status < 300
    return Result(
        letter=letter,
        outcome=Outcome.DELIVERED if delivered else Outcome.REFUSED,
        status_code=answer.status,
        error="" if delivered else _why(answer.status),
        shown=answer.shown.decode("utf-8", "replace").replace("\x00", ""),
        retry_after=answer.retry_after,
    )


def _why(status: int) -> str:
    return f"It answered {status}; redirects are not followed." if 300 <= status < 400 else f"It answered {status}."


def _failed(letter: Letter, error: Exception, seconds: float) -> Result:
    if isinstance(error, Blocked | Refused):
        return Result(letter=letter, outcome=Outcome.BLOCKED, error=str(error))
    if isinstance(error, TimeoutError):
        return Result(letter=letter, outcome=Outcome.TIMEOUT, error=f"No answer within {seconds:g} seconds.")
    if isinstance(error, asyncio.IncompleteReadError):
        return Result(letter=letter, outcome=Outcome.UNREACHABLE, error="It closed the connection without an answer.")
    if isinstance(error, BadAnswer):
        return Result(letter=letter, outcome=Outcome.REFUSED, error=str(error))
    return Result(letter=letter, outcome=Outcome.UNREACHABLE, error=f"{type(error).__name__}: {error}"[:500])
