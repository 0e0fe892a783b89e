"""The web process while database and Redis are away: probes answer, requests are refused in order, nothing hangs."""

import socket
import threading
from collections.abc import Iterator

import pytest

from tests.web.servers import CLOSED, Server, serving


@pytest.fixture(scope="module")
def cut_off(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("cut-off")
    away = "http://127.0.0.1:1"
    with serving(
        folder, CLOSED, REDIS_URL="redis://127.0.0.1:1/0", STRIPE_API_BASE=away, WEB_BODY_SECONDS="1"
    ) as server:
        yield server


@pytest.mark.fr("FR-145")
def test_health_answers_under_100_ms_while_16_clients_wait_for_the_database(cut_off: Server) -> None:
    done = threading.Event()

    def hammer() -> None:
        while not done.is_set():
            cut_off.ask("/v1/rows/1", timeout=60)

    clients = [threading.Thread(target=hammer) for _ in range(16)]
    for client in clients:
        client.start()
    # The machine is shared with other tests: a hundred answers without one slow one, within three tries.
    try:
        for _ in range(3):
            answers = [cut_off.ask("/health") for _ in range(100)]
            slowest = sorted(answer.milliseconds for answer in answers)
            if slowest[-1] < 100:
                break
    finally:
        done.set()
    for client in clients:
        client.join()
    assert {answer.status for answer in answers} == {200}
    assert slowest[-1] < 100, slowest[-5:]
    assert set(answers[0].json) == {"status", "timestamp", "version"}
    assert answers[0].json["status"] == "healthy"


@pytest.mark.fr("FR-146")
def test_not_ready_within_its_second(cut_off: Server) -> None:
    answer = cut_off.ask("/health/ready")
    assert answer.status == 503
    assert set(answer.json) == {"ready", "database", "redis", "stripe", "timestamp"}
    assert (answer.json["ready"], answer.json["database"]) == (False, "disconnected")
    assert (answer.json["redis"], answer.json["stripe"]) == ("disconnected", "unreachable")
    assert answer.milliseconds < 1500


def test_a_request_that_needs_the_database_is_told_to_come_back(cut_off: Server) -> None:
    answer = cut_off.ask("/v1/rows/1")
    assert answer.status == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert int(answer.headers["retry-after"]) >= 1
    assert answer.json["hint"]


def test_metrics_answer_without_what_cannot_be_read(cut_off: Server) -> None:
    cut_off.ask("/v1/rows/1")
    answer = cut_off.ask("/metrics")
    assert answer.status == 200
    assert answer.milliseconds < 1500
    assert b"# TYPE api_requests_total counter" in answer.body
    assert b"celery_queue_depth" not in answer.body


def test_a_slow_body_holds_no_thread_and_is_refused(cut_off: Server) -> None:
    with socket.create_connection(("127.0.0.1", cut_off.port), timeout=10) as client:
        client.sendall(b"POST /v1/echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\na")
        answer = client.recv(65536)
    assert answer.startswith(b"HTTP/1.1 408")
    assert b'"code":"body_too_slow"' in answer


def test_a_body_larger_than_any_view_takes_is_refused_unread(cut_off: Server) -> None:
    answer = cut_off.ask("/v1/echo", method="POST", Content_Length=str(10**9))
    assert (answer.status, answer.json["code"]) == (413, "body_too_large")
    assert answer.headers["content-type"] == "application/problem+json"
