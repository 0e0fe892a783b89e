"""What can be done to a plan. Its terms never change: other terms are a new version, for those who come."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError

from apps.events.publish import publish
from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.changes import changed
from apps.kernel.errors import Conflict, Invalid, NotFound, Problem
from apps.kernel.ids import uuid7
from apps.kernel.transactions import unit_of_work
from apps.plans import queries
from apps.plans.catalogue import Difference, Fate, compare, whole
from apps.plans.events import PlanCreated, PlanDeleted, PlanUpdated
from apps.plans.models import KEY_UNIQUE, Charge, Plan, PlanVersion, Price
from apps.plans.objects import PlanObject, plan_objects
from apps.plans.rules import checked
from apps.rest import etags
from apps.rest.objects import builtins

PLAN_FIELDS = ("name", "active", "metadata")
TERMS = (
    "interval", "interval_count", "trial_days", "trial_usage", "tax_behavior", "tax_code", "features", "commitment",
)  # fmt: skip
TABLES = ("prices", "charges")
"""Members of a version that are rows of their own."""


def create(*, fields: Mapping[str, Any], at: datetime, actor: Actor) -> Plan:
    """Make a plan and its first version. `fields` holds key, name, interval, prices and whatever else was said.

    Errors: plan_invalid (422), plan_key_taken (409).
    """
    fields = _checked(fields)
    with _key_unique(fields["key"]), unit_of_work(actor):
        if Plan.objects.filter(key=fields["key"]).exists():
            raise _taken(fields["key"])
        plan = Plan.objects.create(key=fields["key"], **{name: fields[name] for name in PLAN_FIELDS if name in fields})
        _add_version(plan, 1, fields)
        publish([PlanCreated(object=_shown(plan), object_id=plan.pk, account_id=None, effective_at=at)])
        return plan


def update(
    *, plan_id: UUID, changes: Mapping[str, Any], expected_version: int | None, at: datetime, actor: Actor
) -> Plan:
    """Change a plan. New terms or prices (the whole list) make a new version; subscriptions stay on theirs.

    Equal content changes nothing: no new version, no event.
    Errors: plan_not_found (404), version_changed (412), plan_invalid (422).
    """
    with unit_of_work(actor):
        plan = _locked(plan_id, expected_version)
        before = builtins(_shown(plan))
        wanted = _checked({**before, **changes})
        new = changed(before, {name: wanted[name] for name in changes})
        if not new:
            return plan
        current = plan.current_version
        if new.keys() & {*TERMS, *TABLES}:
            current += 1
            _add_version(plan, current, wanted)
        Plan.objects.filter(pk=plan_id).update(
            **{name: new[name] for name in PLAN_FIELDS if name in new},
            current_version=current,
            version=plan.version + 1,
            updated_at=clock.wall(),
        )
        plan.refresh_from_db()
        previous = {name: before[name] for name in new}
        if current != before["version"]:
            previous["version"] = before["version"]
        publish([
            PlanUpdated(
                object=_shown(plan), object_id=plan_id, account_id=None, effective_at=at, previous_attributes=previous
            )
        ])  # fmt: skip
        return plan


def delete(*, plan_id: UUID, expected_version: int | None, at: datetime, actor: Actor) -> None:
    """Sell the plan no more; subscriptions to it go on. `update` with active true takes it back.

    One that is not sold stays as it is, without an event. Errors: plan_not_found (404), version_changed (412).
    """
    with unit_of_work(actor):
        plan = _locked(plan_id, expected_version)
        if not plan.active:
            return
        Plan.objects.filter(pk=plan_id).update(active=False, version=plan.version + 1, updated_at=clock.wall())
        plan.refresh_from_db()
        publish([
            PlanDeleted(
                object=_shown(plan), object_id=plan_id, account_id=None, effective_at=at,
                previous_attributes={"active": True},
            )
        ])  # fmt: skip


def apply(*, documents: Sequence[Mapping[str, Any]], at: datetime, actor: Actor) -> list[Difference]:
    """Make the plans what these documents say, all or none; returns what was done. Others are left alone.

    Repeated, it changes nothing. Errors: plan_invalid (422), plan_key_taken (409).
    """
    with unit_of_work(actor):
        ids = queries.lock_all()
        differences = compare(catalogue(), documents)
        by_key = {document["key"]: whole(document) for document in documents}
        for found in differences:
            if found.fate is Fate.NEW:
                create(fields=by_key[found.key], at=at, actor=actor)
            elif found.fate is Fate.CHANGED:
                update(plan_id=ids[found.key], changes=by_key[found.key], expected_version=None, at=at, actor=actor)
        return differences


def preview(documents: Sequence[Mapping[str, Any]]) -> list[Difference]:
    """What `apply` would do now; nothing is written."""
    return compare(catalogue(), documents)


def catalogue() -> dict[str, dict[str, Any]]:
    """Every plan as the API shows it, by its key."""
    plans = list(queries.plans().order_by("key"))
    return {plan.key: builtins(shown) for plan, shown in zip(plans, plan_objects(plans), strict=True)}


def _locked(plan_id: UUID, expected_version: int | None) -> Plan:
    plan = queries.lock(plan_id)
    if plan is None:
        raise NotFound("plan_not_found", f"There is no plan {plan_id}.", hint="List the plans with GET /v1/plans.")
    etags.demand(plan.version, expected_version)
    return plan


def _checked(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document in its one form, or a refusal with every fault."""
    found, wrong = checked(document)
    if wrong:
        raise Invalid(
            "plan_invalid",
            "The plan is not valid.",
            hint="Mend what `errors` points at; nothing was saved.",
            errors=wrong,
        )
    return found


def _add_version(plan: Plan, number: int, fields: Mapping[str, Any]) -> None:
    version = PlanVersion(
        id=uuid7(), plan=plan, version=number, **{name: fields[name] for name in TERMS if name in fields}
    )
    # In this order: PostgreSQL lets no price and no charge come to a version that is there.
    Price.objects.bulk_create(
        Price(plan_version=version, currency=currency, amount=amount)
        for currency, amount in sorted(fields["prices"].items())
    )
    if fields["charges"]:
        Charge.objects.bulk_create(
            Charge(plan_version=version, position=position, **charge)
            for position, charge in enumerate(fields["charges"])
        )
    version.save(force_insert=True)


def _shown(plan: Plan) -> PlanObject:
    return plan_objects([plan])[0]


@contextmanager
def _key_unique(key: str) -> Iterator[None]:
    """Whoever comes second at the same moment passes the check; the constraint's refusal means the same."""
    try:
        yield
    except IntegrityError as error:
        if getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) == KEY_UNIQUE:
            raise _taken(key) from error
        raise


def _taken(key: str) -> Conflict:
    return Conflict(
        "plan_key_taken",
        f"There is a plan {key!r}.",
        hint="Change it by PATCH, or choose another key.",
        errors=[Problem("/key", "plan_key_taken", "This key is taken.")],
    )
