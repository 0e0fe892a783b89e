"""Workers and beat: correlation from publisher to task, one line and one duration a task, signs of life, /metrics."""

import os
from typing import Any

import structlog
from celery import signals
from django.conf import settings
from prometheus_client import start_http_server

from apps.kernel import clock
from apps.kernel.transactions import correlation
from apps.monitoring import exposition, logs, metrics

HEADER = "correlation"

logger = structlog.get_logger(__name__)
_started: dict[str, float] = {}


def connect() -> None:
    """Listen to Celery. Called once, where the application is made."""
    signals.setup_logging.connect(configure_logs)
    signals.before_task_publish.connect(carry)
    signals.task_prerun.connect(begin)
    signals.task_postrun.connect(finish)
    signals.worker_ready.connect(serve_metrics)
    signals.heartbeat_sent.connect(seen)
    signals.beat_init.connect(begin_beat)


def configure_logs(**_: Any) -> None:
    logs.configure(settings.LOGGING)


def carry(headers: dict[str, Any], **_: Any) -> None:
    """Put the publisher's correlation on the message."""
    if correlation.get():
        headers.setdefault(HEADER, correlation.get())


def begin(task_id: str, task: Any, **_: Any) -> None:
    """What is logged, audited and called from now on belongs to whoever asked for this task, or to the task itself."""
    _started[task_id] = clock.monotonic()
    given = str(getattr(task.request, HEADER, None) or (task.request.headers or {}).get(HEADER) or task_id)
    correlation.set(given)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=given, task=task.name, task_id=task_id)


def finish(task_id: str, task: Any, state: str | None = None, **_: Any) -> None:
    seconds = clock.monotonic() - _started.pop(task_id, clock.monotonic())
    metrics.celery_task_duration.labels(task.name).observe(seconds)
    # Sweeps that nobody asked for run every second or so: their lines would drown the rest.
    write = logger.debug if correlation.get() == task_id else logger.info
    write("task", state=state, duration_ms=round(seconds * 1000, 2))
    correlation.set("")


def seen(**_: Any) -> None:
    metrics.celery_worker_last_seen.set(clock.wall().timestamp())


def begin_beat(**_: Any) -> None:
    signals.after_task_publish.connect(tick)
    serve_metrics()


def tick(**_: Any) -> None:
    metrics.beat_last_tick.set(clock.wall().timestamp())


def serve_metrics(**_: Any) -> None:
    """/metrics of this process and its children on METRICS_PORT; 0 or absent: none."""
    port = int(os.environ.get("METRICS_PORT", "0"))
    if port:
        address = os.environ.get("METRICS_ADDRESS", "127.0.0.1")
        start_http_server(port, addr=address, registry=exposition.registry())
