"""Unique counts by a property: counted, capped, billed and explained by what the plan says."""

from typing import Any

import pytest

from apps.invoices.models import Line
from apps.plans.models import Plan
from apps.subscriptions.actions.change import change
from apps.usage.actions.record import record
from tests.factories.plans import make_plan
from tests.factories.subscriptions import ACTOR
from tests.subscriptions.test_usage import begun, bill, event, lines, time, use, whole

pytestmark = [pytest.mark.usefixtures("committed_db"), pytest.mark.fr("FR-074", "FR-075")]


def users(unique_by: str | None = "user", **charge: Any) -> Plan:
    """A plan at 2.00 for each active user, the first two of them free."""
    tiers = [{"up_to": "2", "unit_price": "0"}, {"unit_price": "200"}]
    counted = {"aggregation": "unique_count", "unique_by": unique_by, **charge}
    made = {"key": "users", "metric": "api_calls", "model": "graduated", **counted}
    return make_plan(prices={"USD": 3000}, charges=[{**made, "prices": {"USD": {"tiers": tiers}}}])


def test_each_value_of_the_property_is_billed_once() -> None:
    made = begun(users())
    for day, user in enumerate(["ada", "ben", "ada", 7, "7", "7.0", True, "true", None, "ben"], start=2):
        use(made, 1, f"2026-04-{day:02}T10:00", properties={"user": user})
    use(made, 1, "2026-04-20T10:00")
    bill(made, "2026-05-01T01:00")
    # ada, ben, 7 (also as a text), "7.0" and true (also as a text); null and nothing count nobody.
    assert lines(made)[1:] == [("recurring", 3000), ("usage", 600)]
    line = Line.objects.get(kind="usage")
    assert (line.quantity, line.source["events"]) == (5, 11)
    whole()


def test_without_a_property_different_quantities_are_counted() -> None:
    made = begun(users(None))
    for quantity in ("1", "1.0", "2", "3", "3"):
        use(made, quantity, "2026-04-03T10:00", properties={"user": quantity})
    bill(made, "2026-05-01T01:00")
    assert lines(made)[1:] == [("recurring", 3000), ("usage", 200)]
    whole()


def test_each_group_counts_its_own() -> None:
    made = begun(users(group_by=["region"]))
    for region, user in (("eu", "a"), ("eu", "b"), ("eu", "c"), ("us", "a"), ("us", "b"), ("us", "a")):
        use(made, 1, "2026-04-03T10:00", properties={"user": user, "region": region})
    bill(made, "2026-05-01T01:00")
    assert lines(made)[1:] == [("recurring", 3000), ("usage", 200)]
    assert Line.objects.get(kind="usage").quantity == 5
    whole()


@pytest.mark.fr("FR-080")
def test_a_cap_of_a_plan_lets_known_values_in() -> None:
    made = begun(users(cap="2", cap_behavior="reject"))
    for user in ("ada", "ben", "ada"):
        use(made, 1, "2026-04-03T10:00", properties={"user": user})
    third = event(made, 1, "2026-04-03T11:00", properties={"user": "cyd"})
    assert record([third], at=time("2026-04-03T11:00")).refused[0].code == "cap_reached"
    use(made, 1, "2026-04-03T12:00", properties={"user": "ben"})


def test_another_property_begins_anew() -> None:
    made = begun(users())
    for name in ("a", "b", "c"):
        use(made, 1, "2026-04-03T10:00", properties={"user": name, "device": name})
    change(subscription_id=made.pk, plan_id=users("device").pk, at=time("2026-04-15T09:00"), actor=ACTOR)
    for name in ("c", "d", "e", "f"):
        use(made, 1, "2026-04-16T10:00", properties={"user": "a", "device": name})
    bill(made, "2026-05-01T01:00")
    assert [amount for kind, amount in lines(made) if kind == "usage"] == [200, 400]
    whole()
