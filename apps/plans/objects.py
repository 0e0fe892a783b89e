"""The plan as the API answers with it and events carry it: the plan and the terms of one of its versions."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec

from apps.kernel.periods import Unit
from apps.plans.models import Plan, PlanVersion
from apps.plans.queries import charge_document, current_versions
from apps.plans.rules import Aggregation, CapBehavior, ChargeModel, TaxBehavior, TrialUsage
from apps.rest.objects import ApiObject

Exact = Annotated[str, msgspec.Meta(extra_json_schema={"format": "decimal"})]
"""A decimal as it is kept: plain digits, never an exponent."""


class TierObject(ApiObject, kw_only=True, frozen=True):
    """Up to and including `up_to`, the last one for ever. Prices in minor units, decimals as strings."""

    up_to: Exact | None
    unit_price: Exact
    flat_price: Exact
    rate_percent: Exact
    package_size: Exact | None


class ChargePriceObject(ApiObject, kw_only=True, frozen=True):
    """What a charge costs in one currency. `minimum` and `maximum`: minor units per interval."""

    tiers: list[TierObject]
    fee_per_event: Exact
    per_event_minimum: Exact | None
    per_event_maximum: Exact | None
    minimum: int
    maximum: int | None


class ThresholdObject(ApiObject, kw_only=True, frozen=True):
    """What usage may reach: so much `percent` of the cap, or else of the free units; a quantity; or an amount."""

    percent: Exact | None
    quantity: Exact | None
    amount: int | None
    currency: str | None


class ChargeObject(ApiObject, kw_only=True, frozen=True):
    """A metered charge: what is counted, and its price per currency."""

    key: str
    metric: str
    aggregation: Aggregation
    unique_by: str | None
    filter: dict[str, Any]
    group_by: list[str]
    model: ChargeModel
    package_size: Exact | None
    cap: Exact | None
    cap_behavior: CapBehavior
    thresholds: list[ThresholdObject]
    prices: dict[str, ChargePriceObject]


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
    commitment: dict[str, int]
    charges: list[ChargeObject]
    active: bool
    metadata: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    url: str


class PlanVersionObject(ApiObject, kw_only=True, frozen=True):
    """The terms of a plan from one change to the next. `current`: new subscriptions get them."""

    id: UUID
    plan_id: UUID
    version: int
    current: bool
    features: dict[str, Any]
    interval: Unit
    interval_count: int
    trial_days: int
    trial_usage: TrialUsage
    prices: dict[str, int]
    tax_behavior: TaxBehavior
    tax_code: str
    commitment: dict[str, int]
    charges: list[ChargeObject]
    created_at: datetime
    url: str


def plan_objects(plans: Sequence[Plan]) -> list[PlanObject]:
    """The objects of these plans with their current versions, in their order; three queries for any number."""
    versions = current_versions([plan.pk for plan in plans])
    return [
        PlanObject(
            id=plan.pk,
            key=plan.key,
            name=plan.name,
            version=plan.current_version,
            active=plan.active,
            metadata=plan.metadata,
            created_at=plan.created_at,
            updated_at=plan.updated_at,
            url=f"/v1/plans/{plan.pk}",
            **_terms(versions[plan.pk]),
        )
        for plan in plans
    ]


def version_objects(plan: Plan, versions: Iterable[PlanVersion]) -> list[PlanVersionObject]:
    """The objects of versions of `plan` whose prices and charges are fetched."""
    return [
        PlanVersionObject(
            id=version.pk,
            plan_id=plan.pk,
            version=version.version,
            current=version.version == plan.current_version,
            created_at=version.created_at,
            url=f"/v1/plans/{plan.pk}",
            **_terms(version),
        )
        for version in versions
    ]


def _terms(version: PlanVersion) -> dict[str, Any]:
    """What plan and version show alike."""
    documents = [charge_document(row) for row in version.charges.all()]
    return {
        "features": version.features,
        "interval": Unit(version.interval),
        "interval_count": version.interval_count,
        "trial_days": version.trial_days,
        "trial_usage": TrialUsage(version.trial_usage),
        "prices": {price.currency: price.amount for price in version.prices.all()},
        "tax_behavior": TaxBehavior(version.tax_behavior),
        "tax_code": version.tax_code,
        "commitment": version.commitment,
        "charges": msgspec.convert(documents, list[ChargeObject]),
    }
