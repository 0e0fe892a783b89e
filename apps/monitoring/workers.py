"""Workers and beat: correlation from publisher to task, one line and one duration a task, signs of life, /metrics."""

import logging
import os
import threading
from typing import Any

import structlog
from celery import Celery, signals
from celery.platforms import EX_FAILURE
from celery.worker import state
from django.conf import settings
from django_structlog.celery.signals import bind_extra_task_metadata, modify_context_before_task_publish
from django_structlog.celery.steps import DjangoStructLogInitStep
from prometheus_client import start_http_server

from apps.kernel import clock
from apps.kernel.memory import settle
from apps.kernel.transactions import correlation
from apps.monitoring import exposition, logs, metrics, signs, telemetry

COLD_SECONDS = 10.0

_started: dict[str, float] = {}


def connect(app: Celery) -> None:
    """Listen to Celery and to django-structlog. Called once, where the application is made."""
    app.steps["worker"].add(DjangoStructLogInitStep)
    signals.setup_logging.connect(configure_logs)
    signals.worker_init.connect(give_up_when_unacknowledged)
    modify_context_before_task_publish.connect(carry)
    signals.task_prerun.connect(start)
    bind_extra_task_metadata.connect(begin)
    signals.task_postrun.connect(finish)
    signals.worker_ready.connect(serve_metrics)
    signals.worker_ready.connect(settled)
    signals.worker_process_init.connect(settled)
    signals.worker_process_init.connect(trace_worker)
    signals.worker_process_shutdown.connect(end_traces)
    signals.worker_shutting_down.connect(end_in_time)
    signals.heartbeat_sent.connect(seen)
    signals.beat_init.connect(begin_beat)


def settled(**_: Any) -> None:
    """All is loaded: in the process that serves, and in each of its pool."""
    settle()


def trace_worker(**_: Any) -> None:
    """In each process of the pool, after the fork: what sends spans is a thread."""
    telemetry.start("worker")


def end_traces(**_: Any) -> None:
    telemetry.finish()


def end_in_time(how: str, **_: Any) -> None:
    """A worker that is to drop its tasks says good-bye to the broker first, and without one it would do so for ever:
    a thread that sends its last heartbeat holds the lock of the dispatcher of events while it looks for the broker."""
    if how == "Cold":
        ending = threading.Timer(COLD_SECONDS, os._exit, [EX_FAILURE])
        ending.daemon = True
        ending.start()


class GiveUp(logging.Filter):
    """A worker that could not give a task back, because the broker hung, counts it as under way for ever.

    With as many of them as it has processes it takes no more, though it lives. It ends instead, and whoever started it
    starts it anew; due work is rows, so nothing is lost.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Celery tells of it nowhere but in its log."""
        if str(record.msg).startswith("Couldn't ack"):
            state.should_stop = EX_FAILURE  # type: ignore[assignment]
        return True


def give_up_when_unacknowledged(**_: Any) -> None:
    logging.getLogger("celery.worker.request").addFilter(GiveUp())


def configure_logs(**_: Any) -> None:
    logs.configure(settings.LOGGING)


def carry(context: dict[str, Any], **_: Any) -> None:
    """What django-structlog puts on the message: the id of the request that asked for the task, and nothing else."""
    context.clear()
    if correlation.get():
        context["request_id"] = correlation.get()


def start(task_id: str, **_: Any) -> None:
    _started[task_id] = clock.monotonic()


def begin(task: Any, **_: Any) -> None:
    """What is logged, audited and called from now on belongs to whoever asked for this task, or to the task itself.

    django-structlog has just bound what came with the message.
    """
    given = structlog.contextvars.get_contextvars().get("request_id")
    correlation.set(str(given or task.request.id))
    structlog.contextvars.bind_contextvars(request_id=correlation.get(), task=task.name)


def finish(task_id: str, task: Any, **_: Any) -> None:
    """Measured; the line is django-structlog's. What is logged next belongs to nobody yet."""
    seconds = clock.monotonic() - _started.pop(task_id, clock.monotonic())
    metrics.celery_task_duration.labels(task.name).observe(seconds)
    correlation.set("")
    structlog.contextvars.clear_contextvars()


def seen(**_: Any) -> None:
    metrics.celery_worker_last_seen.set(clock.wall().timestamp())
    signs.leave(signs.WORKER)


def begin_beat(**_: Any) -> None:
    signals.after_task_publish.connect(tick)
    telemetry.start("beat")
    serve_metrics()


def tick(**_: Any) -> None:
    metrics.beat_last_tick.set(clock.wall().timestamp())
    signs.leave(signs.BEAT)


def serve_metrics(**_: Any) -> None:
    """/metrics of this process and its children on METRICS_PORT; 0 or absent: none."""
    port = int(os.environ.get("METRICS_PORT", "0"))
    if port:
        address = os.environ.get("METRICS_ADDRESS", "127.0.0.1")
        start_http_server(port, addr=address, registry=exposition.registry())
