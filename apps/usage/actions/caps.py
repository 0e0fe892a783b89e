"""Caps that refuse: what a meter has come to is asked at most once a second and process, and counted on in between.

So a cap is exact within a batch, and batches at the same time may pass it together, for a second.
"""

import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypeAlias
from uuid import UUID

from apps.kernel.errors import Invalid
from apps.usage.actions.judging import Capped
from apps.usage.actions.storing import Taken
from apps.usage.queries.totals import Asked, Total, totals
from apps.usage.rules import refusals
from apps.usage.rules.caps import Running, admit, admits, plain
from apps.usage.rules.meters import Aggregation, Meter

FRESH = 1
"""Seconds for which a total is counted on before it is asked again."""
MOST = 10_000
_END = datetime.max.replace(tzinfo=UTC)

_Name: TypeAlias = tuple[str, datetime, str, str]
"""Subscription, start of its window, metric, key of the charge."""
_lock = threading.Lock()
_running: dict[_Name, tuple[float, Running]] = {}


def beyond(taken: Sequence[Taken], capped: Mapping[int, Sequence[Capped]], *, now: float) -> dict[int, Invalid]:
    """Which of these would go beyond a cap, in their order; the others are counted. `now`: monotonic seconds."""
    ours = [(each, capped[each.index]) for each in taken if each.index in capped]
    wanted = {_name(one): one for _, all in ours for one in all}
    refused: dict[int, Invalid] = {}
    seen: set[str] = set()
    known = _known(wanted, now)
    with _lock:
        if len(_running) > MOST:
            _running.clear()
        for name, entry in known.items():
            # Whoever asked meanwhile has counted on: theirs stays.
            if name not in _running or _running[name][0] <= now:
                _running[name] = entry
        for each, all in ours:
            event = each.event
            if event.digest in seen:
                continue
            counters = [(one.meter, _running[_name(one)][1]) for one in all]
            full = [meter for meter, sum in counters if not admits(meter, sum, event.quantity, event.properties)]
            if full:
                refused[each.index] = refusals.cap_reached(full[0].key, plain(full[0].cap or Decimal(0)))
                continue
            seen.add(event.digest)
            for meter, sum in counters:
                admit(meter, sum, event.quantity, event.properties)
    return refused


def _known(wanted: Mapping[_Name, Capped], now: float) -> dict[_Name, tuple[float, Running]]:
    """What each meter has come to: as it is counted on, or asked anew, in one query during which nobody waits."""
    with _lock:
        known = {name: _running[name] for name in wanted if name in _running and _running[name][0] > now}
    missing = [name for name in wanted if name not in known]
    if missing:
        found = totals([_asked(wanted[name]) for name in missing]).totals
        for name, own in zip(missing, found, strict=True):
            known[name] = (now + FRESH, _sum(wanted[name], own))
    return known


def _asked(capped: Capped) -> Asked:
    """The meter's total in the window; for unique counts its different values too, which the cap keeps few."""
    window, meter = capped.window, capped.meter.meter(capped.metric)
    unique = meter.aggregation is Aggregation.UNIQUE_COUNT
    if unique and meter.unique_by is not None:
        meter = Meter(meter.metric, Aggregation.COUNT, meter.filter, (meter.unique_by,))
    elif unique:
        meter = Meter(meter.metric, Aggregation.SUM, meter.filter)
    return Asked(UUID(window.subscription_id), meter, window.starts_at, window.ends_at or _END, values=unique)


def _sum(capped: Capped, found: Sequence[Total]) -> Running:
    if capped.meter.aggregation is not Aggregation.UNIQUE_COUNT:
        return Running(found[0].quantity if found else Decimal(0))
    if capped.meter.unique_by is None:
        values = {plain(value) for total in found for value in total.values}
    else:
        values = {text for total in found for text in total.group.values() if text is not None}
    return Running(Decimal(len(values)), values)


def _name(capped: Capped) -> _Name:
    return capped.window.subscription_id, capped.window.starts_at, capped.metric, capped.meter.key
