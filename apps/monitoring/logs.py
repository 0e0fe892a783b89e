"""Logs: one JSON object a line, from structlog and from the standard library alike, without secrets.

`configure` is settings.LOGGING_CONFIG: Django calls it with settings.LOGGING, {"level": ..., "stream": ...}.
Servers write to stdout, commands to stderr, so that what a command prints can be piped.

Our own lines, of which each request writes one, do not pass the standard library's loggers: its records, the look for
the caller and the formatter's copies took longer than all else of a line.
"""

import json
import logging.config
import sys
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
import structlog

from apps.kernel import clock, tracing
from apps.kernel.transactions import correlation
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


def with_time(_logger: Any, _method: str, line: Any) -> Any:
    """When it happened: what a line that is written later brings with it, else now."""
    given = line.get("timestamp")
    at = given if isinstance(given, datetime) else clock.wall()
    line["timestamp"] = at.isoformat().replace("+00:00", "Z")
    return line


def with_request(_logger: Any, _method: str, line: Any) -> Any:
    """The request or task that it belongs to, also where nothing but the id is known."""
    if "request_id" not in line and (known := correlation.get()):
        line["request_id"] = known
    return line


SHARED: tuple[Any, ...] = (
    structlog.contextvars.merge_contextvars,
    with_request,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    with_time,
    with_trace,
    structlog.processors.StackInfoRenderer(),
    structlog.processors.format_exc_info,
)


def encode(line: Any) -> bytes:
    """As JSON, with the newline."""
    try:
        return msgspec.json.encode(line) + b"\n"
    except (UnicodeEncodeError, OverflowError, TypeError):
        # Halves of characters, integers beyond 64 bits, keys that are no text.
        return json.dumps(line, default=str).encode() + b"\n"


class Lines:
    """What structlog hands a line to: redacted, encoded and written at once."""

    def __init__(self, stream: str, name: str) -> None:
        self.stream, self.name = stream, name

    def write(self, **line: Any) -> None:
        """One call of the buffer, whose lock keeps lines whole. One that cannot be written fails nothing, as in the
        standard library: a request is not refused because a disk is full."""
        try:
            buffer = getattr(sys, self.stream).buffer
            buffer.write(encode(redact(None, "", line)))
            buffer.flush()
        except Exception:  # noqa: BLE001 - whatever it is, there is nowhere to tell it
            logging.Handler().handleError(logging.makeLogRecord({"name": self.name, "msg": "a line is lost"}))

    debug = info = warning = error = critical = write


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
                    "foreign_pre_chain": [*SHARED[:4], structlog.stdlib.ExtraAdder(), *SHARED[4:]],
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
        processors=[*SHARED[:1], without_ticks, *SHARED[1:]],
        logger_factory=lambda *names: Lines(stream, names[0] if names else ""),
        wrapper_class=structlog.make_filtering_bound_logger(level.lower()),
        cache_logger_on_first_use=True,
    )


def without_ticks(_logger: Any, _method: str, line: Any) -> Any:
    """Sweeps that nobody asked for run every second or so: that they went well would drown the rest."""
    if line["event"] == "task_succeeded" and line.get("request_id") == line.get("task_id"):
        raise structlog.DropEvent
    return line


def without_request(_logger: Any, _method: str, line: Any) -> Any:
    """Django adds the request and its server to its lines as objects; their text says nothing, but the request has its
    id, which nothing else knows any more when Django writes of a 5xx."""
    if known := getattr(line.get("request"), "request_id", ""):
        line.setdefault("request_id", known)
    for name in ("request", "server_time"):
        if name in line and not isinstance(line[name], str | int | dict):
            del line[name]
    return line
