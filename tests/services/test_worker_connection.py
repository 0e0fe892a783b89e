"""A worker keeps its connection to the database from task to task, and replaces one that has gone."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from apps.notifications.actions.write import send_again
from apps.notifications.models import Message
from billing_project.services.processes import CELERY
from tests.factories.invoices import ACTOR, invoice, payer
from tests.notifications.sink import Sink

ROOT = Path(__file__).resolve().parents[2]
BROKER = settings.REDIS_URL.rpartition("/")[0] + "/15"
"""A database of its own: no other worker takes these tasks."""


@pytest.mark.long
def test_a_connection_is_kept_and_replaced_when_it_has_gone(committed_db: str) -> None:
    sink = Sink()
    told = {
        "DATABASE_URL": committed_db,
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": str(sink.port),
        "REDIS_URL": BROKER,
        "PGAPPNAME": "kept",
    }
    command = [sys.executable, *CELERY, "worker", "-Q", "webhooks", "-c", "1", "-n", f"kept-{os.getpid()}@localhost"]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **told}, stderr=subprocess.DEVNULL)
    try:
        _sent(process, 1, seconds=60)
        kept = _backends(committed_db)
        assert kept
        _sent(process, 2)
        assert _backends(committed_db) == kept, "the same one serves the next task"
        with psycopg.connect(committed_db, autocommit=True) as other:
            for pid in kept:
                other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        _sent(process, 3)
        assert not _backends(committed_db) & kept
    finally:
        process.terminate()
        process.wait(30)
        sink.stop()


def _sent(process: subprocess.Popen[bytes], count: int, seconds: float = 20) -> None:
    """One more message is sent by one task."""
    one = invoice(account=payer())
    send_again(invoice_id=one.pk, actor=ACTOR)
    _rung()
    _until(lambda: Message.objects.filter(status="SENT").count() == count, process, seconds)


def _rung() -> None:
    command = "from celery import current_app as a; a.send_task('notifications.sweep', queue='webhooks')"
    environment = {**os.environ, "REDIS_URL": BROKER, "DJANGO_SETTINGS_MODULE": "billing_project.settings"}
    code = f"import django; django.setup(); import billing_project.celery; {command}"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=True)


def _backends(url: str) -> set[int]:
    """The sessions of workers at that database."""
    with psycopg.connect(url) as asked:
        rows = asked.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = %s", ["kept"]
        )
        return {pid for (pid,) in rows}


def _until(done: Callable[[], bool], process: subprocess.Popen[bytes], seconds: float) -> None:
    until = time.monotonic() + seconds
    while not done():
        assert process.poll() is None, "the worker has ended"
        assert time.monotonic() < until
        time.sleep(0.05)


def test_a_worker_has_no_pool_whatever_the_environment_says() -> None:
    """A deployment may give web and worker one environment; Django refuses a pool of connections that are kept."""
    asked = "import sys; sys.argv = ['/usr/bin/celery', '-A', 'billing_project', 'worker']\n"
    asked += "from billing_project.settings.database import DATABASES\n"
    asked += "found = DATABASES['default']; print(found['CONN_MAX_AGE'], 'pool' in found['OPTIONS'])"
    told = subprocess.run(
        [sys.executable, "-c", asked], cwd=ROOT, env={**os.environ, "DATABASE_POOL_SIZE": "6"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert told.stdout.split() == ["60", "False"]
