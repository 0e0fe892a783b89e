"""Reads of plans: the terms of versions, and their metered charges, in bulk."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import F, QuerySet

from apps.kernel.errors import Invalid
from apps.kernel.membership import array
from apps.kernel.periods import Interval, Unit
from apps.kernel.prepared import named, rows_of
from apps.kernel.statements import fetch
from apps.kernel.transactions import read_once
from apps.plans.models import Charge as ChargeRow
from apps.plans.models import Plan, PlanVersion
from apps.plans.rules import Charge, TaxBehavior, Terms, TrialUsage, charge
from apps.plans.rules.reading import plain

# Asked of whatever is billed: what is written out need not be put together each time.
_TERMS = """
SELECT version.id, version.plan_id, version.version, plan.name, plan.active, version.interval, version.interval_count,
       version.trial_days, version.tax_behavior, version.tax_code, version.trial_usage, version.features,
       version.commitment,
       coalesce((SELECT jsonb_object_agg(price.currency, price.amount) FROM plans_price AS price
                 WHERE price.plan_version_id = version.id), '{}'),
       EXISTS (SELECT FROM plans_charge AS charge WHERE charge.plan_version_id = version.id)
FROM plans_planversion AS version JOIN plans_plan AS plan ON plan.id = version.plan_id
"""
_CHARGES = named(ChargeRow, "SELECT * FROM plans_charge WHERE plan_version_id = ANY(%s::uuid[]) ORDER BY position")
_NUMBERS = "SELECT id, version FROM plans_planversion WHERE id = ANY(%s::uuid[])"
NAMED, CONSIDERED = 5, 100
"""How many plans, or versions, a hint names, and among how many it chooses."""


def plans() -> QuerySet[Plan]:
    """All plans."""
    return Plan.objects.all()


def lock(plan_id: UUID) -> Plan | None:
    """Lock one plan, so that versions are made one after another."""
    return Plan.objects.filter(pk=plan_id).select_for_update(no_key=True).first()


def lock_all() -> dict[str, UUID]:
    """Lock every plan; the ids by key."""
    return dict(Plan.objects.order_by("pk").select_for_update(no_key=True).values_list("key", "pk"))


def versions(plan_id: UUID) -> QuerySet[PlanVersion]:
    """The versions of a plan with their prices and charges: three queries for any number."""
    return PlanVersion.objects.filter(plan_id=plan_id).prefetch_related("prices", "charges")


def current_versions(plan_ids: Sequence[UUID]) -> dict[UUID, PlanVersion]:
    """The current version of each plan with its prices and charges, by the plan's id."""
    rows = PlanVersion.objects.filter(plan_id__in=plan_ids, version=F("plan__current_version"))
    return {version.plan_id: version for version in rows.prefetch_related("prices", "charges")}


def numbers_of(version_ids: Collection[UUID]) -> dict[UUID, int]:
    """The number of each version within its plan, by the version's id."""
    return dict(fetch(_NUMBERS, [array(version_ids)]))


def charges(version_ids: Collection[UUID]) -> dict[UUID, list[Charge]]:
    """The metered charges of each version that has any, in their order; one query for any number but none."""
    return {} if not version_ids else read_once("plans.charges", version_ids, _charges)


def _charges(version_ids: Collection[UUID]) -> dict[UUID, list[Charge]]:
    found: dict[UUID, list[Charge]] = {}
    for row in rows_of(ChargeRow, _CHARGES, [array(version_ids)]):
        found.setdefault(row.plan_version_id, []).append(charge(charge_document(row)))
    return found


def with_thresholds() -> QuerySet[ChargeRow]:
    """Charges that have any thresholds, by their version."""
    return ChargeRow.objects.exclude(thresholds=[])


