"""How much was used, by month or day and metric: events, their quantities, and whose they were.

An event counts in the step in which its timestamp lies, by its account's time zone, once nothing has corrected it.
Events are kept in months of their arrival, at least two years long: what is older and dropped counts no more.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from apps.accounts.queries import accounts
from apps.analytics.periods import Period
from apps.kernel.periods import midnight
from apps.usage.actions.judging import TOLERANCE

CLOCKS_DIFFER = timedelta(hours=1)
"""More than the clocks of two machines do."""

# `starts`: the midnights at which a zone's steps begin, and at which the last one ends. To look events up among them is
# nearly free; their local dates cost a second a million. Summed by subscription first: few rows are told apart then.
_STATEMENT = """
WITH local AS MATERIALIZED (
    SELECT timezone, starts::timestamptz[] AS starts FROM unnest(%(zones)s::text[], %(starts)s::text[])
        AS given(timezone, starts)
), used AS (
    SELECT width_bucket(event.timestamp, local.starts) AS step, event.metric, event.subscription_id,
           count(*) AS events, sum(event.quantity) AS quantity
    FROM usage_event AS event
    JOIN subscriptions_subscription AS subscription ON subscription.id = event.subscription_id
    JOIN accounts_account AS account ON account.id = subscription.account_id
    JOIN local ON local.timezone = account.timezone
    WHERE event.timestamp >= %(since)s AND event.timestamp < %(until)s
      AND (%(clock)s::uuid IS NOT NULL OR event.id >= usage_floor(%(arrived)s))
      AND account.test_clock_id IS NOT DISTINCT FROM %(clock)s
      AND (%(currency)s = '' OR account.currency = %(currency)s) AND (%(metric)s = '' OR event.metric = %(metric)s)
      AND NOT EXISTS (SELECT FROM usage_correction AS correction WHERE correction.event_id = event.id)
    GROUP BY 1, 2, 3
)
SELECT step, metric, sum(used.events), sum(used.quantity), count(*), count(DISTINCT subscription.account_id)
FROM used JOIN subscriptions_subscription AS subscription ON subscription.id = used.subscription_id
GROUP BY step, metric ORDER BY step DESC, metric
"""


@dataclass(frozen=True, slots=True)
class Used:
    """What was used of a metric in a step (2026-04 or 2026-04-30), by how many subscriptions and accounts."""

    step: str
    metric: str
    events: int
    quantity: Decimal
    subscriptions: int
    accounts: int


def usage_trends(period: Period, metric: str = "") -> list[Used]:
    """The newest step first, then by metric, of one or of all; what was not used has no row. Two statements.

    `currency` is the accounts'. An event is refused if its timestamp lies further ahead than TOLERANCE, so months of
    arrival that ended before the period are not read. Test clocks run ahead of arrivals, so for them all months are.
    """
    steps = period.steps()
    days = [*steps, period.last + timedelta(days=1)]
    starts = {name: [midnight(day, name) for day in days] for name in _zones(period)}
    if not starts:
        return []
    since = min(instants[0] for instants in starts.values())
    asked: dict[str, Any] = {
        "zones": list(starts),
        "starts": [_array(instants) for instants in starts.values()],
        "since": since,
        "until": max(instants[-1] for instants in starts.values()),
        "arrived": since - TOLERANCE - CLOCKS_DIFFER,
        "clock": period.clock_id,
        "currency": period.currency,
        "metric": metric,
    }
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENT, asked)
        return [
            Used(period.named(steps[step - 1]), name, int(events), quantity, subscriptions, owners)
            for step, name, events, quantity, subscriptions, owners in cursor.fetchall()
            if 1 <= step <= len(steps)  # days that are without the period here are within it elsewhere
        ]


def _zones(period: Period) -> list[str]:
    """The time zones of the accounts that are asked for."""
    owners = accounts().filter(test_clock_id=period.clock_id)
    if period.currency:
        owners = owners.filter(currency=period.currency)
    return list(owners.order_by().values_list("timezone", flat=True).distinct())


def _array(instants: Iterable[datetime]) -> str:
    return "{" + ",".join(instant.isoformat() for instant in instants) + "}"
