"""The stream of events: nothing skipped, nothing twice, many clients on one process, with and without Redis."""

import http.client
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections, transaction

from apps.access.actions import create_api_key
from apps.events import sequencer
from apps.events.publish import publish
from apps.kernel import clock
from apps.kernel.actors import system
from tests.accounts.calls import Api, faults
from tests.events.probes import announce, happened
from tests.web.servers import Server, serving

NOBODY = "redis://127.0.0.1:1/0"
REAL = {"DJANGO_SETTINGS_MODULE": "billing_project.settings"}


class Client:
    """One connection to the stream."""

    def __init__(self, server: Server, key: str, query: str = "", **headers: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        self.connection.request("GET", f"/v1/events/stream{query}", headers={"Authorization": f"Bearer {key}", **named})
        self.answer = self.connection.getresponse()

    def next(self) -> dict[str, Any]:
        """The next event; comments and the like are passed over."""
        found: dict[str, Any] = {}
        while True:
            line = self.answer.readline().decode().rstrip("\n")
            if not line and "data" in found:
                return found
            name, _, value = line.partition(": ")
            if name in ("id", "event", "data"):
                found[name] = json.loads(value) if name == "data" else value

    def positions(self, number: int) -> list[int]:
        return [int(self.next()["id"]) for _ in range(number)]

    def close(self) -> None:
        self.answer.close()
        self.connection.close()


def _key() -> str:
    return create_api_key(
        name="s", role="billing_admin", livemode=False, rate_limit=0, at=clock.wall(), actor=system("t")
    )[1]


@pytest.fixture
def server(tmp_path: Path, committed_db: str) -> Iterator[Server]:
    with serving(tmp_path, committed_db, **REAL) as running:
        yield running


@pytest.mark.fr("FR-131")
def test_many_clients_hear_everything_once_and_in_order(server: Server) -> None:
    key = _key()
    announce(3)
    sequencer.assign()
    assert server.ask("/v1/events/stream").status == 401
    assert server.ask("/v1/events/stream?after=9", Authorization=f"Bearer {key}").status == 422
    clients = [Client(server, key, "?after=0") for _ in range(20)]
    late = Client(server, key)
    picky = Client(server, key, "?after=0&types=probe.heard,nothing.*")
    assert {client.answer.status for client in (*clients, late, picky)} == {200}
    assert clients[0].answer.headers["Content-Type"].startswith("text/event-stream")
    assert [client.positions(3) for client in clients] == [[1, 2, 3]] * 20
    _slow_transaction(clients, late)
    # Comes again, and goes on from where it was, behind what is kept in memory or not.
    clients[0].close()
    announce(600)
    sequencer.assign()
    assert clients[1].positions(600) == list(range(9, 609))
    again = Client(server, key, Last_Event_ID="8")
    assert again.positions(600) == list(range(9, 609))
    shown = again.answer
    assert shown.headers.get("x-stream-position") is None
    # Asked to end, the process does not wait for those who listen.
    began = time.monotonic()
    server.process.terminate()
    server.process.wait(20)
    assert server.process.returncode == 0
    assert time.monotonic() - began < 30
    assert "Forcing close" not in server.log.read_text()
    for client in (*clients, late, picky, again):
        client.close()


def _slow_transaction(clients: list[Client], late: Client) -> None:
    """One that commits after later ones have been heard is heard all the same."""
    begun, finish = threading.Event(), threading.Event()

    def slow() -> None:
        try:
            with transaction.atomic():
                publish(happened(2))
                begun.set()
                assert finish.wait(30)
        finally:
            connections.close_all()

    thread = threading.Thread(target=slow)
    thread.start()
    try:
        assert begun.wait(30)
        announce(3)
        sequencer.assign()
        assert [client.positions(3) for client in clients] == [[4, 5, 6]] * 20
        assert late.positions(3) == [4, 5, 6]
    finally:
        finish.set()
        thread.join()
    sequencer.assign()
    assert [client.positions(2) for client in (*clients, late)] == [[7, 8]] * 21


def test_without_redis_it_is_a_second_later(tmp_path: Path, committed_db: str) -> None:
    key = _key()
    with serving(tmp_path, committed_db, **REAL, REDIS_URL=NOBODY) as server:
        client = Client(server, key, "?after=0&types=probe.*")
        announce(2)
        sequencer.assign()
        assert client.positions(2) == [1, 2]
        client.close()


@pytest.mark.django_db
def test_without_the_shell_it_is_a_short_answer() -> None:
    """Where no loop keeps connections, a client comes again each second and misses nothing."""
    api = Api()
    announce(3)
    sequencer.assign()
    answer = api.get("/events/stream?after=1", Accept="text/event-stream")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/event-stream")
    assert [line for line in answer.content.decode().split("\n") if line.startswith("id")] == ["id: 2", "id: 3"]
    assert api.get("/events/stream", Last_Event_ID="2").content.count(b"\nid: ") == 1
    assert api.get("/events/stream").content == b"retry: 1000\n\n"
    assert faults(api.get("/events/stream?types=a.b.c")) == {("?types", "invalid")}
    assert faults(api.get("/events/stream", Last_Event_ID="x")) == {("?Last-Event-ID", "invalid")}
    assert api.get("/events/stream", Accept="application/pdf").status_code == 406
    assert Api("finance_viewer").get("/events/stream").status_code == 403


@pytest.mark.fr("B-10")
@pytest.mark.django_db
def test_events_after_a_position() -> None:
    api = Api()
    announce(5)
    sequencer.assign()
    page = api.get("/events?after=1&limit=2").json()
    assert [each["position"] for each in page["data"]] == [2, 3]
    rest = api.get(f"/events?after=1&cursor={page['next_cursor']}").json()
    assert ([each["position"] for each in rest["data"]], rest["has_more"]) == ([4, 5], False)
    assert api.get("/events?after=5").json()["data"] == []
    assert faults(api.get("/events?after=-1")) == {("?after", "invalid")}
    backwards = api.get("/events?limit=2").json()["next_cursor"]
    assert api.get(f"/events?after=0&cursor={backwards}").status_code == 400
