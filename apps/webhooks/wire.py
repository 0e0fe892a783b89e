"""One POST over HTTP/1.1 to an address that was looked at before: no redirects, no proxies, a little of the answer.

A library resolves the name itself, so what it connects to need not be what was checked; and it costs ten times as much.
The name is resolved once and checked, the connection is made to that very address, TLS still asks for the name.
"""

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from apps.webhooks.rules.targets import Network, Target, may_call

HEAD_BYTES, KEPT_BYTES, SHOWN_BYTES = 32 * 1024, 16 * 1024, 1000
"""The largest head of an answer; bodies up to here are read, so that the connection serves again; what is shown."""

BODY_SECONDS = 2.0
"""How long a body is waited for: the status has said what matters."""

CONNECT_SECONDS = 5.0

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


class Blocked(Exception):
    """The name leads to an address that may not be called."""


class BadAnswer(Exception):
    """What came back is not HTTP."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an endpoint said."""

    status: int
    retry_after: str
    shown: bytes


async def look_up(host: str, port: int) -> Sequence[str]:
    """The addresses of a name, as the system knows them."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=1)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


async def addresses(target: Target, resolve: Resolve, exempt: Sequence[Network]) -> Sequence[str]:
    """Where a target is. A name of which one address may not be called is not called at all."""
    try:
        found = await resolve(target.host, target.port)
    except OSError as error:
        raise ConnectionError(f"The name {target.host} cannot be resolved: {error.strerror or error}.") from error
    if not found:
        raise ConnectionError(f"The name {target.host} has no address.")
    for each in found:
        if not may_call(ip_address(each.partition("%")[0]), exempt):
            raise Blocked(f"{target.host} is {each}, which is not out in the world.")
    return found


class Connection:
    """A connection to one address of a target, used for one request after the other."""

    def __init__(self, target: Target, tls: ssl.SSLContext) -> None:
        self.target, self.tls = target, tls
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def post(self, found: Sequence[str], headers: Mapping[str, str], body: bytes) -> Answer:
        """Send and read. One that the other side has closed meanwhile is made anew, once."""
        request = _request(self.target, headers, body)
        if self._writer is not None:
            try:
                return await self._asked(request)
            except (ConnectionError, asyncio.IncompleteReadError) as error:
                self.close()
                if getattr(error, "partial", b""):
                    raise
        await self._connect(found)
        return await self._asked(request)

    def close(self) -> None:
        """Let go of it, whatever is still on its way."""
        if self._writer is not None:
            self._writer.transport.abort()
        self._reader = self._writer = None

    async def _connect(self, found: Sequence[str]) -> None:
        *others, last = found[:2]
        for address in others:
            with contextlib.suppress(OSError):
                return await self._open(address)
        return await self._open(last)

    async def _open(self, address: str) -> None:
        secure = {"ssl": self.tls, "server_hostname": self.target.host} if self.target.tls else {}
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                self._reader, self._writer = await asyncio.open_connection(
                    address,
                    self.target.port,
                    limit=HEAD_BYTES,
                    **secure,  # type: ignore[arg-type]
                )
        except TimeoutError as error:
            raise ConnectionError(f"No connection within {CONNECT_SECONDS:g} seconds.") from error

    async def _asked(self, request: bytes) -> Answer:
        reader, writer = self._reader, self._writer
        if reader is None or writer is None:
            raise ConnectionError("Not connected.")
        writer.write(request)
        await writer.drain()
        status, headers = await _head(reader)
        shown, whole = b"", False
        # A body that stalls, breaks off or is endless changes nothing about the status.
        with contextlib.suppress(Exception):
            async with asyncio.timeout(BODY_SECONDS):
                shown, whole = await _body(reader, status, headers)
        if not whole or headers.get("connection", "").lower() == "close":
            self.close()
        return Answer(status, headers.get("retry-after", ""), shown[:SHOWN_BYTES])


def _request(target: Target, headers: Mapping[str, str], body: bytes) -> bytes:
    lines = [f"POST {target.path} HTTP/1.1", f"Host: {target.authority}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


async def _head(reader: asyncio.StreamReader) -> tuple[int, Mapping[str, str]]:
    """Status and headers (names in small letters) of the answer; what is only a sign on the way is passed over."""
    for _ in range(5):
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.LimitOverrunError as error:
            raise BadAnswer(f"The head of the answer is larger than {HEAD_BYTES} bytes.") from error
        first, *lines = head.decode("latin-1").split("\r\n")
        version, _, rest = first.partition(" ")
        if not version.startswith("HTTP/1.") or not rest[:3].isdigit() or len(rest) < 3:
            raise BadAnswer("The answer is not HTTP/1.1.")
        if not rest.startswith("1"):
            pairs = (line.partition(":") for line in lines if line)
            return int(rest[:3]), {name.strip().lower(): value.strip() for name, _, value in pairs}
    raise BadAnswer("No final answer came.")


async def _body(reader: asyncio.StreamReader, status: int, headers: Mapping[str, str]) -> tuple[bytes, bool]:
    """The body, or its beginning, and whether that was all of it."""
    if status in (204, 304):
        return b"", True
    if "chunked" in headers.get("transfer-encoding", "").lower():
        return await _chunks(reader)
    length = headers.get("content-length", "")
    if length.isdigit() and int(length) <= KEPT_BYTES:
        return await reader.readexactly(int(length)), True
    parts, size = [], 0
    while size < SHOWN_BYTES and (part := await reader.read(SHOWN_BYTES - size)):
        parts.append(part)
        size += len(part)
    return b"".join(parts), False


async def _chunks(reader: asyncio.StreamReader) -> tuple[bytes, bool]:
    parts: list[bytes] = []
    size = 0
    while size <= KEPT_BYTES:
        length = int((await reader.readuntil(b"\r\n")).split(b";")[0].strip(), 16)
        if length == 0:
            # Trailers, if any, end with an empty line.
            while (await reader.readuntil(b"\r\n")) != b"\r\n":
                pass
            return b"".join(parts), True
        taken = min(length, KEPT_BYTES)
        parts.append(await reader.readexactly(taken))
        size += taken
        if taken < length:
            break
        await reader.readexactly(2)
    return b"".join(parts), False
