"""Renewal: bill the next period of every subscription that is due. One path for one or a thousand.

The first invoice of a new subscription, the nightly run and a test clock all come through here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import structlog
from django.db import DatabaseError, connection
from django.db.backends.postgresql.psycopg_any import DateRange

from apps.accounts import queries as accounts
from apps.accounts.models import Account
from apps.events.declare import DomainEvent
from apps.events.publish import publish
from apps.events.rules import Lane
from apps.invoices.actions.issue import issue
from apps.invoices.rules import DraftInvoice, DraftLine, Kind, LineKind
from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.errors import DomainError
from apps.kernel.ids import uuid7
from apps.kernel.periods import midnight
from apps.kernel.transactions import copy_rows, unit_of_work
from apps.plans import queries as plans
from apps.plans.rules import Terms
from apps.subscriptions import queries
from apps.subscriptions.events import SubscriptionUpdated, TrialEnded
from apps.subscriptions.metrics import renewal_failures_total
from apps.subscriptions.models import RECURRING, BilledPeriod, Subscription
from apps.subscriptions.objects import subscription_objects
from apps.subscriptions.rules.charges import Charge, charge
from apps.subscriptions.rules.lifecycle import Status

logger = structlog.get_logger(__name__)

Before = dict[str, Any]

_UPDATE = """
UPDATE subscriptions_subscription AS old
SET status = new.status, billed_to = new.billed_to, current_period_start = new.period_start,
    current_period_end = new.period_end, next_billing_at = new.period_end, billing_error = '',
    version = old.version + 1, updated_at = %s
FROM unnest(%s::uuid[], %s::text[], %s::date[], %s::timestamptz[], %s::timestamptz[])
    AS new (id, status, billed_to, period_start, period_end)
WHERE old.id = new.id
"""


@dataclass
class Renewed:
    """What a renewal did: subscriptions billed, invoices made, and what stopped, by subscription."""

    periods: int = 0
    invoice_ids: list[UUID] = field(default_factory=list)
    failures: dict[UUID, str] = field(default_factory=dict)

    def add(self, other: "Renewed") -> None:
        """Count another batch in."""
        self.periods += other.periods
        self.invoice_ids += other.invoice_ids
        self.failures |= other.failures


def renew(ids: Sequence[UUID], *, at: datetime, actor: Actor, lane: Lane = Lane.RUN) -> Renewed:
    """Bill the next due period of each subscription, in one transaction with a fixed number of queries.

    One that is not due (any more) is left alone, so runs may overlap and repeat. When the batch fails it is tried one
    by one, and only the bad one stops: its reason stays on the subscription and in the log, and it is tried again later.
    """
    try:
        with unit_of_work(actor):
            return renew_locked(ids, at=at, actor=actor, lane=lane)
    except (DomainError, DatabaseError, ValueError, ArithmeticError) as error:
        if len(ids) == 1:
            return _stop(ids[0], error, actor)
    renewed = Renewed()
    for subscription_id in ids:
        renewed.add(renew([subscription_id], at=at, actor=actor, lane=lane))
    return renewed


def renew_locked(
    ids: Sequence[UUID], *, at: datetime, actor: Actor, lane: Lane, announce: bool = True
) -> Renewed:
    """The same inside the caller's unit of work; errors are the caller's. `announce` tells of the subscriptions' change."""
    owners = accounts.lock(queries.account_ids(ids))
    due = [
        subscription
        for subscription in queries.lock(ids)
        if subscription.next_billing_at is not None and subscription.next_billing_at <= at
    ]
    if not due:
        return Renewed()
    terms = plans.terms({subscription.plan_version_id for subscription in due})
    charges = [_charge(each, owners[each.account_id], terms[each.plan_version_id]) for each in due]
    billed = [(each, made) for each, made in zip(due, charges, strict=True) if made.amount]
    issued = issue(
        [_draft(each, made, owners[each.account_id], terms[each.plan_version_id]) for each, made in billed],
        at=at, actor=actor, lane=lane,
    )  # fmt: skip
    lines = {each.pk: invoice.line_ids[0] for (each, _), invoice in zip(billed, issued, strict=True)}
    before = [_shown(each) for each in due]
    _write(due, charges, owners, lines)
    if announce:
        _announce(due, before, terms, at, lane)
    return Renewed(periods=len(due), invoice_ids=[invoice.invoice_id for invoice in issued])


def _charge(subscription: Subscription, account: Account, terms: Terms) -> Charge:
    return charge(
        day=subscription.billed_to,
        anchor=subscription.billing_anchor_date,
        interval=terms.interval,
        unit_amount=terms.price(account.currency),
        quantity=subscription.quantity,
    )


