"""Logs: one JSON object a line. Servers write to stdout, commands to stderr. Configured by apps.monitoring.logs."""

from billing_project.settings.environment import env

LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOG_STREAM = env.str("LOG_STREAM", default="stderr")
LOGGING_CONFIG = "apps.monitoring.logs.configure"
LOGGING = {"level": LOG_LEVEL, "stream": LOG_STREAM}
DJANGO_STRUCTLOG_CELERY_ENABLED = True
