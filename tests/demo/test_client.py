"""The demo's client: sends again what got no answer, with the same key, and tells what was refused."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from billing_project.demo.client import Client, DemoFailed


class Answers(ThreadingHTTPServer):
    """Gives the answers it was told, in their order, and remembers what was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[tuple[int, str]] = []
        self.asked: list[tuple[str, str, str | None]] = []


class Handler(BaseHTTPRequestHandler):
    server: Answers

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.asked.append((self.command, self.path, self.headers.get("Idempotency-Key")))
        status, text = self.server.answers.pop(0)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(text.encode())

    do_GET = do_POST = answer  # noqa: N815 - the library's names

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def server() -> Iterator[Answers]:
    with Answers() as made:
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield made
        made.shutdown()
        thread.join()


@pytest.fixture
def client(server: Answers) -> Client:
    return Client(f"http://127.0.0.1:{server.server_port}", "key")


def test_what_got_no_answer_is_sent_again_with_the_same_key(server: Answers, client: Client) -> None:
    busy = '{"code": "request_in_progress"}'
    server.answers = [(503, "{}"), (409, busy), (201, '{"id": 1}'), (201, '{"id": 2}')]
    assert client.call("POST", "/v1/credits", {"amount": 1}) == {"id": 1}
    assert client.call("POST", "/v1/credits", {"amount": 1}) == {"id": 2}
    assert [key for _, _, key in server.asked] == ["demo-1", "demo-1", "demo-1", "demo-2"]


def test_what_is_refused_ends_the_demo_with_the_reason(server: Answers, client: Client) -> None:
    server.answers = [(422, '{"code": "price_missing"}')]
    with pytest.raises(DemoFailed, match=r"POST /v1/subscriptions answered 422: .*price_missing"):
        client.call("POST", "/v1/subscriptions", {})
    assert len(server.asked) == 1


def test_a_list_is_read_to_its_last_page(server: Answers, client: Client) -> None:
    server.answers = [
        (200, '{"data": [1, 2], "has_more": true, "next_cursor": "abc"}'),
        (200, '{"data": [3], "has_more": false, "next_cursor": null}'),
    ]
    assert list(client.every("/v1/payments?status=FAILED")) == [1, 2, 3]
    assert [path for _, path, _ in server.asked] == [
        "/v1/payments?status=FAILED&limit=100",
        "/v1/payments?status=FAILED&limit=100&cursor=abc",
    ]
