"""Which events their subscriptions take: by the windows there are, at the account's time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias
from uuid import UUID

from apps.clocks.queries import now_by_clock
from apps.kernel.errors import Invalid
from apps.usage.actions.storing import Taken
from apps.usage.queries import windows
from apps.usage.queries.windows import Open
from apps.usage.rules import refusals
from apps.usage.rules.event import Candidate
from apps.usage.rules.meters import WindowMeter, matches

TOLERANCE = timedelta(minutes=5)
"""How far a sender's clock may be ahead of the account's time."""

Windows: TypeAlias = dict[str, list[Open]]


@dataclass(frozen=True)
class Capped:
    """An event that counts towards a cap."""

    window: Open
    metric: str
    meter: WindowMeter


@dataclass
class Verdict:
    """Events by their place: what is taken, what is refused, and what counts towards which caps."""

    taken: list[Taken] = field(default_factory=list)
    refused: dict[int, Invalid] = field(default_factory=dict)
    capped: dict[int, list[Capped]] = field(default_factory=dict)


def judge(events: Mapping[int, Candidate], *, at: datetime, late: bool) -> Verdict:
    """Look each event's window up, in a fixed number of queries. `at`: the wall's time."""
    verdict = Verdict()
    if not events:
        return verdict
    found, unknown = _windows(events)
    clocks = {window.clock_id for held in found.values() for window in held}
    times = {None: at, **now_by_clock(clocks - {None})}
    for index, event in events.items():
        name = event.subscription or event.external_key or ""
        held = found.get(name) or found.get(name.lower()) or []
        if not held and name in unknown:
            verdict.refused[index] = refusals.subscription_unknown()
            continue
        window = next((each for each in held if each.spans(event.timestamp)), None)
        now = times[window.clock_id if window else held[0].clock_id if held else None]
        refused = _refused(event, window, now, late=late)
        if refused is not None or window is None:
            verdict.refused[index] = refused or refusals.outside_windows()
            continue
        verdict.taken.append(Taken(index, event, window.subscription_id, now))
        capped = [
            Capped(window, event.metric, meter) for meter in window.metrics[event.metric] if _counts(meter, event)
        ]
        if capped:
            verdict.capped[index] = capped
    return verdict


def _refused(event: Candidate, window: Open | None, now: datetime, *, late: bool) -> Invalid | None:
    if event.timestamp > now + TOLERANCE:
        return refusals.timestamp_in_future(now, int(TOLERANCE.total_seconds()))
    if window is None:
        return refusals.outside_windows()
    if window.accept_until is not None and now >= window.accept_until and not late:
        return refusals.too_late(window.accept_until)
    meters = window.metrics.get(event.metric)
    if not meters:
        return refusals.metric_unknown(window.metrics)
    if event.quantity < 0 and not all(meter.negative for meter in meters):
        return refusals.quantity_negative()
    return None


def _counts(meter: WindowMeter, event: Candidate) -> bool:
    return meter.cap is not None and matches(meter.filter, event.properties)


def _windows(events: Mapping[int, Candidate]) -> tuple[Windows, set[str]]:
    """The windows by id and by external key, and the names that were never metered."""
    ids = {event.subscription for event in events.values() if event.subscription is not None}
    external = {event.external_key for event in events.values() if event.external_key is not None}
    valid = {name.lower() for name in ids if _is_id(name)}
    stamps = [event.timestamp for event in events.values()]
    found: Windows = {}
    for window in windows.holding(valid, external, min(stamps), max(stamps)):
        for name in (window.subscription_id, window.external_key):
            if name is not None:
                found.setdefault(name, []).append(window)
    missing = (ids | external) - found.keys() - {name for name in ids if name.lower() in found}
    if not missing:
        return found, missing
    known = windows.known({name.lower() for name in missing & ids if _is_id(name)}, missing & external)
    return found, {name for name in missing if name not in known and name.lower() not in known}


def _is_id(text: str) -> bool:
    try:
        return len(text) == 36 and bool(UUID(text))
    except ValueError:
        return False
