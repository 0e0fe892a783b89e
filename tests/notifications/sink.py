"""A mail server that keeps what it gets, on a socket of this machine; it can hold its answer back, or refuse.

`python -m tests.notifications.sink`: one that keeps nothing.
"""

import socketserver
import sys
import threading
import time
from contextlib import suppress
from typing import Any


class Sink(socketserver.ThreadingTCPServer):
    """Takes every mail: `mails` are the raw texts, unless it keeps none. `hold` seconds pass between taking one and
    saying so; `refuse` is what it answers to every address, if anything."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, *, keep: bool = True) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.mails: list[bytes] = []
        self.keep = keep
        self.hold = 0.0
        self.refuse = ""
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def stop(self) -> None:
        self.shutdown()
        self.server_close()


class _Talk(socketserver.StreamRequestHandler):
    server: Any

    def handle(self) -> None:
        self.say("220 sink")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                self.say("354 go on")
                self.take()
            elif verb == b"QUIT":
                self.say("221 bye")
                return
            elif verb == b"RCPT" and self.server.refuse:
                self.say(self.server.refuse)
            else:
                self.say("250 ok")

    def take(self) -> None:
        # Whoever sends a mail says nothing more before it is answered: what ends the mail ends what there is to read.
        mail = b"\r\n"
        while not mail.endswith(b"\r\n.\r\n") and (piece := self.rfile.read1(1 << 20)):
            mail += piece
        if self.server.keep:
            self.server.mails.append(mail[2:].removesuffix(b".\r\n"))
        time.sleep(self.server.hold)
        self.say("250 taken")

    def say(self, text: str) -> None:
        with suppress(OSError):
            self.wfile.write(f"{text}\r\n".encode())


if __name__ == "__main__":
    # A process of its own, for benchmarks; it prints its port and ends with its input.
    print(Sink(keep=False).port, flush=True)
    sys.stdin.read()
