"""A policy may end subscriptions of those who do not pay: once, with its reason, without credit."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from apps.dunning import queries
from apps.dunning.actions import policies
from apps.dunning.models import History
from apps.dunning.rules import DEFAULT, Action, Step, Terms
from apps.invoices.models import Invoice
from apps.monitoring.invariants import broken
from tests.factories.dunning import ACTOR, clocked, days_later, happened, pay, stand_at, state, told
from tests.factories.invoices import payer
from tests.factories.plans import make_plan
from tests.factories.subscriptions import make_subscription

pytestmark = pytest.mark.django_db
ENDS = Terms((*DEFAULT.steps, Step(20, Action.CANCEL)))


def test_after_so_many_days_all_subscriptions_are_cancelled_without_credit() -> None:
    policies.publish(policy_id=queries.default_policy().pk, terms=ENDS, actor=ACTOR)
    clock = clocked()
    account = payer(test_clock_id=clock.pk, net_terms_days=0)
    live = [make_subscription(account=account, plan=make_plan(), at=clock.frozen_time) for _ in range(2)]
    trial = make_subscription(account=account, plan=make_plan(), at=clock.frozen_time, trial_days=90)
    told()
    days_later(clock, 19)
    for each in (*live, trial):
        each.refresh_from_db()
    assert [each.status for each in (*live, trial)] == ["ACTIVE", "ACTIVE", "TRIAL"]
    days_later(clock, 20)
    days_later(clock, 25)
    for each in (*live, trial):
        each.refresh_from_db()
        assert (each.status, each.cancellation_reason) == ("CANCELLED", "nonpayment")
    assert [kind for kind, _, _ in happened(account)].count("cancel") == 1
    assert Invoice.objects.filter(account=account).count() == 2, "nothing is credited"
    assert state(account) == ("BLOCKED", "overdue")
    for one in Invoice.objects.filter(account=account):
        pay(one, clock.frozen_time)
    assert state(account) == ("CURRENT", "")
    assert broken() == []


def test_who_pays_before_it_is_done_keeps_them() -> None:
    policies.publish(policy_id=queries.default_policy().pk, terms=ENDS, actor=ACTOR)
    clock = clocked()
    account = payer(test_clock_id=clock.pk, net_terms_days=0)
    made = make_subscription(account=account, plan=make_plan(), at=clock.frozen_time)
    told()
    days_later(clock, 19)
    one = Invoice.objects.get(account=account)
    pay(one, clock.frozen_time)
    stand_at(clock, clock.frozen_time + timedelta(days=3))
    made.refresh_from_db()
    assert made.status == "ACTIVE"


def test_the_database_writes_it_once() -> None:
    clock = clocked()
    account = payer(test_clock_id=clock.pk, net_terms_days=0)
    make_subscription(account=account, at=clock.frozen_time)
    fields = {
        "account": account, "kind": "cancel", "at": clock.frozen_time, "status_before": "BLOCKED",
        "status_after": "BLOCKED", "invoice": Invoice.objects.get(account=account), "actor": "sql",
    }  # fmt: skip
    History.objects.create(**fields)
    with pytest.raises(IntegrityError), transaction.atomic():
        History.objects.create(**fields)
