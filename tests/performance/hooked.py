"""Receivers of webhooks in a process of their own: `python -m tests.performance.hooked PORT...`; the last is silent.

A line on stdin is answered on stdout with what has come since the last one: JSON of the number, and seconds from each
event's `created_at` to its receipt.
"""

import asyncio
import json
import re
import sys
from datetime import datetime
from time import time

CREATED = re.compile(rb'"created_at":"([^"]+)"')
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Receivers:
    def __init__(self) -> None:
        self.waits: list[float] = []
        self.first = self.last = 0.0

    async def hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
                body = await reader.readexactly(length)
                self.last = time()
                self.first = self.first or self.last
                found = CREATED.search(body)
                if found is not None:
                    self.waits.append(self.last - datetime.fromisoformat(found[1].decode()).timestamp())
                writer.write(ANSWER)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass

    async def ignore(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    def told(self) -> str:
        waits = sorted(self.waits)
        shown = {
            "number": len(waits),
            "p50": waits[len(waits) // 2] if waits else None,
            "p99": waits[int(len(waits) * 0.99)] if waits else None,
            "first": self.first,
            "last": self.last,
        }
        self.waits, self.first, self.last = [], 0.0, 0.0
        return json.dumps(shown)


async def main() -> None:
    receivers = Receivers()
    *well, dead = map(int, sys.argv[1:])
    for port in well:
        await asyncio.start_server(receivers.hear, "127.0.0.1", port, backlog=512)
    await asyncio.start_server(receivers.ignore, "127.0.0.1", dead)
    print("ready", flush=True)
    loop = asyncio.get_running_loop()
    while await loop.run_in_executor(None, sys.stdin.readline):
        print(receivers.told(), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
