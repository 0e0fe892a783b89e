"""Plans, through their action."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from apps.kernel.actors import Actor, system
from apps.plans import actions
from apps.plans.models import Plan

ACTOR = system("tests")
AT = datetime(2026, 4, 1, 12, tzinfo=UTC)
CALLS: dict[str, Any] = {
    "key": "calls",
    "metric": "api_calls",
    "model": "graduated",
    "prices": {"USD": {"tiers": [{"up_to": 1000, "unit_price": "0"}, {"unit_price": "0.5"}]}},
}
"""A metered charge: the first thousand calls are free."""
_numbers = count(1)


def make_plan(*, at: datetime = AT, actor: Actor = ACTOR, **fields: Any) -> Plan:
    """A monthly plan at 49 dollars, under a key of its own, unless told otherwise."""
    given = {"key": f"plan-{next(_numbers)}", "name": "Pro", "interval": "month", "prices": {"USD": 4900}}
    return actions.create(fields={**given, **fields}, at=at, actor=actor)
