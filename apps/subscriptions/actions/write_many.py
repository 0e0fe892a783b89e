"""Write where subscriptions stand after a renewal: one statement, however many there are."""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from apps.kernel import clock
from apps.subscriptions.models import Subscription

_UPDATE = """
UPDATE subscriptions_subscription AS old
SET status = new.status, plan_id = new.plan_id, plan_version_id = new.plan_version_id, quantity = new.quantity,
    billing_anchor_date = new.anchor, anchor_moved_on = new.anchor_moved_on, anchor_before = new.anchor_before,
    billed_to = new.billed_to, current_period_start = new.period_start, current_period_end = new.period_end,
    next_billing_at = new.next_billing_at, cancelled_at = new.cancelled_at, cancellation_reason = new.reason,
    billing_error = '', billing_retry_at = NULL, version = new.version, updated_at = %s
FROM unnest(%s::uuid[], %s::text[], %s::uuid[], %s::uuid[], %s::bigint[], %s::date[], %s::date[], %s::date[],
            %s::date[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::text[],
            %s::int[])
    AS new (id, status, plan_id, plan_version_id, quantity, anchor, anchor_moved_on, anchor_before, billed_to,
            period_start, period_end, next_billing_at, cancelled_at, reason, version)
WHERE old.id = new.id
"""


def write_many(subscriptions: Sequence[Subscription]) -> None:
    """Where each stands now, in one statement; the rows in memory are the same."""
    if not subscriptions:
        return
    now = clock.wall()
    columns: tuple[list[Any], ...] = tuple([] for _ in range(15))
    for row in subscriptions:
        row.version, row.updated_at, row.billing_error, row.billing_retry_at = row.version + 1, now, "", None
        values = (
            row.pk, row.status, row.plan_id, row.plan_version_id, row.quantity, row.billing_anchor_date,
            row.anchor_moved_on, row.anchor_before, row.billed_to, row.current_period_start, row.current_period_end,
            row.next_billing_at, row.cancelled_at, row.cancellation_reason, row.version,
        )  # fmt: skip
        for column, value in zip(columns, values, strict=True):
            column.append(value)
    with connection.cursor() as cursor:
        cursor.execute(_UPDATE, [now, *columns])
