"""How much was used, by month or day and metric: events, their quantities, and whose they were. One statement.

An event counts in the step in which its timestamp lies, by its account's time zone, once nothing has corrected it.
Events are kept in months of their arrival, at least two years long: what is older and dropped counts no more.
"""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.db import connection

from apps.analytics.periods import Period
from apps.usage.actions.judging import TOLERANCE

CLOCKS_DIFFER = timedelta(hours=1)
"""More than the clocks of two machines do."""

# Summed by subscription first: then there are few rows to tell apart.
_STATEMENT = """
WITH used AS (
    SELECT date_trunc(%(interval)s, event.timestamp AT TIME ZONE account.timezone)::date AS step, event.metric,
           event.subscription_id, account.id AS account_id, count(*) AS events, sum(event.quantity) AS quantity
    FROM usage_event AS event
    JOIN subscriptions_subscription AS subscription ON subscription.id = event.subscription_id
    JOIN accounts_account AS account ON account.id = subscription.account_id
    WHERE event.timestamp >= %(since)s AND event.timestamp < %(until)s
      AND (%(clock)s::uuid IS NOT NULL OR event.id >= usage_floor(%(arrived)s))
      AND (event.timestamp AT TIME ZONE account.timezone)::date BETWEEN %(first)s AND %(last)s
      AND account.test_clock_id IS NOT DISTINCT FROM %(clock)s
      AND (%(currency)s = '' OR account.currency = %(currency)s) AND (%(metric)s = '' OR event.metric = %(metric)s)
      AND NOT EXISTS (SELECT FROM usage_correction AS correction WHERE correction.event_id = event.id)
    GROUP BY 1, 2, 3, 4
)
SELECT step, metric, sum(events), sum(quantity), count(*), count(DISTINCT account_id)
FROM used GROUP BY step, metric ORDER BY step DESC, metric
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
    """The newest step first, then by metric, of one or of all; what was not used has no row.

    `currency` is the accounts'. An event is refused if its timestamp lies further ahead than TOLERANCE, so months of
    arrival that ended before the period are not read. Test clocks run ahead of arrivals, so for them all months are.
    """
    asked = {
        "interval": period.interval.value,
        "since": period.since,
        "until": period.until,
        "arrived": period.since - TOLERANCE - CLOCKS_DIFFER,
        "first": period.first,
        "last": period.last,
        "clock": period.clock_id,
        "currency": period.currency,
        "metric": metric,
    }
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENT, asked)
        return [
            Used(period.named(step), name, int(events), quantity, subscriptions, accounts)
            for step, name, events, quantity, subscriptions, accounts in cursor.fetchall()
        ]
