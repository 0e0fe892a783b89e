"""Which events their subscriptions take: by the windows there are, at the account's time."""

from collections.abc import Iterable, Mapping, Sequence
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

Name: TypeAlias = tuple[str, str]
"""How an event names its subscription: BY_ID or BY_KEY, and the text. A key may look like another's id."""
BY_ID, BY_KEY = "subscription_id", "external_key"
Windows: TypeAlias = dict[Name, list[Open]]


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
    names = {index: _name(event) for index, event in events.items()}
    found, unknown = _windows(names.values(), [event.timestamp for event in events.values()])
    clocks = {window.clock_id for held in found.values() for window in held}
    times = {None: at, **now_by_clock(clocks - {None})}
    for index, event in events.items():
        name = names[index]
        held = found.get(name, [])
        if not held and name in unknown:
            verdict.refused[index] = refusals.subscription_unknown()
            continue
        window = next((each for each in held if each.spans(event.timestamp)), None)
        # A clock that was deleted since is nobody's: then the wall's time counts.
        now = times.get(window.clock_id if window else held[0].clock_id if held else None, at)
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


def _name(event: Candidate) -> Name:
    if event.subscription is None:
        return BY_KEY, event.external_key or ""
    return BY_ID, event.subscription.lower()


def _windows(names: Iterable[Name], stamps: Sequence[datetime]) -> tuple[Windows, set[Name]]:
    """The windows by each name, and the names that were never metered."""
    asked = set(names)
    ids = {text for kind, text in asked if kind == BY_ID and _is_id(text)}
    external = {text for kind, text in asked if kind == BY_KEY}
    found: Windows = {}
    for window in windows.holding(ids, external, min(stamps), max(stamps)):
        for name in _names(window.subscription_id, window.external_key):
            found.setdefault(name, []).append(window)
    missing = asked - found.keys()
    if not missing:
        return found, missing
    known = windows.known({text for text in ids if (BY_ID, text) in missing}, {text for _, text in missing} & external)
    return found, missing - {name for pair in known for name in _names(*pair)}


def _names(subscription_id: str, external_key: str | None) -> list[Name]:
    named = [(BY_ID, subscription_id)]
    return named if external_key is None else [*named, (BY_KEY, external_key)]


def _is_id(text: str) -> bool:
    try:
        return len(text) == 36 and bool(UUID(text))
    except ValueError:
        return False
