"""What became of payments that failed: what was recovered, by what, how soon. One statement, whatever the period.

A case is an invoice whose payment failed for the first time; it counts in the local month of that failure, with the
amount that failed and the gateway's reason for it. It is recovered by the first payment of the invoice that succeeded
afterwards: by that payment's origin (which of its retries, a method that is new or works again, the customer on the
invoice's page, a person who asked, a transfer), and where the customer or a person acted, after the newest message
about the invoice that was sent within the week before. Its recovered amount is all that was paid afterwards and not
taken back by a bank, at most what had failed; credit, a void or a write-off recover nothing. The rate within ten days
is of cases that are that old. A subscription is kept if it is billed by a recovered invoice and goes on, lost if it
was cancelled for nonpayment.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from apps.analytics.periods import Period

WITHIN = 10
"""Days within which most of what can be recovered is."""
MESSAGE_DAYS = 7
"""A message that is older moved nobody."""

_STATEMENT = """
WITH failed AS (
    SELECT p.id, p.invoice_id, p.amount, p.currency, p.settled_at,
           coalesce(nullif(p.failure_code, ''), 'unknown') AS reason,
           to_char(p.settled_at AT TIME ZONE a.timezone, 'YYYY-MM') AS month
    FROM payments_payment p JOIN accounts_account a ON a.id = p.account_id
    WHERE p.status = 'FAILED' AND p.settled_at >= %(since)s AND p.settled_at < %(until)s
      AND a.test_clock_id IS NOT DISTINCT FROM %(clock)s
      AND (%(currency)s = '' OR p.currency = %(currency)s)
      AND NOT EXISTS (
          SELECT FROM payments_payment e WHERE e.invoice_id = p.invoice_id AND e.status = 'FAILED' AND e.id < p.id)
), cases AS (
    SELECT f.month, f.currency, f.reason, f.amount AS failed, i.subscription_id,
           least(paid.amount, f.amount) AS recovered, first.origin, first.retry,
           extract(epoch FROM first.settled_at - f.settled_at) / 86400 AS days,
           f.settled_at <= %(now)s - make_interval(days => %(within)s) AS ripe,
           message.kind AS message
    FROM failed f JOIN invoices_invoice i ON i.id = f.invoice_id
    LEFT JOIN LATERAL (
        SELECT sum(s.amount - s.amount_charged_back) AS amount FROM payments_payment s
        WHERE s.invoice_id = f.invoice_id AND s.status = 'SUCCEEDED' AND s.id > f.id
    ) paid ON true
    LEFT JOIN LATERAL (
        SELECT s.created_at, s.settled_at, coalesce(nullif(s.origin, ''), 'unknown') AS origin,
               CASE WHEN s.origin = 'retry' THEN (
                   SELECT count(*) FROM payments_payment r
                   WHERE r.invoice_id = s.invoice_id AND r.origin = 'retry' AND r.id <= s.id
               ) END AS retry
        FROM payments_payment s
        WHERE s.invoice_id = f.invoice_id AND s.status = 'SUCCEEDED' AND s.id > f.id
        ORDER BY s.id LIMIT 1
    ) first ON paid.amount > 0
    LEFT JOIN LATERAL (
        SELECT m.kind FROM notifications_message m
        WHERE m.invoice_id = f.invoice_id AND m.sent_at <= first.created_at
          AND m.sent_at > first.created_at - make_interval(days => %(message_days)s)
        ORDER BY m.sent_at DESC LIMIT 1
    ) message ON first.origin IN ('method', 'page', 'person', 'transfer')
)
SELECT month, currency, reason, origin, retry, message,
       GROUPING(reason) = 1 AS whole, GROUPING(origin) = 1 AS all_origins,
       count(*), sum(failed), count(origin), coalesce(sum(recovered) FILTER (WHERE origin IS NOT NULL), 0),
       percentile_disc(0.5) WITHIN GROUP (ORDER BY days),
       coalesce(sum(failed) FILTER (WHERE ripe), 0),
       coalesce(sum(recovered) FILTER (WHERE ripe AND days <= %(within)s), 0),
       count(DISTINCT sold.id) FILTER (WHERE origin IS NOT NULL AND sold.status IN ('ACTIVE', 'PAUSED')),
       count(DISTINCT sold.id) FILTER (WHERE sold.cancellation_reason = 'nonpayment')
FROM cases LEFT JOIN subscriptions_subscription sold ON sold.id = cases.subscription_id
WHERE month BETWEEN %(first)s AND %(last)s
GROUP BY GROUPING SETS (
    (month, currency), (month, currency, reason), (month, currency, reason, origin, retry, message))
ORDER BY month DESC, currency, whole DESC, reason, all_origins DESC, count(*) DESC, origin, retry, message
"""


@dataclass(frozen=True, slots=True)
class Recovered:
    """What recovered some of the cases of a group: `retry`: which of them; `message`: the kind of the one before.

    Amounts are minor units. `origin` is None for those that are not recovered.
    """

    origin: str | None
    retry: int | None
    message: str | None
    cases: int
    failed: int
    amount: int
    median_days: Decimal | None


@dataclass(frozen=True, slots=True)
class Group:
    """The cases of a month and currency: of one reason, or (None) of all. `ripe_*`: of those at least ten days old.

    `by` is empty for all reasons together.
    """

    month: str
    currency: str
    reason: str | None
    cases: int
    failed: int
    recovered_cases: int
    recovered: int
    median_days: Decimal | None
    ripe_failed: int
    ripe_recovered: int
    kept: int
    lost: int
    by: list[Recovered]

    @property
    def rate(self) -> Decimal:
        """Of what failed, what was recovered: 0 to 1, four digits."""
        return share(self.recovered, self.failed)

    @property
    def ripe_rate(self) -> Decimal | None:
        """Within ten days, of the cases that are that old; None if none is."""
        return share(self.ripe_recovered, self.ripe_failed) if self.ripe_failed else None


def share(part: int, whole: int) -> Decimal:
    """A part of a whole, four digits; 0 of nothing."""
    return round(Decimal(part) / Decimal(whole), 4) if whole else Decimal(0)


def recovery(period: Period) -> Iterator[Group]:
    """The months of the period, the newest first; by currency; all reasons, then each."""
    asked: dict[str, Any] = {
        "since": period.since,
        "until": period.until,
        "first": f"{period.first:%Y-%m}",
        "last": f"{period.last:%Y-%m}",
        "now": period.now,
        "currency": period.currency,
        "clock": period.clock_id,
        "within": WITHIN,
        "message_days": MESSAGE_DAYS,
    }
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENT, asked)
        rows = cursor.fetchall()
    return _groups(rows)


def _groups(rows: Sequence[tuple[Any, ...]]) -> Iterator[Group]:
    """The rows follow their group, for so they are ordered."""
    group: Group | None = None
    for month, code, reason, origin, retry, message, whole, all_origins, *figures in rows:
        cases, failed, found, recovered, median, ripe_failed, ripe_recovered, kept, lost = figures
        days = None if median is None else round(Decimal(median), 1)
        if not all_origins and group is not None:
            group.by.append(Recovered(origin, retry, message, cases, int(failed), int(recovered), days))
            continue
        if group is not None:
            yield group
        group = Group(
            month, code, None if whole else reason, cases, int(failed), found, int(recovered), days, int(ripe_failed),
            int(ripe_recovered), kept, lost, [],
        )  # fmt: skip
    if group is not None:
        yield group
