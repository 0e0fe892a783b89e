"""As large as amounts may be, to the unit; beyond it is refused, and stops nobody else."""

from datetime import UTC, datetime
from typing import Any

import pytest

from apps.invoices.models import Invoice, Line
from apps.kernel.errors import DomainError
from apps.kernel.money import MAX_AMOUNT
from apps.kernel.schedule import Scope
from apps.monitoring.invariants import broken
from apps.plans.models import Plan
from apps.subscriptions.actions.cancel import cancel
from apps.subscriptions.actions.change import change
from apps.subscriptions.actions.run import run_due
from apps.subscriptions.models import Subscription
from tests.factories.accounts import make_account
from tests.factories.plans import make_plan
from tests.factories.subscriptions import ACTOR, AT, make_subscription
from tests.factories.tax import rate, registered

pytestmark = [pytest.mark.django_db, pytest.mark.fr("SC-008")]
MID = datetime(2026, 4, 15, 12, tzinfo=UTC)
MAY = datetime(2026, 5, 1, 12, tzinfo=UTC)


def amounts(made: Subscription) -> list[int]:
    return list(Line.objects.filter(subscription_id=made.pk).order_by("pk").values_list("amount", flat=True))


@pytest.mark.parametrize("currency", ["USD", "JPY", "KWD"])
def test_ten_to_the_thirteenth_is_prorated_to_the_unit(currency: str) -> None:
    price, larger = 10**13, 10**13 + 7
    plan, other = make_plan(prices={currency: price}), make_plan(prices={currency: larger})
    made = make_subscription(plan=plan, account=make_account(currency=currency, at=AT))
    change(subscription_id=made.pk, plan_id=other.pk, at=MID, actor=ACTOR)
    assert amounts(made) == [price, -5_333_333_333_333, 5_333_333_333_337]
    cancel(subscription_id=made.pk, at_period_end=False, at=MID.replace(day=20), actor=ACTOR)
    # 11 of 30 days of the larger price go back.
    assert amounts(made)[3] == -3_666_666_666_669
    assert broken() == []


def test_a_thousand_million_seats_at_a_million_is_the_largest_line() -> None:
    plan = make_plan(prices={"USD": 10**6})
    made = make_subscription(plan=plan, quantity=10**9)
    assert amounts(made) == [MAX_AMOUNT]
    for wrong in ({"quantity": 10**9 + 1}, {"plan_id": make_plan(prices={"USD": 10**6 + 1}).pk}):
        with pytest.raises(DomainError) as refusal:
            change(subscription_id=made.pk, at=MID, actor=ACTOR, **wrong)
        assert refusal.value.code == "amount_too_large", wrong
    with pytest.raises(DomainError):
        make_subscription(plan=plan, quantity=10**9 + 1)
    assert (amounts(made), broken()) == ([MAX_AMOUNT], [])


def test_tax_that_makes_it_too_large_stops_one_member_of_a_run_alone() -> None:
    plan: Plan = make_plan(prices={"USD": 10**15})
    large, small = make_subscription(plan=plan), make_subscription()
    registered("US")
    rate("US", "1")
    ran: Any = run_due(at=MAY, scope=Scope(), actor=ACTOR)
    assert (ran.run.done, ran.run.failed) == (1, 1)
    large.refresh_from_db()
    assert large.billing_error.startswith("amount_too_large")
    assert Invoice.objects.filter(account=small.account).count() == 2
    assert broken() == []