def charge_document(row: ChargeRow) -> dict[str, Any]:
    """The charge as its document says it."""
    return {
        "key": row.key,
        "metric": row.metric,
        "aggregation": row.aggregation,
        "unique_by": row.unique_by,
        "filter": row.filter,
        "group_by": row.group_by,
        "model": row.model,
        "package_size": None if row.package_size is None else plain(row.package_size),
        "cap": None if row.cap is None else plain(row.cap),
        "cap_behavior": row.cap_behavior,
        "thresholds": row.thresholds,
        "prices": row.prices,
    }


def terms(version_ids: Collection[UUID]) -> dict[UUID, Terms]:
    """The terms of each version, by its id; one query for any number."""
    return read_once("plans.terms", version_ids, _terms_of)


def version_of(plan_id: UUID, number: int) -> Terms:
    """The terms of that version of that plan, sold or not; a refusal when there is none."""
    found = _terms("version.plan_id = %s AND version.version = %s", [plan_id, number])
    if not found:
        rows = PlanVersion.objects.filter(plan_id=plan_id)
        there = list(rows.order_by("-version").values_list("version", flat=True)[:NAMED])
        raise Invalid(
            "plan_version_unknown",
            f"There is no version {number} of the plan {plan_id}.",
            hint=f"Its newest are {', '.join(map(str, there))}." if there else "List the plans with GET /v1/plans.",
        )
    return found[0]


def current_terms(plan_id: UUID) -> Terms:
    """The terms new subscriptions of that plan get; a refusal when there is no such plan, or it is no longer sold."""
    found = _terms("version.plan_id = %s ORDER BY version.version DESC LIMIT 1", [plan_id])
    if not found:
        raise Invalid("plan_unknown", f"There is no plan {plan_id}.", hint="List the plans with GET /v1/plans.")
    demand_sold(found[0])
    return found[0]


def all_current_terms() -> dict[str, Terms]:
    """The terms that new subscriptions of each plan get, by the plan's key; also of plans that are no longer sold."""
    versions = PlanVersion.objects.filter(version=F("plan__current_version"))
    keys = dict(versions.values_list("pk", "plan__key"))
    return {keys[found.plan_version_id]: found for found in _terms("version.version = plan.current_version", [])}


def demand_sold(found: Terms) -> None:
    """Refuse a plan that new subscriptions do not get any more; the hint names some that they do.

    Those with a price in a currency of this one come first, and of these those of its interval.
    """
    if not found.active:
        rows = PlanVersion.objects.filter(version=F("plan__current_version"), plan__active=True)
        others = sorted(
            (
                not found.prices.keys() & {price.currency for price in each.prices.all()},
                each.recurrence != found.interval,
                each.plan.name,
                each.plan.key,
            )
            for each in rows.select_related("plan").prefetch_related("prices")[:CONSIDERED]
        )[:NAMED]
        listed = ", ".join(f"{name} ({key})" for *_, name, key in others)
        raise Invalid(
            "plan_inactive",
            f"Plan {found.name!r} is no longer sold.",
            hint=f"Choose an active one: {listed}." if others else "Create an active plan first.",
        )


def _terms_of(version_ids: Collection[UUID]) -> dict[UUID, Terms]:
    return {found.plan_version_id: found for found in _terms("version.id = ANY(%s::uuid[])", [array(version_ids)])}


def _terms(where: str, values: Sequence[Any]) -> list[Terms]:
    """Of values, not of instances: a batch may meet thousands of them. One query; `where` comes from above."""
    found = fetch(f"{_TERMS} WHERE {where}", values)
    return [
        Terms(
            plan_id=plan_id,
            plan_version_id=pk,
            version=number,
            name=name,
            active=active,
            interval=Interval(Unit(interval), count),
            trial_days=trial_days,
            tax_behavior=TaxBehavior(tax_behavior),
            tax_code=tax_code,
            prices=msgspec.json.decode(prices),
            trial_usage=TrialUsage(trial_usage),
            features=msgspec.json.decode(features),
            commitment=msgspec.json.decode(commitment),
            metered=metered,
        )
        for pk, plan_id, number, name, active, interval, count, trial_days, tax_behavior, tax_code, trial_usage,
            features, commitment, prices, metered in found
    ]  # fmt: skip
