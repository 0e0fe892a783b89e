"""Usage that reaches a threshold of its charge: announced once a period, soon after it came."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from apps.clocks.queries import now_by_clock
from apps.events.publish import publish
from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.ids import uuid7
from apps.kernel.membership import among
from apps.kernel.periods import local_date, midnight
from apps.kernel.schedule import Scope
from apps.kernel.transactions import unit_of_work
from apps.plans import queries as plans
from apps.plans.rules import Threshold, ThresholdKind
from apps.plans.rules.rating import Usage
from apps.rest.objects import encode
from apps.subscriptions import metrics, queries, usage_queries
from apps.subscriptions.actions.portions import Counted, Portion, RatedPeriod, asked_of, periods_of
from apps.subscriptions.events import ThresholdWasReached
from apps.subscriptions.models import Subscription, ThresholdCheck, UsageTerms
from apps.subscriptions.rules import metering
from apps.subscriptions.rules.metering import Run
from apps.subscriptions.rules.thresholds import Standing, cost, limit, missing, reaches
from apps.subscriptions.thresholds import ThresholdReachedObject, threshold_object
from apps.usage.queries.arrivals import Touched
from apps.usage.queries.totals import Asked, Total, totals

AGAIN = timedelta(minutes=5)
"""So long a check waits where usage may lie in a period that is not opened yet."""

_REACHED = """
INSERT INTO subscriptions_thresholdreached
    (id, created_at, subscription_id, charge, since, kind, value, quantity, amount, "limit", at)
SELECT id, %s, subscription_id, charge, since, kind, value, quantity, amount, "limit", at
FROM json_to_recordset(%s::json)
    AS new (id uuid, subscription_id uuid, charge text, since timestamptz, kind text, value numeric, quantity numeric,
            amount bigint, "limit" numeric, at timestamptz)
