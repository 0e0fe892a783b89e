"""The plan as the API answers with it and events carry it: the plan and the terms of one of its versions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.kernel.periods import Unit
from apps.plans.models import Plan
from apps.plans.queries import current_versions
from apps.plans.rules import TaxBehavior, TrialUsage
from apps.rest.objects import ApiObject


class PlanObject(ApiObject, kw_only=True, frozen=True):
    """What is sold. `prices`: currency -> minor units per interval and unit of quantity."""

    id: UUID
    key: str
    name: str
    version: int
    features: dict[str, Any]
    interval: Unit
    interval_count: int
    trial_days: int
    trial_usage: TrialUsage
    prices: dict[str, int]
    tax_behavior: TaxBehavior
    tax_code: str
    active: bool
    metadata: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    url: str


def plan_objects(plans: Sequence[Plan]) -> list[PlanObject]:
    """The objects of these plans with their current versions, in their order; two queries for any number."""
    versions = current_versions([plan.pk for plan in plans])
    return [
        PlanObject(
            id=plan.pk,
            key=plan.key,
            name=plan.name,
            version=plan.current_version,
            features=versions[plan.pk].features,
            interval=Unit(versions[plan.pk].interval),
            interval_count=versions[plan.pk].interval_count,
            trial_days=versions[plan.pk].trial_days,
            trial_usage=TrialUsage(versions[plan.pk].trial_usage),
            prices={price.currency: price.amount for price in versions[plan.pk].prices.all()},
            tax_behavior=TaxBehavior(versions[plan.pk].tax_behavior),
            tax_code=versions[plan.pk].tax_code,
            active=plan.active,
            metadata=plan.metadata,
            created_at=plan.created_at,
            updated_at=plan.updated_at,
            url=f"/v1/plans/{plan.pk}",
        )
        for plan in plans
    ]
