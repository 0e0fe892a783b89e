"""Reports as files, line by line."""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from io import StringIO

import msgspec

from apps.analytics.movements import lifetimes, movements, rows
from apps.analytics.objects_movements import (
    ChurnObject,
    LifetimeObject,
    MovementsObject,
    churn_object,
    lifetime_object,
    movements_object,
)
from apps.analytics.objects_reports import RevenueObject, UsageTrendObject, revenue_object, usage_trend_object
from apps.analytics.periods import Period
from apps.analytics.recovery import Group, recovery
from apps.analytics.revenue import revenue
from apps.analytics.usage import usage_trends
from apps.kernel.cells import cell
from apps.rest.objects import ApiObject

RECOVERY = (
    "month", "currency", "reason", "origin", "retry", "message", "cases", "failed_amount", "recovered_amount",
    "median_days",
)  # fmt: skip
MOVEMENTS = ("at", "local_date", "account_id", "currency", "kind", "involuntary", "amount", "mrr")


def recovery_csv(groups: Iterable[Group]) -> Iterator[bytes]:
    """A heading, then a line for each month, currency, reason and what recovered it; sums are left to the reader."""
    yield _line(RECOVERY)
    for group in groups:
        for each in group.by:
            yield _line((
                group.month, group.currency, group.reason, each.origin or "not recovered", each.retry, each.message,
                each.cases, each.failed, each.amount, each.median_days,
            ))  # fmt: skip


def movements_csv(period: Period) -> Iterator[bytes]:
    """The movements themselves, with all their digits."""
    yield _line(MOVEMENTS)
    for at, day, account_id, currency, kind, involuntary, amount, level in rows(period):
        yield _line((at, day, account_id, currency, kind, involuntary, f"{amount:f}", f"{level:f}"))


def objects_csv(shown: type[ApiObject], objects: Iterable[ApiObject]) -> Iterator[bytes]:
    """A column for each field, a line for each object."""
    names = [field.name for field in msgspec.structs.fields(shown)]
    yield _line(names)
    for each in objects:
        yield _line([getattr(each, name) for name in names])


FILES: Mapping[str, Callable[[Period], Iterator[bytes]]] = {
    "mrr": lambda period: objects_csv(MovementsObject, map(movements_object, movements(period))),
    "churn": lambda period: objects_csv(ChurnObject, map(churn_object, movements(period))),
    "ltv": lambda period: objects_csv(LifetimeObject, map(lifetime_object, lifetimes(period))),
    "usage": lambda period: objects_csv(UsageTrendObject, map(usage_trend_object, usage_trends(period))),
    "revenue": lambda period: objects_csv(RevenueObject, map(revenue_object, revenue(period))),
    "recovery": lambda period: recovery_csv(recovery(period)),
    "movements": movements_csv,
}
"""What can be asked for, by name."""
MONTHLY = frozenset({"ltv", "recovery"})
"""Of these, what has no days."""


def _line(values: Iterable[object]) -> bytes:
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerow([cell(value) for value in values])
    return text.getvalue().encode()
