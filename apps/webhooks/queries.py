"""Reads of endpoints, their deliveries and attempts."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from apps.kernel.prepared import named
from apps.webhooks.models import Attempt, Delivery, Endpoint
from apps.webhooks.rules.states import EndpointStatus

SHOWN_ATTEMPTS = 20
"""The newest of a delivery's attempts that are shown with it."""
_ATTEMPTS = named(Attempt, """
SELECT one.* FROM unnest(%s::bigint[]) AS wanted (id) CROSS JOIN LATERAL (
    SELECT * FROM webhooks_attempt WHERE delivery_id = wanted.id ORDER BY id DESC LIMIT %s
) AS one
""")  # fmt: skip


@dataclass(frozen=True)
class Standing:
    """How it goes with an endpoint. `gaps`: sequences that were given up and wait for a resend, the lowest first."""

    last_sequence: int
    failures: int
    failing_since: datetime | None
    open_until: datetime | None
    gaps: Sequence[int]


def endpoints() -> QuerySet[Endpoint]:
    """All that were not deleted."""
    return Endpoint.objects.exclude(status=EndpointStatus.DELETED)


def deliveries() -> QuerySet[Delivery]:
    """All deliveries with their events."""
    return Delivery.objects.select_related("event")


def attempts(delivery_ids: Collection[int]) -> Mapping[int, list[Attempt]]:
    """The newest attempts of each delivery, in one query, the newest first."""
    found: dict[int, list[Attempt]] = defaultdict(list)
    rows = Attempt.objects.raw(_ATTEMPTS, [list(delivery_ids), SHOWN_ATTEMPTS])
    for row in rows:
        found[row.delivery_id].append(row)  # type: ignore[index]
    return found


def standings(endpoint_ids: Collection[UUID], *, most: int = 10) -> Mapping[UUID, Standing]:
    """How it goes with endpoints, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT state.endpoint_id, state.last_sequence, state.failures, state.failing_since, state.open_until,"
            " ARRAY(SELECT sequence FROM webhooks_delivery AS dead WHERE dead.endpoint_id = state.endpoint_id"
            " AND dead.status = 'FAILED' ORDER BY sequence LIMIT %s)"
            " FROM webhooks_endpointstate AS state WHERE state.endpoint_id = ANY (%s)",
            [most, list(endpoint_ids)],
        )
        return {row[0]: Standing(*row[1:]) for row in cursor.fetchall()}


def gaps() -> int:
    """Deliveries that were given up, of endpoints that are enabled: what a receiver has not seen and will not see."""
    return Delivery.objects.filter(status="FAILED", endpoint__status=EndpointStatus.ENABLED).count()


def oldest_due(at: datetime) -> float:
    """Seconds for which the most overdue delivery of an endpoint that is not spared has waited."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(due.next_attempt_at) FROM webhooks_endpoint AS endpoint"
            " JOIN webhooks_endpointstate AS state ON state.endpoint_id = endpoint.id AND state.failures = 0"
            " CROSS JOIN (VALUES ('api'), ('run')) AS lane (name) CROSS JOIN LATERAL ("
            " SELECT next_attempt_at FROM webhooks_delivery WHERE endpoint_id = endpoint.id AND lane = lane.name"
            " AND status = 'PENDING' ORDER BY next_attempt_at LIMIT 1) AS due WHERE endpoint.status = 'ENABLED'"
        )
        first = cursor.fetchone()[0]
    return max(0.0, (at - first).total_seconds()) if first else 0.0