ON CONFLICT (subscription_id, charge, since, kind, value) DO NOTHING
RETURNING id
"""

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Counted:
    """A run with thresholds that it had not reached, and what was counted of it: by group, and in all."""

    period: RatedPeriod
    run: Run
    missing: Sequence[Threshold]
    groups: Sequence[Total]
    whole: Sequence[Total]


def note(windows: Sequence[Touched]) -> None:
    """Note which of these windows belong to versions with thresholds; `compare` does the rest."""
    if not windows:
        return
    watched = Exists(plans.with_thresholds().filter(plan_version_id=OuterRef("plan_version_id")))
    rows = UsageTerms.objects.filter(
        watched,
        among("subscription_id", {each.subscription_id for each in windows}),
        since_at__gte=min(each.starts_at for each in windows),
    )
    known = set(rows.values_list("subscription_id", "since_at"))
    wanted = [each for each in windows if (each.subscription_id, each.starts_at) in known]
    now = clock.wall()
    ThresholdCheck.objects.bulk_create(
        [ThresholdCheck(subscription_id=each.subscription_id, starts_at=each.starts_at, due_at=now) for each in wanted],
        ignore_conflicts=True,
    )


def compare(*, scope: Scope, size: int, actor: Actor) -> int:
    """Compare what is noted, up to `size` at once, and announce what has been reached; how many notes are done.

    A note stays while its subscription has a period to begin: usage may lie in that one.
    """
    with unit_of_work(actor):
        wall = clock.wall()
        checks = list(
            queries.threshold_checks(scope, wall=wall).select_for_update(skip_locked=True, of=("self",))[:size]
        )
        if not checks:
            return 0
        # Before anything is added up: whoever notes usage from here on waits for this transaction, and notes it anew.
        ThresholdCheck.objects.filter(pk__in=[check.pk for check in checks]).delete()
        rows = Subscription.objects.select_related("account").in_bulk({each.subscription_id for each in checks})
        times = now_by_clock(row.account.test_clock_id for row in rows.values())
        at = {pk: times[row.account.test_clock_id] for pk, row in rows.items()}
        days = [local_date(each.starts_at, rows[each.subscription_id].account.timezone) for each in checks]
        terms = usage_queries.terms_of(list(rows), until=min(days))
        portions = [
            portion
            for pk, row in rows.items()
            if (portion := _portion(row, terms, [check for check in checks if check.subscription_id == pk]))
        ]
        _announce(_counted(portions, terms), at)
        waiting = {each.subscription.pk for each in portions if _begins(each, terms, at[each.subscription.pk])}
        again = [check for check in checks if check.subscription_id in waiting]
        ThresholdCheck.objects.bulk_create(
            [
                ThresholdCheck(subscription_id=each.subscription_id, starts_at=each.starts_at, due_at=wall + AGAIN)
                for each in again
            ]
        )
        return len(checks) - len(again)


def _portion(row: Subscription, terms: Counted, checks: Sequence[ThresholdCheck]) -> Portion | None:
    """Its periods from the first that is noted on, each to its end."""
    first = min(check.starts_at for check in checks)
    own = [each for each in terms.get(row.pk, ()) if not each.stops]
    holding = [each for each in own if each.since_at <= first] or own[:1]
    if not holding:
        return None
    return Portion(row, row.account, holding[-1].period_end, midnight(own[-1].period_end, row.account.timezone))


def _begins(portion: Portion, terms: Counted, at: datetime) -> bool:
    """Whether its last period is over, and the next not begun."""
    return not terms[portion.subscription.pk][-1].stops and portion.ends <= at


def _counted(portions: Sequence[Portion], terms: Counted) -> list[_Counted]:
    periods = periods_of(portions, terms)
    charges = plans.charges({segment.version_id for period in periods for segment in period.segments})
    runs = [
        (period, run)
        for period in periods
        for run in metering.runs(period.segments, charges, period.portion.account.currency)
        if run.charge.thresholds
    ]
    if not runs:
        return []
    ids = {period.portion.subscription.pk for period, _ in runs}
    before = usage_queries.reached(ids, min(run.begins for _, run in runs))
    watched = []
    for period, run in runs:
        key = (period.portion.subscription.pk, *run.key)
        if wanted := missing(run.charge, period.portion.account.currency, before.get(key, ())):
            watched.append((period, run, wanted))
    asked = [_asked(period, run) for period, run, _ in watched]
    found = iter(totals([each for both in asked for each in both]).totals if asked else ())
    counted = []
    for (period, run, wanted), both in zip(watched, asked, strict=True):
        groups, *whole = [next(found) for _ in both]
        counted.append(_Counted(period, run, wanted, groups, whole[0] if whole else groups))
    return counted


def _asked(period: RatedPeriod, run: Run) -> list[Asked]:
    """By group; and without groups, as caps are counted, where there are any."""
    asked = asked_of(period.portion, run)
    if not asked.meter.group_by:
        return [asked]
    return [asked, replace(asked, meter=replace(asked.meter, group_by=()), values=False)]


def _announce(counted: Sequence[_Counted], at: dict[UUID, datetime]) -> None:
    """Write what has been reached; what PostgreSQL takes is new, and announced."""
    found = [each for one in counted for each in _objects(one, at[one.period.portion.subscription.pk])]
    if not found:
        return
    rows = [
        {
            "id": each.id, "subscription_id": each.subscription_id, "charge": one.run.key[0], "since": each.since,
            "kind": threshold.kind, "value": threshold.value, "quantity": each.quantity, "amount": each.amount,
            "limit": each.limit, "at": each.reached_at,
        }
        for one, threshold, each in found
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_REACHED, [clock.wall(), encode(rows).decode()])
        new = {id for (id,) in cursor.fetchall()}
    told = [(threshold, each) for _, threshold, each in found if each.id in new]
    publish([
        ThresholdWasReached(
            object=each, object_id=each.subscription_id, account_id=each.account_id, effective_at=each.reached_at
        )
        for _, each in told
    ])  # fmt: skip
    transaction.on_commit(lambda: _count(told))


def _objects(one: _Counted, at: datetime) -> list[tuple[_Counted, Threshold, ThresholdReachedObject]]:
    account, charge = one.period.portion.account, one.run.charge
    usages = [Usage(each.quantity, each.events, each.values, tuple(each.group.values())) for each in one.groups]
    if not usages:
        return []
    full = None if one.period.is_trial else one.period.full
    standing = Standing(
        quantity=one.whole[0].quantity,
        largest=max(each.quantity for each in usages),
        amount=cost(one.run, usages, account.currency, full),
    )
    return [
        (one, threshold, ThresholdReachedObject(
            id=uuid7(),
            subscription_id=one.period.portion.subscription.pk,
            account_id=account.pk,
            charge=charge.key,
            metric=charge.metric,
            threshold=threshold_object(threshold),
            limit=limit(charge, account.currency) if threshold.kind is ThresholdKind.PERCENT else None,
            quantity=standing.quantity,
            amount=standing.amount,
            currency=account.currency,
            since=one.run.begins,
            until=one.run.ends,
            reached_at=at,
            url=f"/v1/subscriptions/{one.period.portion.subscription.pk}/usage",
        ))
        for threshold in one.missing
        if reaches(threshold, charge, account.currency, standing)
    ]  # fmt: skip


def _count(told: Sequence[tuple[Threshold, ThresholdReachedObject]]) -> None:
    for threshold, each in told:
        metrics.usage_thresholds_reached_total.labels(kind=threshold.kind.value).inc()
        logger.info(
            "usage_threshold_reached", subscription_id=str(each.subscription_id), charge=each.charge,
            kind=threshold.kind.value, value=str(threshold.value), quantity=str(each.quantity), amount=each.amount,
        )  # fmt: skip
