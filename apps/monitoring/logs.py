"""Logs: one JSON object a line, from structlog and from the standard library alike, without secrets.

`configure` is settings.LOGGING_CONFIG: Django calls it with settings.LOGGING, {"level": ..., "stream": ...}.
Servers write to stdout, commands to stderr, so that what a command prints can be piped.
"""

import logging.config
from collections.abc import Mapping
from typing import Any

import structlog

from apps.kernel import tracing
from apps.monitoring.redaction import processor as redact

# Loggers that would say again what the request line or the task line says, or speak of every heartbeat.
QUIET = {
    "django.request": "ERROR",
    "uvicorn.access": "WARNING",
    "gunicorn.access": "WARNING",
    "celery.worker.strategy": "WARNING",
    "celery.app.trace": "CRITICAL",
    "celery.beat": "WARNING",
    "stripe": "WARNING",
    "environ.environ": "WARNING",
    "psycopg.pool": "ERROR",
    "httpx": "WARNING",
}


def with_trace(_logger: Any, _method: str, line: Any) -> Any:
    """From a line to its trace; nothing where none is."""
    line.update(tracing.ids())
    return line


SHARED: tuple[Any, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    with_trace,
    structlog.processors.StackInfoRenderer(),
    structlog.processors.format_exc_info,
)


def configure(config: Mapping[str, Any]) -> None:
    """Send every log line to `stream` (stdout or stderr) from `level` on."""
    level, stream = str(config.get("level", "INFO")).upper(), str(config.get("stream", "stderr"))
    if stream not in ("stdout", "stderr"):
        raise ValueError(f"LOG_STREAM is {stream!r}: set it to stdout or stderr")
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "json": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": [*SHARED[:3], structlog.stdlib.ExtraAdder(), *SHARED[4:]],
                    "processors": [
                        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                        without_request,
                        redact,
                        structlog.processors.JSONRenderer(),
                    ],
                }
            },
            "handlers": {
                "stream": {"class": "logging.StreamHandler", "stream": f"ext://sys.{stream}", "formatter": "json"}
            },
            "root": {"handlers": ["stream"], "level": level},
            "loggers": {name: {"level": quiet} for name, quiet in QUIET.items()},
        }
    )
    # Servers bring handlers of their own: their lines go through ours instead.
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "gunicorn.error", "gunicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED[:1],
            without_ticks,
            *SHARED[1:],
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def without_ticks(_logger: Any, _method: str, line: Any) -> Any:
    """Sweeps that nobody asked for run every second or so: that they went well would drown the rest."""
    if line["event"] == "task_succeeded" and line.get("request_id") == line.get("task_id"):
        raise structlog.DropEvent
    return line


def without_request(_logger: Any, _method: str, line: Any) -> Any:
    """Django adds the request and its server to its lines as objects; their text says nothing."""
    for name in ("request", "server_time"):
        if name in line and not isinstance(line[name], str | int | dict):
            del line[name]
    return line
