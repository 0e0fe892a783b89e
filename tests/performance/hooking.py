"""Events at a steady rate for endpoints, a backlog for them, and streams that are idle."""

import socket
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings

from apps.access.actions import create_api_key
from apps.events import sequencer
from apps.events.declare import DomainEvent
from apps.events.publish import publish
from apps.kernel import clock
from apps.kernel.actors import system
from apps.kernel.transactions import unit_of_work
from apps.webhooks.actions.endpoints import create
from apps.webhooks.actions.fan_out import fan_out
from apps.webhooks.models import Delivery
from tests.web.servers import serving

ACTOR = system("bench")
STEPS = 10
LONGEST = 120
OBJECT = {"id": str(uuid4()), "lines": [{"description": "Seats", "amount": 9900, "currency": "USD"}] * 8}
TYPES = [type(f"Bench{letter.upper()}", (DomainEvent,), {"type": f"bench.{letter}"}) for letter in "abcdefghij"]


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def endpoints(ports: Sequence[int]) -> None:
    """One for each port and type."""
    for port, kind in zip(ports, TYPES, strict=True):
        create(
            fields={"url": f"http://127.0.0.1:{port}/hook", "event_types": [kind.type]}, at=clock.wall(), actor=ACTOR
        )


def announce(count: int, first: int = 0) -> None:
    with unit_of_work(ACTOR):
        publish(
            [
                TYPES[(first + number) % len(TYPES)](
                    object=OBJECT, object_id=uuid4(), account_id=None, effective_at=clock.wall()
                )
                for number in range(count)
            ]
        )


def steady(rate: int, seconds: int, told: Callable[[], Any]) -> Any:
    """So many events a second for so long; what the receivers say of it."""
    say(f"{rate} events a second for {seconds} s")
    told()
    began = time.monotonic()
    for step in range(seconds * STEPS):
        announce(rate // STEPS, step * (rate // STEPS))
        time.sleep(max(0.0, began + (step + 1) / STEPS - time.monotonic()))
    # Whoever has waited long counts too: all that the nine are owed has come before it is told.
    until = time.monotonic() + LONGEST
    while Delivery.objects.filter(status="PENDING").exclude(event__event_type=TYPES[-1].type).exists():
        if time.monotonic() > until:
            raise SystemExit(f"not all have come within {LONGEST} s")
        time.sleep(0.5)
    return told()


def backlog(count: int) -> None:
    """So many deliveries that wait, to the endpoints that answer."""
    say(f"a backlog of {count}")
    for first in range(0, count, 500):
        with unit_of_work(ACTOR):
            publish(
                [
                    TYPES[(first + number) % (len(TYPES) - 1)](
                        object=OBJECT, object_id=uuid4(), account_id=None, effective_at=clock.wall()
                    )
                    for number in range(500)
                ]
            )
    sequencer.assign()
    while fan_out(actor=ACTOR)[0]:
        pass
    say(f"{Delivery.objects.filter(status='PENDING').count()} wait")


def idle_streams(folder: Path, number: int) -> dict[str, float]:
    """MiB more that one web process takes with so many streams that hear nothing."""
    key = create_api_key(name="bench", role="super_admin", livemode=False, rate_limit=0, at=clock.wall(), actor=ACTOR)[
        1
    ]
    database = settings.DATABASES["default"]
    url = f"postgresql://{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    with serving(folder, url, DJANGO_SETTINGS_MODULE="billing_project.settings") as server:
        request = f"GET /v1/events/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n\r\n".encode()
        open_: list[socket.socket] = []
        try:
            _one(server.port, request, open_)
            before = _resident(server.process.pid)
            for _ in range(number - 1):
                _one(server.port, request, open_)
            time.sleep(2)
            return {"streams": number, "more_mib": round(_resident(server.process.pid) - before, 1)}
        finally:
            for each in open_:
                each.close()


def _one(port: int, request: bytes, open_: list[socket.socket]) -> None:
    made = socket.create_connection(("127.0.0.1", port), 20)
    open_.append(made)
    made.sendall(request)
    if not made.recv(4096).startswith(b"HTTP/1.1 200"):
        raise SystemExit("a stream was refused")


def _resident(parent: int) -> float:
    """MiB of the one worker of gunicorn's."""
    [child] = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    line = next(each for each in Path(f"/proc/{child}/status").read_text().splitlines() if each.startswith("VmRSS"))
    return int(line.split()[1]) / 1024
