"""Since when usage is counted under which version, and the windows in which ingest takes events accordingly."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection

from apps.accounts.models import Account
from apps.kernel import clock
from apps.kernel.ids import uuid7
from apps.kernel.periods import Period, anchored, midnight
from apps.plans import queries as plans
from apps.plans.rules import CapBehavior, Charge, Terms, TrialUsage
from apps.rest.objects import encode
from apps.subscriptions import usage_queries as queries
from apps.subscriptions.models import Subscription, UsageBill, UsageTerms
from apps.subscriptions.rules.lifecycle import Status
from apps.usage.actions import windows
from apps.usage.rules.meters import WindowMeter, listed

LATE = timedelta(days=7)
"""So long after a period's end its events are still taken."""

_WRITE = """
INSERT INTO subscriptions_usageterms
    (id, created_at, subscription_id, since_on, since_at, plan_version_id, stops, period_start, period_end, billed)
SELECT id, %s, subscription_id, since_on, since_at, plan_version_id, plan_version_id IS NULL, period_start, period_end,
       billed
FROM json_to_recordset(%s::json)
    AS new (id uuid, subscription_id uuid, since_on date, since_at timestamptz, plan_version_id uuid, period_start date,
            period_end date, billed boolean)
ON CONFLICT (subscription_id, since_on, stops) DO UPDATE
SET since_at = excluded.since_at, plan_version_id = excluded.plan_version_id, period_start = excluded.period_start,
    period_end = excluded.period_end, billed = excluded.billed
"""

Charges = Mapping[UUID, Sequence[Charge]]


@dataclass(frozen=True)
class Counting:
    """Usage of a subscription counts under `terms` from local day `since_on` on, which begins at `since_at`.

    `period`: the anchored period that the day lies in, or the trial. `before_ends_on`: the end of the period that what
    was counted before lies in; its events are taken up to a week after that.
    """

    subscription: Subscription
    account: Account
    terms: Terms
    since_on: date
    since_at: datetime
    period: Period
    before_ends_on: date
    billed: bool = True


def count(
    countings: Sequence[Counting], counted: Collection[UUID] | None = None, charges: Charges | None = None
) -> None:
    """Count on from these days, in place of what was said for them before: a period begins, or another version does.

    Under a version that meters nothing it stops. `counted`: those of which usage is counted until now, `charges`: those
    of the versions; where either is not known, one query finds out.
    """
    if not countings:
        return
    if charges is None:
        charges = plans.charges({each.terms.plan_version_id for each in countings if each.terms.metered})
    going_on = [each for each in countings if metered(each.terms, charges)]
    others = [each for each in countings if not metered(each.terms, charges)]
    if others and counted is None:
        last = queries.last_terms([each.subscription.pk for each in others])
        counted = {pk for pk, row in last.items() if not row.stops}
    ending = [each for each in others if each.subscription.pk in (counted or ())]
    rows = [_told(each, each.terms.plan_version_id) for each in going_on] + [_told(each, None) for each in ending]
    if not rows:
        return
    for each in ending:
        # What was said for the day before is not so any more.
        UsageTerms.objects.filter(subscription=each.subscription, since_on=each.since_on, stops=False).delete()
    _write(rows)
    both = [*going_on, *ending]
    windows.replace_windows({each.subscription.pk: each.since_at for each in both}, [])
    windows.turn_windows(
        [
            windows.Closing(each.subscription.pk, each.since_at, accepted_until(each.before_ends_on, each.account))
            for each in both
        ],
        [_window(each, charges.get(each.terms.plan_version_id, ())) for each in going_on],
    )


def _told(counting: Counting, version_id: UUID | None) -> dict[str, object]:
    return {
        "id": uuid7(), "subscription_id": counting.subscription.pk, "since_on": counting.since_on,
        "since_at": counting.since_at, "plan_version_id": version_id, "period_start": counting.period.start,
        "period_end": counting.period.end, "billed": counting.billed,
    }  # fmt: skip


def follow(subscription: Subscription, account: Account, terms: Terms, *, today: date) -> None:
    """Count under these terms from local day `today` on, where it is not so already. `subscription` as it is now."""
    last = queries.last_terms([subscription.pk]).get(subscription.pk)
    found = since(subscription, account, terms, today=today)
    if last is not None and (last.plan_version_id, last.period_start, last.period_end) == (
        terms.plan_version_id, found.period.start, found.period.end,
    ):  # fmt: skip
        return
    if last is not None and last.since_on >= today and not last.stops:
        found = replace(found, since_at=last.since_at)
    counted = [subscription.pk] if last is not None and not last.stops else []
    count([found], counted)


