"""Creation: subscription, first invoice and the wish to be paid, recorded as one."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.db.backends.postgresql.psycopg_any import DateRange

from apps.accounts import queries as accounts
from apps.accounts.models import Account
from apps.accounts.rules import OverdueStatus
from apps.clocks.queries import now_for
from apps.coupons import actions as coupons
from apps.events.publish import publish
from apps.events.rules import Lane
from apps.kernel.actors import Actor
from apps.kernel.errors import Conflict, Invalid, Problem
from apps.kernel.periods import local_date, midnight
from apps.kernel.rows import insert_rows
from apps.kernel.transactions import unit_of_work
from apps.plans import queries as plans
from apps.plans.rules import Terms
from apps.subscriptions.actions.bill import begun, counting, drawn_up, move_on, write
from apps.subscriptions.actions.extras import Extras, waiting
from apps.subscriptions.actions.metering import count, follow
from apps.subscriptions.events import SubscriptionCreated
from apps.subscriptions.models import EXTERNAL_KEY_UNIQUE, BilledPeriod, Subscription
from apps.subscriptions.objects import SubscriptionObject, subscription_objects
from apps.subscriptions.queries import live_of
from apps.subscriptions.rules.charges import Schedule, full_price, periods_begun, schedule
from apps.subscriptions.rules.lifecycle import Status

MAX_MISSED_PERIODS = 1200
"""A start further back than this many periods is refused: it is more likely a typo than a century of monthly bills."""


@dataclass(frozen=True, kw_only=True)
class NewSubscription:
    """What a caller may say; None stands for the plan's or the account's default. Dates are local to the account."""

    account_id: UUID
    plan_id: UUID
    quantity: int = 1
    trial_days: int | None = None
    start_date: date | None = None
    bill_from: date | None = None
    billing_anchor_date: date | None = None
    ends_on: date | None = None
    coupon: str | None = None
    external_key: str | None = None
    metadata: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Created:
    """The subscription, as it is shown, and its invoices from the oldest to the newest (several when it lies back)."""

    subscription: Subscription
    shown: SubscriptionObject
    invoice_ids: list[UUID]


def create(*, new: NewSubscription, at: datetime | None, actor: Actor) -> Created:
    """Subscribe an account to a plan: every period begun by `at` is billed at once, each by its own invoice.

    `at`: the account's time; None is what it is once the account is locked. `coupon`: a code; what it takes off counts
    from the first invoice on.
    Errors: account_unknown, plan_unknown, plan_inactive, price_missing, amount_too_large, start_in_future,
    bill_from_outside, ends_on_outside, too_many_periods and those of coupons.attach (422); account_blocked,
    subscription_exists, external_key_taken, account_deleted (409).
    """
    with _external_key_unique(new), unit_of_work(actor):
        account = accounts.lock_open(new.account_id)
        at = at or now_for(account)
        terms = plans.current_terms(new.plan_id)
        full_price(terms.price(account.currency), new.quantity)
        _check(account, terms, new)
        start, days = plan_days(new, account, terms, at)
        subscription = unsaved(new, account, terms, start, days, today=local_date(at, account.timezone))
        billing = begun(subscription, account, terms, at=at)
        move_on(billing)
        insert_rows([subscription])
        BilledPeriod.objects.bulk_create(waived(subscription, days.trial_end or start, days.first_day))
        if new.coupon is not None:
            coupons.attach(
                code=new.coupon,
                account=account,
                subscription_id=subscription.pk,
                plan_id=terms.plan_id,
                at=at,
                actor=actor,
            )
        bare = new.coupon is None
        [shown] = subscription_objects(
            [subscription],
            versions={terms.plan_version_id: terms.version},
            waiting={},
            coupons={} if bare else None,
        )
        publish([
            SubscriptionCreated(
                object=shown,
                object_id=subscription.pk,
                account_id=account.pk,
                effective_at=at,
            )
        ])  # fmt: skip
        if billing.periods:
            count([counting(billing)], ())
        else:
            follow(subscription, account, terms, today=subscription.start_date)
        bill = drawn_up([billing], extra=Extras({}, waiting([subscription])) if bare else None)
        return Created(
            subscription, shown, write(bill, accounts={account.pk: account}, at=at, actor=actor, lane=Lane.API)
        )


def _check(account: Account, terms: Terms, new: NewSubscription) -> None:
    if account.overdue_status == OverdueStatus.BLOCKED:
        raise blocked()
    existing = live_of(account.pk, terms.plan_id)
    if existing is not None:
        raise Conflict(
            "subscription_exists",
            f"The account has the live subscription {existing} to this plan.",
            hint="Change its quantity, or cancel it first.",
        )
    if new.external_key and Subscription.objects.filter(external_key=new.external_key).exists():
        raise _taken(new.external_key)


def blocked() -> Conflict:
    """The refusal to an account that is too far behind with paying."""
    return Conflict(
        "account_blocked", "The account is blocked because invoices are overdue.", hint="Pay what is open first."
    )


@contextmanager
def _external_key_unique(new: NewSubscription) -> Iterator[None]:
    """Whoever comes second at the same moment passes the check; the constraint's refusal means the same."""
    try:
        yield
    except IntegrityError as error:
        if getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) == EXTERNAL_KEY_UNIQUE:
            raise _taken(str(new.external_key)) from error
        raise


