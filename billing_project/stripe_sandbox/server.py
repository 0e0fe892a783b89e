"""HTTP on 127.0.0.1: keep-alive, a thread per connection, bodies up to 1 MiB."""

import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from billing_project.stripe_sandbox import vies
from billing_project.stripe_sandbox.control import PREFIX, Control
from billing_project.stripe_sandbox.errors import HangUp, StripeError
from billing_project.stripe_sandbox.router import Request, Response, Router, _dump

HOST = "127.0.0.1"
MAX_BODY = 1024 * 1024
DISCARDED = 8 * 1024 * 1024  # read and thrown away, so that a client still writing can read its 413


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256
    allow_reuse_address = True

    def __init__(
        self, port: int, router: Router, control: Control, register: vies.Vies, stopping: threading.Event
    ) -> None:
        super().__init__((HOST, port), Handler)
        self.router = router
        self.control = control
        self.vies = register
        self.stopping = stopping
        self.base_url = f"http://{HOST}:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no news."""


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "billing-stripe-sandbox"
    sys_version = ""
    wbufsize = 64 * 1024  # headers and body leave in one packet
    disable_nagle_algorithm = True
    timeout = 300
    # What http.server itself refuses (a broken request line, an unknown method) is said in Stripe's shape too.
    error_content_type = "application/json"
    error_message_format = (
        '{"error": {"message": "%(message)s", "type": "invalid_request_error", "code": "http_invalid"}}'
    )

    def _serve(self) -> None:
        try:
            response = self._answer()
        except HangUp as hang:
            self.server.stopping.wait(hang.seconds)
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        except StripeError as error:
            self.close_connection = True
            response = Response(error.status, _dump(error.body))
        data = response.body.encode()
        self.send_response(response.status)
        response.headers.setdefault("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        for name, value in response.headers.items():
            self.send_header(name, value.replace("\r", " ").replace("\n", " "))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = do_HEAD = do_OPTIONS = _serve  # noqa: N815 - named by http.server

    def _answer(self) -> Response:
        body = self._body()
        parts = urlsplit(self.path)
        request = Request(
            self.command, unquote(parts.path).rstrip("/"), parts.query, self.headers, body, self.server.base_url
        )
        if request.path.startswith(PREFIX):
            return self.server.control.handle(request)
        if request.path.startswith(vies.PREFIX):
            return self.server.vies.handle(request)
        return self.server.router.handle(request)

    def _body(self) -> bytes:
        if "Transfer-Encoding" in self.headers:
            raise StripeError(411, "Send a Content-Length; the sandbox takes no chunked body.", code="length_required")
        text = self.headers.get("Content-Length", "0")
        if not (text.isascii() and text.isdigit() and len(text) <= 15):
            raise StripeError(400, "Content-Length is not a number.", code="length_invalid")
        length = int(text)
        if length > MAX_BODY:
            left = min(length, DISCARDED)
            while left > 0 and (piece := self.rfile.read(min(left, 65536))):
                left -= len(piece)
            raise StripeError(413, f"The body is above {MAX_BODY} bytes.", code="body_too_large")
        body = self.rfile.read(length)
        if len(body) < length:
            raise StripeError(400, "The body ended before its Content-Length.", code="body_truncated")
        return body

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: a run of a thousand payments is not a thousand lines."""