def since(subscription: Subscription, account: Account, terms: Terms, *, today: date) -> Counting:
    """How its usage is counted from local day `today` on, if nothing was said before: a trial may be free."""
    trial_end = subscription.trial_end_date
    period = anchored(subscription.billing_anchor_date, terms.interval, today)
    ends_on, billed = subscription.billed_to, True
    if subscription.status == Status.TRIAL and trial_end is not None:
        period, ends_on = Period(subscription.start_date, trial_end), trial_end
        billed = terms.trial_usage is TrialUsage.BILL
    begins = midnight(today, account.timezone)
    return Counting(subscription, account, terms, today, begins, period, ends_on, billed)


@dataclass(frozen=True)
class Stopping:
    """Usage is not counted any more from this instant of that local day on: paused, or ended.

    `forgives`: nor is what has not been billed, of a trial.
    """

    subscription: Subscription
    account: Account
    on: date
    at: datetime
    forgives: bool = False


def stop(stoppings: Sequence[Stopping]) -> None:
    """Count no more. Those that were never metered, or have stopped, are left alone."""
    if not stoppings:
        return
    last = queries.last_terms([each.subscription.pk for each in stoppings])
    rows, closings = [], []
    for each in stoppings:
        held = last.get(each.subscription.pk)
        if held is None or held.stops:
            continue
        if each.forgives:
            period = UsageTerms.objects.filter(subscription=each.subscription, period_start=held.period_start)
            period.update(billed=False)
        rows.append({
            "id": uuid7(), "subscription_id": each.subscription.pk, "since_on": each.on, "since_at": each.at,
            "plan_version_id": None, "period_start": held.period_start, "period_end": held.period_end,
            "billed": held.billed and not each.forgives,
        })  # fmt: skip
        closings.append(windows.Closing(each.subscription.pk, each.at, accepted_until(each.on, each.account)))
    if rows:
        _write(rows)
        windows.close_windows(closings)


def go_on(subscription: Subscription, account: Account, terms: Terms, *, today: date) -> None:
    """What stopped today did not: as if nothing had been."""
    stopped = UsageTerms.objects.filter(subscription=subscription, since_on=today, stops=True)
    if not stopped.delete()[0]:
        return
    last = queries.last_terms([subscription.pk]).get(subscription.pk)
    if last is None:
        return
    charges = plans.charges([terms.plan_version_id])
    period = Period(last.period_start, last.period_end)
    again = Counting(subscription, account, terms, last.since_on, last.since_at, period, subscription.billed_to)
    windows.replace_windows({subscription.pk: last.since_at}, [_window(again, charges.get(terms.plan_version_id, ()))])


def undo(subscription_id: UUID, lines: Collection[UUID], *, by: UUID) -> None:
    """What these lines billed is billed no more: the invoice `by` that they are on is void."""
    rows = UsageBill.objects.filter(subscription_id=subscription_id, released_by=None)
    rows.filter(usage_line_id__in=lines).update(released_by=by)
    rows.filter(missing_line_id__in=lines).update(released_by=by)


def accepted_until(ends_on: date, account: Account) -> datetime:
    """When the last event of what ends on that local day may be received."""
    return midnight(ends_on + LATE, account.timezone)


def metered(terms: Terms, charges: Charges) -> bool:
    """Whether usage is counted under these terms."""
    return bool(charges.get(terms.plan_version_id) or terms.commitment)


def _write(rows: Sequence[Mapping[str, object]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [clock.wall(), encode(list(rows)).decode()])


def _window(counting: Counting, charges: Sequence[Charge]) -> windows.Window:
    metrics: dict[str, list[WindowMeter]] = {}
    for charge in charges:
        metrics.setdefault(charge.metric, []).append(
            WindowMeter(
                key=charge.key,
                aggregation=charge.aggregation,
                filter=listed(charge.filter),
                unique_by=charge.unique_by,
                cap=charge.cap if charge.cap_behavior is CapBehavior.REJECT else None,
            )
        )
    return windows.Window(
        subscription_id=counting.subscription.pk,
        account_id=counting.account.pk,
        external_key=counting.subscription.external_key,
        timezone=counting.account.timezone,
        clock_id=counting.account.test_clock_id,
        starts_at=counting.since_at,
        metrics=metrics,
    )
