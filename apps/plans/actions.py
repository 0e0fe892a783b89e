"""What can be done to a plan. Its terms never change: other terms are a new version, for those who come."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F
from django.db.models.functions import Now

from apps.events.publish import publish
from apps.kernel.actors import Actor
from apps.kernel.errors import Conflict, NotFound
from apps.kernel.transactions import unit_of_work
from apps.plans import queries
from apps.plans.events import PlanCreated, PlanUpdated
from apps.plans.models import Plan, PlanVersion, Price
from apps.plans.objects import PlanObject, plan_objects
from apps.rest import etags
from apps.rest.objects import builtins

PLAN_FIELDS = ("name", "active", "metadata")
TERMS = ("interval", "interval_count", "trial_days", "trial_usage", "tax_behavior", "tax_code", "features")


def create(*, fields: Mapping[str, Any], at: datetime, actor: Actor) -> Plan:
    """Make a plan and its first version. `fields` holds key, name, interval, prices and whatever else was said.

    Errors: plan_key_taken (409).
    """
    with unit_of_work(actor):
        if Plan.objects.filter(key=fields["key"]).exists():
            raise Conflict(
                "plan_key_taken", f"There is a plan {fields['key']!r}.", hint="Change it by PATCH, or choose another key."
            )
        plan = Plan.objects.create(key=fields["key"], **{name: fields[name] for name in PLAN_FIELDS if name in fields})
        _add_version(plan, 1, fields, fields["prices"])
        publish([PlanCreated(object=_shown(plan), object_id=plan.pk, account_id=None, effective_at=at)])
        return plan


def update(
    *, plan_id: UUID, changes: Mapping[str, Any], expected_version: int | None, at: datetime, actor: Actor
) -> Plan:
    """Change a plan. New terms or prices make a new version; subscriptions stay on theirs.

    Errors: plan_not_found (404), version_changed (412).
    """
    with unit_of_work(actor):
        plan = queries.lock(plan_id)
        if plan is None:
            raise NotFound("plan_not_found", f"There is no plan {plan_id}.", hint="List the plans with GET /v1/plans.")
        etags.demand(plan.version, expected_version)
        before = _shown(plan)
        now = {name: getattr(before, name) for name in (*TERMS, *PLAN_FIELDS, "prices")}
        changed = {name: value for name, value in changes.items() if now[name] != value}
        if not changed:
            return plan
        if changed.keys() & {*TERMS, "prices"}:
            _add_version(plan, plan.current_version + 1, {**now, **changed}, changed.get("prices", before.prices))
            Plan.objects.filter(pk=plan_id).update(current_version=F("current_version") + 1)
        Plan.objects.filter(pk=plan_id).update(
            **{name: changed[name] for name in PLAN_FIELDS if name in changed},
            version=F("version") + 1,
            updated_at=Now(),
        )
        plan.refresh_from_db()
        previous = {name: value for name, value in builtins(before).items() if name in changed}
        publish([
            PlanUpdated(
                object=_shown(plan), object_id=plan_id, account_id=None, effective_at=at, previous_attributes=previous
            )
        ])  # fmt: skip
        return plan


def _add_version(plan: Plan, number: int, fields: Mapping[str, Any], prices: Mapping[str, int]) -> None:
    version = PlanVersion.objects.create(
        plan=plan, version=number, **{name: fields[name] for name in TERMS if name in fields}
    )
    Price.objects.bulk_create(
        Price(plan_version=version, currency=currency, amount=amount) for currency, amount in sorted(prices.items())
    )


def _shown(plan: Plan) -> PlanObject:
    return plan_objects([plan])[0]
