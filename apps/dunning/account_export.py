"""What an account's export holds of dunning: what happened to it, and when it stood still."""

from collections.abc import Sequence

from apps.accounts.registry import section
from apps.dunning.models import Hold
from apps.dunning.objects import DunningStepObject, HoldObject, hold_object, step_objects
from apps.dunning.queries import history


def _holds(rows: Sequence[Hold]) -> list[HoldObject]:
    return [hold_object(row) for row in rows]


section(
    "dunning_history",
    DunningStepObject,
    rows=lambda account_id: history().filter(account_id=account_id),
    show=step_objects,
)
section("dispute_holds", HoldObject, rows=lambda account_id: Hold.objects.filter(account_id=account_id), show=_holds)
