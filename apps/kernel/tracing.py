"""Where a trace goes on: what is handed on with an event, and taken up by whoever hears of it later.

Kernel knows no telemetry: until a carrier is given (`monitoring.tracing`, only with an exporter set), all this is
nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

import structlog

from apps.kernel.transactions import correlation


class Carrier(Protocol):
    """What knows traces."""

    def traceparent(self) -> str:
        """W3C's text of the span that is open, "" outside of one."""
        ...

    def continuing(self, name: str, traceparents: Sequence[str]) -> AbstractContextManager[None]:
        """A span that goes on where one of them was; of several it is a trace of its own that is linked to each."""
        ...

    def ids(self) -> Mapping[str, str]:
        """`trace_id` and `span_id` of the span that is open, for log lines."""
        ...


_carrier: Carrier | None = None
NONE: Mapping[str, str] = {}


def use(carrier: Carrier | None) -> None:
    """Trace from now on, or no more."""
    global _carrier
    _carrier = carrier


def traceparent() -> str:
    """What is written beside a row, for whoever works it off."""
    return _carrier.traceparent() if _carrier else ""


def ids() -> Mapping[str, str]:
    return _carrier.ids() if _carrier else NONE


class Asked(Protocol):
    """A row of work, and where the wish for it came from."""

    correlation: str
    traceparent: str

    @property
    def pk(self) -> Any:
        """Names a batch by its first row."""
        ...


@contextmanager
def working_off(name: str, rows: Sequence[Asked]) -> Iterator[None]:
    """Go on under the correlation id and in the trace of the request that caused the rows; a batch that several caused
    has an id of its own."""
    requests = {row.correlation for row in rows}
    one = requests.pop() or correlation.get() if len(requests) == 1 else f"batch:{rows[0].pk}"
    token = correlation.set(one)
    try:
        with structlog.contextvars.bound_contextvars(request_id=correlation.get()), _continuing(name, rows):
            yield
    finally:
        correlation.reset(token)


@contextmanager
def _continuing(name: str, rows: Sequence[Asked]) -> Iterator[None]:
    known = list(dict.fromkeys(row.traceparent for row in rows if row.traceparent))
    if _carrier is None or not known:
        yield
        return
    with _carrier.continuing(name, known):
        yield
