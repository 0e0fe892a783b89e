"""The workers' application: queues, how a task is published and run, and the whole timetable of beat on one screen.

Celery is a doorbell: due work is rows in PostgreSQL with a lease; tasks carry ids only, may run twice, late or never.
"""

import os
import sys
from typing import Any

from celery import Celery, signals
from django.conf import settings
from django.db import close_old_connections
from kombu import Queue

from apps.monitoring import workers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "billing_project.settings")

QUEUES = ("events", "billing", "payments", "webhooks", "usage", "bulk")

TIMETABLE: dict[str, float] = {
    # task: every so many seconds
    "events.sequence": 1,
    "events.sweep": 5,
    "payments.sweep": 5,
    "notifications.sweep": 5,
    "webhooks.sweep": 5,
    "webhooks.tell": 60,
    "tax.sweep": 60,
    "clocks.sweep": 5,
    "schedule.run_due": 60,
}

app = Celery("billing_project")
app.conf.update(
    broker_url=settings.REDIS_URL,
    # Truth is rows in PostgreSQL: no result is stored anywhere.
    result_backend=None,
    task_ignore_result=True,
    accept_content=["json"],
    task_serializer="json",
    enable_utc=True,
    timezone="UTC",
    task_queues=[Queue(name) for name in QUEUES],
    task_default_queue="events",
    task_routes={f"{name}.*": {"queue": name} for name in QUEUES}
    | {"schedule.*": {"queue": "billing"}, "clocks.*": {"queue": "billing"}}
    # Mail and questions to VIES go to the outside as webhooks do: the relay of a long run does not delay them.
    | {"notifications.*": {"queue": "webhooks"}, "tax.*": {"queue": "webhooks"}},
    # A worker that dies gives its task back; tasks bear running twice.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_soft_time_limit=540,
    task_time_limit=570,
    # A doorbell rings once, for half a second at most. kombu takes 0 retries for endless ones, so: one, at once.
    task_publish_retry=False,
    broker_connection_timeout=0.5,
    broker_transport_options={
        "visibility_timeout": 600,
        "socket_timeout": 0.5,
        "socket_connect_timeout": 0.5,
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0,
        "interval_max": 0,
    },
    # Workers and beat wait for a broker that is away, for as long as it takes.
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    worker_hijack_root_logger=False,
    worker_send_task_events=False,
    # A tick that nobody took is worth nothing by the next one.
    beat_schedule={
        name: {"task": name, "schedule": seconds, "options": {"expires": max(seconds, 10)}}
        for name, seconds in TIMETABLE.items()
    },
    beat_max_loop_interval=1,
)
# To connect to the database costs more than most tasks do. Celery would do it for each; each process keeps its own.
app.conf["CELERY_DB_REUSE_MAX"] = sys.maxsize
app.autodiscover_tasks()
workers.connect(app)


@signals.task_prerun.connect
def begin_with_a_sound_connection(**_: Any) -> None:
    """One that has served for its time, or that an error has left unusable, is replaced before the task asks."""
    close_old_connections()
