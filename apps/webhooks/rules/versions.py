"""Shapes of payloads by API version: an endpoint goes on getting the shape that it was made with.

A change of an object's shape raises the `version` of the events that carry it and adds a step here, which turns the new
shape into the one before. What was stored in an older shape is never turned into a newer one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from apps.kernel.matching import matches

Data = dict[str, Any]

VERSIONS: tuple[str, ...] = ("2026-11-01",)
"""All versions of the API for which endpoints may exist, the oldest first."""


@dataclass(frozen=True)
class Step:
    """From `since` on, events of a type `pattern` have the version `version`; `down` gives the shape before."""

    since: str
    pattern: str
    version: int
    down: Callable[[Data], Data]


STEPS: tuple[Step, ...] = ()
"""In the order in which they were made."""


def shaped(data: Data, *, event_type: str, version: int, wanted: str, steps: Sequence[Step] = STEPS) -> Data:
    """`data`, stored in a type's `version`, as the API version `wanted` has it."""
    for step in reversed(steps):
        if step.since > wanted and step.version <= version and matches([step.pattern], event_type):
            data = step.down(data)
    return data


def changes(event_type: str, wanted: str, steps: Sequence[Step] = STEPS) -> bool:
    """Whether anything has to be done for that: mostly nothing, and then the stored text is sent as it is."""
    return any(step.since > wanted and matches([step.pattern], event_type) for step in steps)
