"""The request's id travels from publisher to task; each task is measured and writes one line."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from celery import Celery
from django_structlog.celery.receivers import CeleryReceiver
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from apps.kernel.transactions import correlation
from apps.monitoring import logs, workers

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    structlog.contextvars.clear_contextvars()
    yield
    structlog.contextvars.clear_contextvars()


def _published() -> dict[str, Any]:
    headers: dict[str, Any] = {"task": "x"}
    CeleryReceiver().receiver_before_task_publish(headers=headers, properties={}, routing_key="events")
    return headers


@pytest.mark.fr("FR-148")
def test_the_publishers_correlation_is_put_on_the_message_and_nothing_else() -> None:
    given = correlation.set("req-7")
    structlog.contextvars.bind_contextvars(email="someone@example.com")
    try:
        assert _published() == {"task": "x", "__django_structlog__": {"request_id": "req-7"}}
    finally:
        correlation.reset(given)


def test_nothing_is_put_on_the_message_of_nobody() -> None:
    assert _published() == {"task": "x", "__django_structlog__": {}}


@pytest.mark.parametrize("given", ["req-8", None])
@pytest.mark.fr("FR-148")
def test_a_task_runs_under_the_id_it_was_sent_with_and_is_measured(given: str | None) -> None:
    seen: list[Any] = []
    app, receiver = Celery("own", set_as_current=False), CeleryReceiver()
    name = f"web.seen.{given}"

    @app.task(name=name, bind=True)
    def task(self: object) -> None:
        seen.append((correlation.get(), structlog.contextvars.get_contextvars()))

    context = {"request_id": given} if given else {}
    task.push_request(id="t-1", __django_structlog__=context)
    workers.start(task_id="t-1")
    receiver.receiver_task_prerun("t-1", task)
    task.run()
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        receiver.receiver_task_success(sender=task)
    workers.finish(task_id="t-1", task=task)
    task.pop_request()
    carried = given or "t-1"
    assert seen == [(carried, {"request_id": carried, "task_id": "t-1", "task": name})]
    assert [(line["event"], line["request_id"], line["task"]) for line in lines] == [("task_succeeded", carried, name)]
    assert (correlation.get(), structlog.contextvars.get_contextvars()) == ("", {})
    assert REGISTRY.get_sample_value("celery_task_duration_seconds_count", {"task": name}) == 1


def test_the_worker_of_the_project_starts_with_the_step() -> None:
    own = Celery("own", set_as_current=False)
    workers.connect(own)
    assert workers.DjangoStructLogInitStep in own.steps["worker"]


@pytest.mark.parametrize(("how", "code"), [("Cold", 1), ("Warm", 0)])
def test_a_worker_that_drops_its_tasks_ends_though_it_cannot_say_good_bye(how: str, code: int) -> None:
    hung = f"""
import os, time
os.environ["DJANGO_SETTINGS_MODULE"] = "billing_project.settings"
from celery import signals
from apps.monitoring import workers
import billing_project.celery
workers.COLD_SECONDS = 0.1
signals.worker_shutting_down.send(sender="w", sig="SIGQUIT", how="{how}", exitcode=1)
time.sleep(2 if "{how}" == "Warm" else 60)
"""
    assert subprocess.run([sys.executable, "-c", hung], cwd=ROOT, timeout=40, check=False).returncode == code


def test_a_tick_that_went_well_writes_no_line_a_failed_one_does() -> None:
    tick = {"event": "task_succeeded", "task_id": "t", "request_id": "t"}
    with pytest.raises(structlog.DropEvent):
        logs.without_ticks(None, "info", dict(tick))
    for line in ({**tick, "request_id": "asked"}, {**tick, "event": "task_failed"}):
        assert logs.without_ticks(None, "info", line) is line
