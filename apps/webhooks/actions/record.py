"""Write down how calls ended: attempts, deliveries and the state of their endpoints, many in one transaction.

Delivered is delivered, whoever holds the lease by now; anything else counts only while it is ours. An endpoint that
answers again after a while gets what was given up meanwhile; one that does not for days is disabled.
"""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db import connection

from apps.kernel.actors import Actor
from apps.kernel.ids import uuid7s
from apps.kernel.transactions import after_commit, copy_rows, unit_of_work
from apps.webhooks.actions.disable import disable_failing
from apps.webhooks.actions.resend import resend_given_up
from apps.webhooks.metrics import webhook_deliveries_total, webhook_delivery_duration_seconds
from apps.webhooks.models import Attempt, EndpointState
from apps.webhooks.rules.schedule import SPREAD, THRESHOLD, after_failure, given_up, pause, wish
from apps.webhooks.rules.states import Outcome, Reason, Status
from apps.webhooks.sender import Result

GONE = 410
_COLUMNS = (
    "id", "created_at", "endpoint_id", "delivery_id", "outcome", "status_code", "duration_ms", "error", "response",
)  # fmt: skip
_RECORD = """
UPDATE webhooks_delivery AS delivery
SET status = told.status, attempts = told.attempts, next_attempt_at = told.again, last_error = told.error,
    delivered_at = told.delivered_at, lease_token = NULL, lease_until = NULL
FROM unnest(%s::bigint[], %s::uuid[], %s::text[], %s::int[], %s::timestamptz[], %s::text[], %s::timestamptz[])
    AS told (id, token, status, attempts, again, error, delivered_at)
WHERE delivery.id = told.id AND delivery.status = 'PENDING'
    AND (told.status = 'DELIVERED' OR delivery.lease_token = told.token)
"""


def record(results: Sequence[Result], *, at: datetime, actor: Actor) -> None:
    """Write down results in the order in which they came. `at` is wall time."""
    if not results:
        return
    called = [result for result in results if result.outcome is not Outcome.RELEASED]
    with unit_of_work(actor):
        states = _locked({result.letter.endpoint_id for result in results})
        copy_rows(Attempt._meta.db_table, _COLUMNS, _attempts(called, at))
        left = _deliveries(results, at)
        for endpoint_id, state in states.items():
            own = [result for result in called if result.letter.endpoint_id == endpoint_id]
            if own:
                _judge(state, own, at, actor)
        after_commit(partial(_count, called, left), name="webhook_deliveries_total")


def _locked(endpoint_ids: set[UUID]) -> Mapping[UUID, EndpointState]:
    rows = EndpointState.objects.select_for_update(no_key=True).filter(pk__in=endpoint_ids).order_by("pk")
    return {row.pk: row for row in rows}


def _attempts(called: Sequence[Result], at: datetime) -> list[tuple[object, ...]]:
    return [
        (
            pk, at, result.letter.endpoint_id, result.letter.delivery_id, result.outcome.value, result.status_code,
            result.milliseconds, result.error[:500], result.shown[:1000],
        )
        for pk, result in zip(uuid7s(len(called)), called, strict=True)
    ]  # fmt: skip


def _deliveries(results: Sequence[Result], at: datetime) -> Counter[str]:
    """Bring the deliveries on; returns how many of the calls left them how."""
    rows, left = [], Counter[str]()
    for result in results:
        letter = result.letter
        if letter.delivery_id is None:
            continue
        status, attempts, again, error = Status.PENDING, letter.attempts, at, result.error
        if result.delivered:
            status = Status.DELIVERED
        elif result.outcome is Outcome.RELEASED:
            attempts -= 1
        else:
            percent = random.randrange(SPREAD + 1)  # noqa: S311 - it spreads retries, nothing depends on it
            status, again = after_failure(attempts, at, percent=percent, wish=wish(result.retry_after, at))
        if result.outcome is not Outcome.RELEASED:
            left[{Status.PENDING: "retried", Status.FAILED: "failed"}.get(status, "delivered")] += 1
        done = at if result.delivered else None
        rows.append((letter.delivery_id, letter.token, status.value, attempts, again, error[:500], done))
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_RECORD, [list(column) for column in zip(*rows, strict=True)])
    return left


def _judge(state: EndpointState, own: Sequence[Result], at: datetime, actor: Actor) -> None:
    """How it goes with an endpoint now."""
    last_good = max((place for place, result in enumerate(own) if result.delivered), default=None)
    since = state.failing_since
    trailing = own if last_good is None else own[last_good + 1 :]
    # What was under way when it began to be spared is of that same failure.
    spared = state.open_until is not None and state.open_until > at and last_good is None
    if not spared:
        state.failures = min((state.failures if last_good is None else 0) + len(trailing), _most(state.failures))
    state.failing_since = (since if last_good is None else None) or (at if trailing else None)
    longest = pause(state.failures, _asked(trailing, at)) if trailing else None
    if not spared or longest is None:
        state.open_until = at + longest if longest else None
    state.save(update_fields=["failures", "failing_since", "open_until"])
    if last_good is not None and since is not None:
        resend_given_up(state.pk, since=since, at=at, actor=actor)
    if own[-1].status_code == GONE:
        disable_failing(state.pk, reason=Reason.GONE, at=at, actor=actor)
    elif given_up(state.failing_since, state.failures, at, days=settings.WEBHOOK_DISABLE_AFTER_DAYS):
        disable_failing(state.pk, reason=Reason.FAILING, at=at, actor=actor)


def _most(before: int) -> int:
    """Side by side many fail at once: they count up to where it is spared, from there on one by one."""
    return max(before + 1, THRESHOLD)


def _asked(trailing: Sequence[Result], at: datetime) -> timedelta | None:
    """The longest time for which it wants to be left alone, if it is too busy."""
    wishes = [wish(each.retry_after, at) for each in trailing if each.status_code in (429, 503)]
    return max((each for each in wishes if each is not None), default=None)


def _count(called: Sequence[Result], left: Counter[str]) -> None:
    for outcome, number in left.items():
        webhook_deliveries_total.labels(outcome).inc(number)
    for result in called:
        webhook_delivery_duration_seconds.observe(result.milliseconds / 1000)
