"""Take deliveries that are due under a lease, and write their letters. One statement for all endpoints.

An endpoint's state is locked while its deliveries are claimed, so that no two workers do it at once. It gets a few
turns' worth at a time; one that fails gets a single turn, one that only fails a single call.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID, uuid4

from django.db import connection
from django.db.models import Q

from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.transactions import unit_of_work
from apps.webhooks.models import Endpoint, EndpointSecret
from apps.webhooks.payload import Told, basic, body
from apps.webhooks.rules.schedule import LEASE, THRESHOLD, TURNS
from apps.webhooks.rules.signature import key
from apps.webhooks.rules.states import Format
from apps.webhooks.sender import Letter

_DUE = """
    SELECT id, next_attempt_at FROM webhooks_delivery
    WHERE endpoint_id = {endpoint} AND lane = {lane} AND status = 'PENDING' AND next_attempt_at <= %(now)s
"""
_ANY = " OR ".join(f"EXISTS ({_DUE.format(endpoint='state.endpoint_id', lane=lane)})" for lane in ("'api'", "'run'"))
_CLAIM = f"""
WITH free AS MATERIALIZED (
    SELECT state.endpoint_id,
        CASE WHEN state.failures >= %(threshold)s THEN 1 WHEN state.failures > 0 THEN endpoint.concurrency
            ELSE endpoint.concurrency * %(turns)s END
        - (SELECT count(*) FROM webhooks_delivery AS held
            WHERE held.endpoint_id = state.endpoint_id AND held.lease_until > %(now)s) AS room
    FROM webhooks_endpointstate AS state JOIN webhooks_endpoint AS endpoint ON endpoint.id = state.endpoint_id
    WHERE endpoint.status = 'ENABLED' AND NOT (%(well_only)s AND state.failures > 0)
        AND (state.open_until IS NULL OR state.open_until <= %(now)s) AND ({_ANY})
    ORDER BY state.endpoint_id FOR UPDATE OF state SKIP LOCKED
), ranked AS (
    SELECT one.id, free.room,
        row_number() OVER (PARTITION BY free.endpoint_id ORDER BY lane.name, one.next_attempt_at, one.id) AS place
    FROM free CROSS JOIN (VALUES ('api'), ('run')) AS lane (name)
    CROSS JOIN LATERAL ({_DUE.format(endpoint="free.endpoint_id", lane="lane.name")}
        ORDER BY next_attempt_at, id LIMIT greatest(free.room, 0)) AS one
), due AS (
    SELECT id FROM ranked WHERE place <= room ORDER BY place LIMIT %(most)s
)
UPDATE webhooks_delivery AS delivery
SET lease_token = %(token)s, lease_until = %(until)s, next_attempt_at = %(until)s, attempts = attempts + 1
FROM due, events_event AS event
WHERE delivery.id = due.id AND event.id = delivery.event_id AND delivery.status = 'PENDING'
RETURNING delivery.id, delivery.endpoint_id, delivery.sequence, delivery.attempts, event.id, event.event_type,
    event.version, event.created_at, event.effective_at, event.position, event.account_id, event.data::text
"""  # noqa: S608 - text of this file alone


def claim(*, most: int, actor: Actor, well_only: bool = False) -> list[Letter]:
    """Take up to `most` deliveries whose time has come, and give their letters, in the order of each endpoint.

    `well_only`: of endpoints whose last call was answered well.
    """
    now, token = clock.wall(), uuid4()
    with unit_of_work(actor), connection.cursor() as cursor:
        cursor.execute(
            _CLAIM,
            {
                "now": now, "until": now + LEASE, "token": token, "most": most, "threshold": THRESHOLD, "turns": TURNS,
                "well_only": well_only,
            },
        )  # fmt: skip
        rows = cursor.fetchall()
        if not rows:
            return []
        endpoints = Endpoint.objects.in_bulk({row[1] for row in rows})
        keys = secrets(endpoints)
    return [
        letter(
            endpoints[endpoint_id],
            keys[endpoint_id],
            Told(
                event_id=event[0],
                event_type=event[1],
                version=event[2],
                created_at=event[3],
                effective_at=event[4],
                position=event[5],
                account_id=event[6],
                sequence=sequence,
                data=event[7],
            ),
            delivery_id=pk,
            token=token,
            attempts=attempts,
        )
        for pk, endpoint_id, sequence, attempts, *event in sorted(rows, key=lambda row: (row[1], row[2]))
    ]


def secrets(endpoint_ids: Iterable[UUID]) -> Mapping[UUID, Sequence[str]]:
    """The secrets with which each endpoint's messages are signed now, the newest first."""
    valid = EndpointSecret.objects.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=clock.wall()))
    found: dict[UUID, list[str]] = defaultdict(list)
    for row in valid.filter(endpoint__in=list(endpoint_ids)).order_by("-id"):
        found[row.endpoint_id].append(row.secret)
    return found


def letter(
    endpoint: Endpoint,
    keys: Sequence[str],
    told: Told,
    *,
    delivery_id: int | None = None,
    token: UUID | None = None,
    attempts: int = 1,
) -> Letter:
    """What is sent to an endpoint of an event."""
    signs = endpoint.format == Format.EVENT
    return Letter(
        endpoint_id=endpoint.pk,
        url=endpoint.url,
        message_id=str(told.event_id),
        body=body(told, format=endpoint.format, api_version=endpoint.api_version, redact=endpoint.redact),
        keys=[key(each) for each in keys] if signs else (),
        authorization="" if signs else basic(keys[0]),
        sequence=told.sequence,
        concurrency=endpoint.concurrency,
        delivery_id=delivery_id,
        token=token,
        attempts=attempts,
    )
