"""What is rated: the periods of subscriptions, cut where they were counted by other terms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias
from uuid import UUID

from apps.accounts.models import Account
from apps.kernel.periods import Period
from apps.plans.rules import Charge
from apps.subscriptions import usage_queries as queries
from apps.subscriptions.models import Subscription, UsageTerms
from apps.subscriptions.rules import metering
from apps.subscriptions.rules.metering import Run, Segment
from apps.usage.queries.totals import Asked
from apps.usage.rules.meters import Meter

Counted: TypeAlias = Mapping[UUID, Sequence[UsageTerms]]


@dataclass(frozen=True)
class Portion:
    """What is rated of one subscription: all its periods that reach to local day `until`, up to the instant `ends`.

    `settles`: they are over, so what is missing to a commitment is known. `also`: gross of the lines of its price that
    go on the same invoice. `only`: this period alone.
    """

    subscription: Subscription
    account: Account
    until: date
    ends: datetime
    settles: bool = True
    also: int = 0
    only: Period | None = None


@dataclass(frozen=True)
class RatedPeriod:
    """A full period of a portion, with its segments that are billed."""

    portion: Portion
    full: Period
    segments: Sequence[Segment]

    @property
    def is_trial(self) -> bool:
        """Of a trial nothing is missing to a minimum, and nothing too much."""
        subscription = self.portion.subscription
        return (self.full.start, self.full.end) == (subscription.start_date, subscription.trial_end_date)


def counted_by(portions: Sequence[Portion]) -> Counted:
    """What the usage of these portions was counted by, by subscription; one query."""
    if not portions:
        return {}
    return queries.terms_of([each.subscription.pk for each in portions], until=min(each.until for each in portions))


def periods_of(portions: Sequence[Portion], rows: Counted) -> list[RatedPeriod]:
    """What each portion's usage was counted by, period by period."""
    found = []
    for each in portions:
        by_period: dict[Period, list[Segment]] = {}
        own = [row for row in rows.get(each.subscription.pk, ()) if row.since_at < each.ends]
        for row, following in zip(own, [*own[1:], None], strict=False):
            if row.stops or row.plan_version_id is None or not row.billed or row.period_end < each.until:
                continue
            ends, ends_on = (following.since_at, following.since_on) if following else (each.ends, each.until)
            segment = Segment(row.plan_version_id, metering.days_between(row.since_on, ends_on), row.since_at, ends)
            full = Period(row.period_start, row.period_end)
            if each.only in (None, full):
                by_period.setdefault(full, []).append(segment)
        found += [RatedPeriod(each, full, segments) for full, segments in by_period.items()]
    return found


def asked_of(portion: Portion, run: Run) -> Asked:
    charge: Charge = run.charge
    return Asked(
        portion.subscription.pk,
        Meter(charge.metric, charge.aggregation, charge.filter, charge.group_by, charge.unique_by),
        run.begins,
        run.ends,
        values=charge.prices[portion.account.currency].by_event,
    )
