"""Re-ratings as tests ask for them: begun by Ada, worked off as workers do, billed by Bob."""

from typing import Any

import pytest

from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.errors import DomainError
from apps.kernel.schedule import Scope
from apps.plans import actions as plans
from apps.plans.models import Plan
from apps.subscriptions import due
from apps.subscriptions.actions.rerate import begin_rerating, bill_rerating
from apps.subscriptions.models import ReratedSubscription, Rerating, Subscription
from tests.factories.subscriptions import ACTOR
from tests.subscriptions.lives import WALL
from tests.subscriptions.test_usage import begun, bill, metered, use

ADA, BOB = Actor("user", "1"), Actor("user", "2")


def unit(price: str, **money: Any) -> dict[str, Any]:
    return {"key": "calls", "metric": "api_calls", "model": "per_unit",
            "prices": {"USD": {"tiers": [{"unit_price": price}], **money}}}  # fmt: skip


def corrected(plan: Plan, *charges: dict[str, Any], **changes: Any) -> int:
    """A new version of it with these charges; its number."""
    changed = plans.update(
        plan_id=plan.pk, changes={"charges": list(charges), **changes}, expected_version=None, at=clock.wall(),
        actor=ACTOR,
    )  # fmt: skip
    return int(changed.current_version)


def worked(rerating: Rerating) -> Rerating:
    """As workers go on with it."""
    assert due.earliest_rerating(clock.wall(), WALL) is not None
    assert due.earliest_rerating(clock.wall(), Scope(rerating.pk)) is None
    while due.earliest_rerating(clock.wall(), WALL):
        due.run_reratings(clock.wall(), WALL)
    rerating.refresh_from_db()
    return rerating


def previewed(plan: Plan, version: int = 1, **options: Any) -> Rerating:
    found = worked(
        begin_rerating(**{"plan_id": plan.pk, "version": version, "reason": "typo", "actor": ADA, **options})
    )
    assert found.status == "PREVIEWED"
    return found


def billed(rerating: Rerating) -> Rerating:
    done = worked(bill_rerating(rerating_id=rerating.pk, expected_preview=rerating.hash, actor=BOB))
    assert (done.status, done.finished_at is not None) == ("FINISHED", True)
    return done


def piece(rerating: Rerating, made: Subscription) -> ReratedSubscription:
    return ReratedSubscription.objects.get(rerating=rerating, subscription=made)


def refused(plan: Plan, **options: Any) -> str:
    with pytest.raises(DomainError) as refusal:
        begin_rerating(**{"plan_id": plan.pk, "version": 1, "reason": "typo", "actor": ADA, **options})
    return refusal.value.code


def used_up(price: str = "2", **options: Any) -> tuple[Plan, Subscription]:
    """A plan at a wrong price, and somebody with 700 calls in April, billed in May."""
    plan = metered("per_unit", [{"unit_price": price}])
    made = begun(plan, **options)
    use(made, 700, "2026-04-03T10:00")
    bill(made, "2026-05-01T01:00")
    return plan, made
