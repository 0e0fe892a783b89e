"""Several workers, killed ones, slow transactions: real commits."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connections, transaction
from django.db.models import Count

from apps.events import sequencer
from apps.events.publish import publish
from apps.kernel import clock
from apps.webhooks.actions.fan_out import fan_out
from apps.webhooks.actions.sweep import sweep
from apps.webhooks.models import Delivery
from apps.webhooks.rules.schedule import LEASE
from apps.webhooks.rules.states import Status
from tests.events.probes import happened
from tests.webhooks.conftest import Moved
from tests.webhooks.endpoints import ACTOR, endpoint, ring
from tests.webhooks.receiver import Receiver, silent, status

ROOT = Path(__file__).resolve().parents[2]


def _all_at_once(number: int, work: Callable[[], object]) -> None:
    def one() -> None:
        try:
            work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(number) as threads:
        for done in [threads.submit(one) for _ in range(number)]:
            done.result()


def test_many_workers_make_and_send_each_once(committed_db: str, receiver: Receiver) -> None:
    endpoint(receiver.url)
    ring(300)
    _all_at_once(4, lambda: fan_out(actor=ACTOR))
    assert Delivery.objects.count() == 300
    _all_at_once(4, lambda: sweep(seconds=60, actor=ACTOR))
    assert sorted(receiver.numbers) == list(range(1, 301))


@pytest.mark.fr("B-10")
def test_a_slow_transaction_held_open_across_the_fan_out_is_not_skipped(committed_db: str, receiver: Receiver) -> None:
    endpoint(receiver.url, event_types=["*"])
    begun, finish = threading.Event(), threading.Event()

    def slow() -> None:
        try:
            with transaction.atomic():
                publish(happened(2))
                begun.set()
                assert finish.wait(20)
        finally:
            connections.close_all()

    thread = threading.Thread(target=slow)
    thread.start()
    try:
        assert begun.wait(20)
        ring(3)
        sweep(seconds=60, actor=ACTOR)
        assert sorted(receiver.numbers) == [1, 2, 3]
    finally:
        finish.set()
        thread.join()
    sequencer.assign()
    sweep(seconds=60, actor=ACTOR)
    assert sorted(receiver.numbers) == [1, 2, 3, 4, 5]
    assert len({got.headers["webhook-id"] for got in receiver.got}) == 5


def test_a_worker_killed_between_call_and_record(
    committed_db: str, receiver: Receiver, over: threading.Event, moved: Moved
) -> None:
    """The receiver has it; we do not know: it comes again under the same id, and nothing is lost."""
    endpoint(receiver.url)
    ring(5)
    called = threading.Event()
    wait = silent(over)

    def told(connection: object, got: object) -> bool:
        called.set()
        return wait(connection, got)

    receiver.behave = told
    env = {**os.environ, "DATABASE_URL": committed_db, "WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8"}
    worker = subprocess.Popen(
        [sys.executable, "-m", "tests.webhooks.sender"], cwd=ROOT, env=env, stdout=subprocess.DEVNULL
    )
    try:
        assert called.wait(60)
    finally:
        worker.kill()
        worker.wait()
    over.set()
    before = len(receiver.got)
    receiver.behave = status(200)
    assert sweep(seconds=60, actor=ACTOR) == 0, "its lease still holds"
    moved.by = LEASE + timedelta(seconds=1)
    # PostgreSQL lets go of the dead one's lock as soon as it sees that its connection is gone.
    assert any(sweep(seconds=60, actor=ACTOR) or clock.pause(0.2) for _ in range(150))
    assert len(receiver.got) == before + 5
    assert len({got.headers["webhook-id"] for got in receiver.got}) == 5
    assert Delivery.objects.values("status").annotate(number=Count("id")).get() == {
        "status": Status.DELIVERED.value, "number": 5,
    }  # fmt: skip