def _taken(key: str) -> Conflict:
    return Conflict(
        "external_key_taken",
        f"Another subscription has the external_key {key!r}.",
        hint="Look it up with GET /v1/subscriptions?external_key=..., or choose another key.",
        errors=[Problem("/external_key", "external_key_taken", "This key is taken.")],
    )


def plan_days(new: NewSubscription, account: Account, terms: Terms, at: datetime) -> tuple[date, Schedule]:
    """The start and the days of billing, or a refusal: start_in_future, bill_from_outside, too_many_periods."""
    today = local_date(at, account.timezone)
    start = new.start_date or today
    if start > today:
        raise Invalid(
            "start_in_future",
            f"start_date {start} lies after today, {today} in {account.timezone}.",
            hint="Create the subscription on that day, or give a trial until then.",
        )
    trial_days = terms.trial_days if new.trial_days is None else new.trial_days
    if new.bill_from and (trial_days or not start <= new.bill_from <= today):
        raise Invalid(
            "bill_from_outside",
            f"bill_from {new.bill_from} must lie between the start {start} and today {today}, and takes no trial.",
            hint="Set trial_days to 0 and bill_from to the first day that you have not billed elsewhere.",
        )
    if new.ends_on is not None and new.ends_on <= max(today, new.bill_from or start):
        raise Invalid(
            "ends_on_outside",
            f"ends_on {new.ends_on} must lie after today, {today} in {account.timezone}.",
            hint="It is the first local day on which the subscription has expired.",
            errors=[Problem("/ends_on", "ends_on_outside", "It must lie after today.")],
        )
    days = schedule(start=start, trial_days=trial_days, anchor=new.billing_anchor_date, bill_from=new.bill_from)
    missed = periods_begun(first_day=days.first_day, today=today, anchor=days.anchor, interval=terms.interval)
    if missed > MAX_MISSED_PERIODS:
        raise Invalid(
            "too_many_periods",
            f"From {days.first_day} to today there are {missed} periods to bill, more than {MAX_MISSED_PERIODS}.",
            hint="Check the year of start_date, or set bill_from to a later day.",
        )
    return start, days


def unsaved(
    new: NewSubscription, account: Account, terms: Terms, start: date, days: Schedule, *, today: date
) -> Subscription:
    """The subscription as it stands before its first period: in trial, or waiting for the first day to bill."""
    bills = midnight(min(days.first_day, new.ends_on or days.first_day), account.timezone)
    return Subscription(
        external_key=new.external_key,
        account=account,
        plan_id=terms.plan_id,
        plan_version_id=terms.plan_version_id,
        status=Status.TRIAL if days.trial_end else Status.ACTIVE,
        quantity=new.quantity,
        start_date=start,
        created_on=today,
        ends_on=new.ends_on,
        trial_end_date=days.trial_end,
        trial_end=midnight(days.trial_end, account.timezone) if days.trial_end else None,
        billing_anchor_date=days.anchor,
        billed_to=days.first_day,
        current_period_start=midnight(start, account.timezone),
        current_period_end=bills,
        next_billing_at=bills,
        metadata=dict(new.metadata or {}),
    )


def waived(subscription: Subscription, start: date, end: date) -> list[BilledPeriod]:
    """The days before `bill_from` are recorded, so that they are neither billed later nor taken for a gap."""
    if start >= end:
        return []
    return [BilledPeriod(subscription=subscription, days=DateRange(start, end), waived=True)]
