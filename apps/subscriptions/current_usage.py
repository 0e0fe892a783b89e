"""What a subscription has used in its period so far, and what that would cost: rated as the invoice will be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from apps.accounts.models import Account
from apps.kernel.periods import local_date
from apps.plans import queries as plans
from apps.plans.rules.rating import Usage
from apps.rest.objects import ApiObject
from apps.subscriptions.actions.portions import Portion, asked_of, periods_of
from apps.subscriptions.actions.rating import told
from apps.subscriptions.models import Subscription
from apps.subscriptions.rules import metering
from apps.subscriptions.rules.metering import Billed, Run
from apps.subscriptions.thresholds import CurrentThresholdObject, current_threshold
from apps.subscriptions.usage_queries import NOTHING, billed_before, reached, terms_of
from apps.usage.queries.totals import totals


class CurrentChargeObject(ApiObject, kw_only=True, frozen=True):
    """One metered charge since `since`.

    `amount`: what this usage costs by now; `minimum`: at least, for its days so far. `billed`: what invoices hold of it
    already. `included`: up to which quantity nothing is to be paid, in each group. `breakdown` as on a line.
    """

    charge: str
    metric: str
    since: datetime
    until: datetime
    quantity: Decimal
    events: int
    amount: int
    minimum: int
    billed: int
    cap: Decimal | None
    included: Decimal | None
    thresholds: list[CurrentThresholdObject]
    breakdown: list[dict[str, Any]]


class CurrentUsageObject(ApiObject, kw_only=True, frozen=True):
    """What has been used in the current period, and what it would cost. An estimate: usage goes on.

    `estimated`: minor units that are not on an invoice yet, minimums included, before discounts and tax.
    """

    subscription_id: str
    currency: str
    as_of: datetime
    current_period_start: datetime
    current_period_end: datetime
    estimated: int
    charges: list[CurrentChargeObject]
    url: str


@dataclass(frozen=True)
class ChargedRun:
    """A charge's run with what it has come to."""

    run: Run
    shown: CurrentChargeObject


def current_usage(subscription: Subscription, account: Account, *, at: datetime) -> CurrentUsageObject:
    """Six queries, however many events: they are summed in the database."""
    found = [each.shown for each in charged(Portion(subscription, account, local_date(at, account.timezone), at))]
    return CurrentUsageObject(
        subscription_id=str(subscription.pk),
        currency=account.currency,
        as_of=at,
        current_period_start=subscription.current_period_start,
        current_period_end=subscription.current_period_end,
        estimated=estimated(found),
        charges=found,
        url=f"/v1/subscriptions/{subscription.pk}/usage",
    )


def estimated(charges: Sequence[CurrentChargeObject]) -> int:
    """What of them is on no invoice yet."""
    return sum(metering.not_billed_yet(each.amount, each.minimum, each.billed) for each in charges)


def charged(portion: Portion) -> list[ChargedRun]:
    """Each charge of a portion's periods; six queries."""
    subscription, account = portion.subscription, portion.account
    periods = periods_of([portion], terms_of([subscription.pk], until=portion.until))
    charges = plans.charges({segment.version_id for period in periods for segment in period.segments})
    runs = [(period, run) for period in periods for run in metering.runs(period.segments, charges, account.currency)]
    if not runs:
        return []
    tally = totals([asked_of(portion, run) for _, run in runs]).totals
    before = billed_before([subscription.pk], runs[0][1].begins)
    passed = reached([subscription.pk], runs[0][1].begins)
    found = []
    for (period, run), counted in zip(runs, tally, strict=True):
        full = None if period.is_trial else period.full
        usages = [Usage(each.quantity, each.events, each.values, tuple(each.group.values())) for each in counted]
        due = metering.due(run, usages, account.currency, full, Billed())
        key = (subscription.pk, *run.key)
        past, times = before.get(key, NOTHING), passed.get(key, {})
        shown = CurrentChargeObject(
            charge=run.charge.key,
            metric=run.charge.metric,
            since=run.begins,
            until=run.ends,
            quantity=sum((each.quantity for each in counted), Decimal(0)),
            events=sum(each.events for each in counted),
            amount=due.usage,
            minimum=run.minimum(account.currency, full) if full else 0,
            billed=past.usage + past.missing,
            cap=run.charge.cap,
            included=run.charge.prices[account.currency].included,
            thresholds=[
                current_threshold(each, times)
                for each in run.charge.thresholds
                if each.currency in (None, account.currency)
            ],
            breakdown=[told(part) for part in due.parts],
        )
        found.append(ChargedRun(run, shown))
    return found