def _draft(subscription: Subscription, made: Charge, account: Account, terms: Terms) -> DraftInvoice:
    """The invoice of one period: a line of the recurring price, and all that it was computed from."""
    return DraftInvoice(
        account_id=subscription.account_id,
        subscription_id=subscription.pk,
        kind=Kind.SUBSCRIPTION,
        currency=account.currency,
        lines=[
            DraftLine(
                kind=LineKind.RECURRING,
                description=_describe(made, terms),
                amount=made.amount,
                subscription_id=subscription.pk,
                plan_version=terms.version,
                period=made.period,
                instants=_instants(subscription, made, account),
                quantity=Decimal(made.quantity),
                unit_amount=Decimal(made.unit_amount),
                tax_category=terms.tax_code,
                tax_behavior=terms.tax_behavior,
                source={
                    "plan_version_id": str(terms.plan_version_id),
                    "days": made.period.days,
                    "full_period": [made.full.start.isoformat(), made.full.end.isoformat()],
                },
            )
        ],
    )


def _describe(made: Charge, terms: Terms) -> str:
    text = f"{terms.name} x {made.quantity}" if made.quantity > 1 else terms.name
    return f"{text} ({made.period.days} of {made.full.days} days)" if made.is_stub else text


def _instants(subscription: Subscription, made: Charge, account: Account) -> tuple[datetime, datetime]:
    """From the instant at which the last period ended, as stored, to the local midnight of the new end.

    A new time zone counts from the next boundary on; what was promised as the end of a period stays.
    """
    start = subscription.next_billing_at or midnight(made.period.start, account.timezone)
    return start, max(start, midnight(made.period.end, account.timezone))


def _write(
    due: Sequence[Subscription], charges: Sequence[Charge], owners: Mapping[UUID, Account], lines: Mapping[UUID, UUID]
) -> None:
    """Billed days by COPY, next billing dates in one statement; the rows in memory follow."""
    now = clock.wall()
    copy_rows(
        BilledPeriod._meta.db_table,
        ("id", "created_at", "subscription_id", "component", "days", "line_id", "released_by", "waived"),
        [
            (uuid7(), now, each.pk, RECURRING, DateRange(made.period.start, made.period.end), lines.get(each.pk), None, False)
            for each, made in zip(due, charges, strict=True)
        ],
    )
    for each, made in zip(due, charges, strict=True):
        each.current_period_start, each.current_period_end = _instants(each, made, owners[each.account_id])
        each.status, each.billed_to, each.next_billing_at = Status.ACTIVE, made.period.end, each.current_period_end
        each.version, each.updated_at, each.billing_error = each.version + 1, now, ""
    with connection.cursor() as cursor:
        columns = [
            (each.pk, each.status, each.billed_to, each.current_period_start, each.current_period_end) for each in due
        ]
        cursor.execute(_UPDATE, [now, *(list(column) for column in zip(*columns, strict=True))])


def _announce(due: Sequence[Subscription], before: Sequence[Before], terms: Mapping[UUID, Terms], at: datetime, lane: Lane) -> None:
    """One event a subscription: its trial has ended, or its period moved on."""
    objects = subscription_objects(due, versions={key: each.version for key, each in terms.items()})
    events: list[DomainEvent] = []
    for subscription, shown, was in zip(due, objects, before, strict=True):
        announced = TrialEnded if was["status"] == Status.TRIAL else SubscriptionUpdated
        events.append(
            announced(
                object=shown,
                object_id=subscription.pk,
                account_id=subscription.account_id,
                effective_at=at,
                previous_attributes={name: value for name, value in was.items() if getattr(shown, name) != value},
            )
        )
    publish(events, lane=lane)


def _shown(subscription: Subscription) -> Before:
    """What a renewal changes of the object."""
    return {
        "status": Status(subscription.status),
        "current_period_start": subscription.current_period_start,
        "current_period_end": subscription.current_period_end,
        "next_billing_at": subscription.next_billing_at,
    }


def _stop(subscription_id: UUID, error: Exception, actor: Actor) -> Renewed:
    """Keep the reason where staff and the next run see it."""
    reason = f"{error.code}: {error.detail}" if isinstance(error, DomainError) else f"{type(error).__name__}: {error}"
    logger.error("renewal_stopped", subscription_id=str(subscription_id), reason=reason, exc_info=error)
    renewal_failures_total.inc()
    with unit_of_work(actor):
        Subscription.objects.filter(pk=subscription_id).update(billing_error=reason[:1000])
    return Renewed(failures={subscription_id: reason})
