"""Whether to trace at all. Loads neither SDK nor exporter nor instrumentation unless an exporter's address is set."""

import os
from importlib import import_module

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


def start(role: str) -> None:
    """Trace this process, if somebody is there to hear of it."""
    if any(os.environ.get(name) for name in ENDPOINTS):
        import_module("apps.monitoring.tracing").start(role)


def finish() -> None:
    """Send what waits."""
    if any(os.environ.get(name) for name in ENDPOINTS):
        import_module("apps.monitoring.tracing").finish()
