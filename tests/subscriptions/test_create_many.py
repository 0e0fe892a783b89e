"""Many at once: the very same outcome as one by one."""

from datetime import UTC, date, datetime

import pytest

from apps.invoices.models import Invoice, Line
from apps.kernel.actors import system
from apps.kernel.errors import Conflict
from apps.plans.queries import all_current_terms
from apps.subscriptions.actions.create import NewSubscription, create
from apps.subscriptions.actions.create_many import create_many
from apps.subscriptions.models import BilledPeriod, Subscription, UsageTerms
from apps.usage.models import MeterWindow
from tests.factories.accounts import make_account
from tests.factories.plans import CALLS, make_plan

ACTOR = system("tests")
AT = datetime(2026, 4, 1, 12, tzinfo=UTC)
WAYS = (
    {},
    {"quantity": 3, "trial_days": 14},
    {"start_date": date(2026, 1, 31)},
    {"start_date": date(2025, 10, 31), "bill_from": date(2026, 2, 28)},
    {"billing_anchor_date": date(2026, 4, 15)},
)
pytestmark = pytest.mark.django_db


def outcome(subscription: Subscription) -> tuple[object, ...]:
    names = ("status", "quantity", "start_date", "trial_end", "billing_anchor_date", "billed_to", "next_billing_at")
    days = BilledPeriod.objects.filter(subscription=subscription).order_by("days")
    lines = (
        Line.objects.filter(subscription_id=subscription.pk)
        .order_by("period_start")
        .values_list("amount", "description")
    )
    counted = UsageTerms.objects.filter(subscription=subscription).order_by("since_at")
    windows = MeterWindow.objects.filter(subscription_id=subscription.pk).order_by("starts_at")
    return (
        *(getattr(subscription, name) for name in names),
        list(counted.values_list("since_on", "since_at", "stops", "period_start", "period_end", "billed")),
        list(windows.values_list("starts_at", "ends_at", "accept_until", "metrics", "timezone")),
        [(each.days.lower, each.days.upper, each.waived) for each in days],
        list(lines),
    )


@pytest.mark.fr("FR-038", "FR-072")
@pytest.mark.parametrize("charges", [[], [CALLS]], ids=["licensed", "metered"])
def test_many_are_what_each_would_be_alone(charges):
    plan = make_plan(at=AT, charges=charges)
    alone = [
        create(new=NewSubscription(account_id=make_account(at=AT).pk, plan_id=plan.pk, **way), at=AT, actor=ACTOR)
        for way in WAYS
    ]
    terms = {each.plan_id: each for each in all_current_terms().values()}
    news = [NewSubscription(account_id=make_account(at=AT).pk, plan_id=plan.pk, **way) for way in WAYS]
    together = create_many(news=news, terms=terms, at=AT, actor=ACTOR)
    assert [outcome(each) for each in together] == [outcome(each.subscription) for each in alone]
    assert MeterWindow.objects.count() == (2 * len(WAYS) if charges else 0)
    assert Invoice.objects.count() == 2 * sum(len(each.invoice_ids) for each in alone)
    with pytest.raises(Conflict):
        create_many(news=news[:1], terms=terms, at=AT, actor=ACTOR)
