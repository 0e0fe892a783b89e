"""The web process at work: several processes behind one port, a real database."""

import json
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
import redis
from django.conf import settings

from tests.web.servers import Answer, Server, serving


@pytest.fixture
def broker() -> Iterator[str]:
    """A database number of this test's own on the same Valkey."""
    url = urlunsplit(urlsplit(settings.REDIS_URL)._replace(path="/13"))
    with redis.Redis.from_url(url) as client:
        client.flushdb()
        yield url
        client.flushdb()


@pytest.fixture
def server(tmp_path: Path, committed_db: str, broker: str) -> Iterator[Server]:
    with serving(tmp_path, committed_db, workers=2, REDIS_URL=broker) as running:
        yield running


@pytest.mark.fr("FR-146", "FR-147", "FR-148")
def test_two_processes_serve_one_truth(server: Server, broker: str) -> None:
    ready = server.ask("/health/ready")
    assert (ready.status, ready.json["ready"]) == (200, True)
    assert (ready.json["database"], ready.json["redis"]) == ("connected", "connected")

    # Counted by whichever process answered, added up by whichever is asked.
    for _ in range(40):
        assert server.ask("/v1/rows/1").status == 200
    text = server.ask("/metrics").body.decode()
    assert 'api_requests_total{endpoint="/v1/rows/{key}",method="GET",status="200"} 40.0' in text
    assert 'api_request_duration_seconds_count{endpoint="/v1/rows/{key}",method="GET"} 40.0' in text
    assert 'le="0.2"' in text
    assert len({line.split("{")[0] for line in text.splitlines() if line.startswith("db_connection_pool")}) == 3

    _one_line_a_request(server)
    _failures_carry_the_id(server)
    _bodies_arrive_whole(server)
    _tasks_carry_the_id(server, broker)


def _one_line_a_request(server: Server) -> None:
    answer = server.ask("/v1/rows/1?secret=1", X_Request_ID="seen-by-me")
    assert answer.headers["x-request-id"] == "seen-by-me"
    line = server.line("request_finished", request_id="seen-by-me")
    assert (line["method"], line["path"], line["status_code"]) == ("GET", "/v1/rows/1", 200)
    assert isinstance(line["duration_ms"], float)
    assert not server.lines("request_started")
    made = server.ask("/nowhere", X_Request_ID="not fit").headers["x-request-id"]
    assert server.line("request_finished", request_id=made)["status_code"] == 404


def _failures_carry_the_id(server: Server) -> None:
    assert server.ask("/v1/crash", X_Request_ID="crashed").status == 500
    assert server.line("request_finished", request_id="crashed")["status_code"] == 500
    # Django's own line of a 5xx comes after the last middleware, and carries the id all the same.
    assert server.line("Internal Server Error: /v1/crash")["request_id"] == "crashed"
    log = server.log.read_text()
    assert "RuntimeError: token=[redacted]" in log
    assert "abcdefghijkl" not in log


def _bodies_arrive_whole(server: Server) -> None:
    body = bytes(range(256)) * 4096
    assert server.ask("/v1/echo", method="POST", body=body).body == body
    chunked = server.ask("/v1/echo", method="POST", body=iter([body, body]))
    assert chunked.headers["x-length"] == str(2 * len(body))
    assert server.ask("/v1/stream").body == "".join(map(str, range(1000))).encode()
    head = server.ask("/health", method="HEAD")
    assert (head.status, head.body) == (200, b"")


def _tasks_carry_the_id(server: Server, broker: str) -> None:
    assert server.ask("/v1/ring", X_Request_ID="rang").json == {"request_id": "rang"}
    with redis.Redis.from_url(broker) as client:
        message = json.loads(client.lrange("billing", 0, -1)[0])
    assert message["headers"]["__django_structlog__"] == {"request_id": "rang"}


def test_a_write_under_way_is_finished_on_sigterm(server: Server, committed_db: str) -> None:
    answers: list[Answer] = []
    writer = threading.Thread(target=lambda: answers.append(server.ask("/v1/slow", method="POST", body=b"")))
    writer.start()
    time.sleep(0.5)
    server.process.send_signal(signal.SIGTERM)
    writer.join()
    assert server.process.wait(15) == 0
    assert answers[0].status == 201
    with psycopg.connect(committed_db) as connection:
        found = connection.execute("SELECT count(*) FROM django_content_type WHERE model = 'draining'").fetchone()
    assert found == (1,)


def test_metrics_ask_for_the_token_when_there_is_one(tmp_path: Path, committed_db: str) -> None:
    with serving(tmp_path, committed_db, METRICS_TOKEN="let-me-in") as server:
        assert server.ask("/metrics").status == 401
        assert server.ask("/metrics", Authorization="Bearer wrong").status == 401
        assert server.ask("/metrics", Authorization="Bearer let-me-in").status == 200
