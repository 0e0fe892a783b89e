"""The terms of versions, in bulk; the plan that a subscription names."""

from typing import Any
from uuid import uuid4

import pytest

from apps.kernel.errors import Invalid
from apps.kernel.periods import Interval, Unit
from apps.plans import actions, queries
from apps.plans.models import PlanVersion
from apps.plans.objects import PlanObject, plan_objects
from tests.factories.plans import ACTOR, AT, CALLS, make_plan

pytestmark = pytest.mark.django_db


def change(plan: Any, **changes: Any) -> None:
    actions.update(plan_id=plan.pk, changes=changes, expected_version=None, at=AT, actor=ACTOR)


@pytest.mark.fr("FR-018", "FR-022")
def test_terms_are_those_of_their_version(django_assert_num_queries: Any) -> None:
    plan = make_plan(trial_days=14, prices={"USD": 4900, "JPY": 700})
    change(plan, prices={"USD": 5900}, trial_days=7)
    old, new = PlanVersion.objects.filter(plan=plan).order_by("version")
    with django_assert_num_queries(1):
        terms = queries.terms([old.pk, new.pk, uuid4()])
    assert len(terms) == 2
    assert (terms[old.pk].prices, terms[old.pk].trial_days) == ({"USD": 4900, "JPY": 700}, 14)
    assert (terms[new.pk].prices, terms[new.pk].trial_days) == ({"USD": 5900}, 7)
    assert (terms[new.pk].interval, terms[new.pk].version) == (Interval(Unit.MONTH), 2)
    assert queries.current_terms(plan.pk) == terms[new.pk]


def test_a_plan_that_is_not_there_or_not_sold_is_refused() -> None:
    retired = make_plan(name="Old", active=False)
    with pytest.raises(Invalid) as unknown:
        queries.current_terms(uuid4())
    with pytest.raises(Invalid) as alone:
        queries.current_terms(retired.pk)
    make_plan(name="Pro")
    with pytest.raises(Invalid) as inactive:
        queries.current_terms(retired.pk)
    assert (unknown.value.code, alone.value.code, inactive.value.code) == ("plan_unknown", *["plan_inactive"] * 2)
    assert "Pro" in inactive.value.hint
    assert "Pro" not in alone.value.hint


def test_objects_come_in_order_at_a_fixed_cost(django_assert_num_queries: Any) -> None:
    plans = [make_plan(name=str(number)) for number in range(4)]
    with django_assert_num_queries(3):
        assert [one.name for one in plan_objects(plans[::-1])] == ["3", "2", "1", "0"]
    assert PlanObject.__struct_fields__ == (
        "id", "key", "name", "version", "features", "interval", "interval_count", "trial_days", "trial_usage", "prices",
        "tax_behavior", "tax_code", "commitment", "charges", "active", "metadata", "created_at", "updated_at", "url",
    )  # fmt: skip


@pytest.mark.fr("FR-022")
def test_a_version_is_found_by_its_number(django_assert_num_queries: Any) -> None:
    plan = make_plan(features={"seats": 5}, commitment={"USD": 10}, trial_usage="bill", charges=[CALLS])
    change(plan, prices={"USD": 5900}, active=False)
    with django_assert_num_queries(1):
        first = queries.version_of(plan.pk, 1)
    assert (first.prices, first.features, first.commitment, first.trial_usage) == (
        {"USD": 4900}, {"seats": 5}, {"USD": 10}, "bill",
    )  # fmt: skip
    for plan_id, number in ((plan.pk, 3), (uuid4(), 1)):
        with pytest.raises(Invalid) as unknown:
            queries.version_of(plan_id, number)
        assert unknown.value.code == "plan_version_unknown"
    with django_assert_num_queries(1):
        charges = queries.charges([first.plan_version_id, uuid4()])
    assert [each.key for each in charges[first.plan_version_id]] == ["calls"]
