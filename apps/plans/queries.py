"""Reads of plans: the terms of versions, in bulk."""

from collections.abc import Collection, Sequence
from uuid import UUID

from django.db.models import F, QuerySet

from apps.kernel.errors import Invalid
from apps.plans.models import Plan, PlanVersion
from apps.plans.rules import TaxBehavior, Terms


def plans() -> QuerySet[Plan]:
    """All plans."""
    return Plan.objects.all()


def lock(plan_id: UUID) -> Plan | None:
    """Lock one plan, so that versions are made one after another."""
    return Plan.objects.filter(pk=plan_id).select_for_update(no_key=True).first()


def lock_all() -> dict[str, UUID]:
    """Lock every plan; the ids by key."""
    return dict(Plan.objects.order_by("pk").select_for_update(no_key=True).values_list("key", "pk"))


def current_versions(plan_ids: Sequence[UUID]) -> dict[UUID, PlanVersion]:
    """The current version of each plan with its prices, by the plan's id."""
    rows = PlanVersion.objects.filter(plan_id__in=plan_ids, version=F("plan__current_version"))
    return {version.plan_id: version for version in rows.prefetch_related("prices")}


def terms(version_ids: Collection[UUID]) -> dict[UUID, Terms]:
    """The terms of each version, by its id; two queries for any number."""
    versions = PlanVersion.objects.filter(pk__in=set(version_ids)).select_related("plan").prefetch_related("prices")
    return {version.pk: _terms(version) for version in versions}


def current_terms(plan_id: UUID) -> Terms:
    """The terms new subscriptions of that plan get; a refusal when there is no such plan, or it is no longer sold."""
    version = (
        PlanVersion.objects.filter(plan_id=plan_id)
        .select_related("plan")
        .prefetch_related("prices")
        .order_by("-version")
    ).first()
    if version is None:
        raise Invalid("plan_unknown", f"There is no plan {plan_id}.", hint="List the plans with GET /v1/plans.")
    found = _terms(version)
    demand_sold(found)
    return found


def all_current_terms() -> dict[str, Terms]:
    """The terms that new subscriptions of each plan get, by the plan's key; also of plans that are no longer sold."""
    versions = PlanVersion.objects.filter(version=F("plan__current_version"))
    rows = versions.select_related("plan").prefetch_related("prices")
    return {version.plan.key: _terms(version) for version in rows}


def demand_sold(found: Terms) -> None:
    """Refuse a plan that new subscriptions do not get any more; the hint names some that they do."""
    if not found.active:
        others = ", ".join(Plan.objects.filter(active=True).order_by("name").values_list("name", flat=True)[:5])
        raise Invalid(
            "plan_inactive",
            f"Plan {found.name!r} is no longer sold.",
            hint=f"Choose an active one: {others}." if others else "Create an active plan first.",
        )


def _terms(version: PlanVersion) -> Terms:
    return Terms(
        plan_id=version.plan_id,
        plan_version_id=version.pk,
        version=version.version,
        name=version.plan.name,
        active=version.plan.active,
        interval=version.recurrence,
        trial_days=version.trial_days,
        tax_behavior=TaxBehavior(version.tax_behavior),
        tax_code=version.tax_code,
        prices={price.currency: price.amount for price in version.prices.all()},
    )
