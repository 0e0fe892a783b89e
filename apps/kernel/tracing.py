"""Where a trace goes on: what is handed on with an event, and taken up by whoever hears of it later.

Kernel knows no telemetry: until a carrier is given (`monitoring.tracing`, only with an exporter set), all this is
nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol


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


@contextmanager
def continuing(name: str, traceparents: Sequence[str]) -> Iterator[None]:
    """Work that was asked for there."""
    known = list(dict.fromkeys(filter(None, traceparents)))
    if _carrier is None or not known:
        yield
        return
    with _carrier.continuing(name, known):
        yield
