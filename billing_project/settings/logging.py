"""Logs: one JSON object a line. Servers write to stdout, commands to stderr. Configured by apps.monitoring.logs."""

import logging

from billing_project.settings.environment import env

LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOG_STREAM = env.str("LOG_STREAM", default="stderr")
LOGGING_CONFIG = "apps.monitoring.logs.configure"
LOGGING = {"level": LOG_LEVEL, "stream": LOG_STREAM}

# django-structlog: the id of a request travels into tasks, and each task writes one line, when it ends.
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_CELERY_TASK_START_LOG_LEVEL = logging.DEBUG

INTERNAL_TOKEN = env.str("INTERNAL_TOKEN", default="")
"""What Alertmanager and the synthetic probe send as bearer to /internal/...; without it these do not exist."""

# django-prometheus times queries and requests: with the edges that the service levels need.
PROMETHEUS_LATENCY_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 5, 10)
