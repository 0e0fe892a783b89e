"""Metrics of usage."""

from collections.abc import Sized

from prometheus_client import Counter

usage_events_ingested = Counter("usage_events_ingested_total", "Usage events by what became of them", ["result"])


def count(accepted: Sized, duplicate: Sized, rejected: Sized) -> None:
    """Count the events of one request."""
    for result, events in (("accepted", accepted), ("duplicate", duplicate), ("rejected", rejected)):
        if len(events):
            usage_events_ingested.labels(result=result).inc(len(events))
