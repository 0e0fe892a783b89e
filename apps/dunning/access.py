"""Whether an account may use what it pays for: one query where it was asked before, at every door of customers."""

from typing import Any
from uuid import UUID

from apps.accounts.models import Account
from apps.accounts.rules import OverdueStatus as State
from apps.clocks.queries import now_for
from apps.dunning.actions.entitle import keep
from apps.dunning.models import Standing
from apps.dunning.objects import AccessObject
from apps.dunning.queries import holds_of
from apps.dunning.rules import Denial, combined, overdue_days
from apps.kernel.errors import NotFound
from apps.kernel.periods import local_date


def access(account_id: UUID, feature: str = "") -> AccessObject:
    """The answer for an account, or for one feature of its plans. Errors: account_not_found (404)."""
    account = Account.objects.select_related("standing", "entitlement").filter(pk=account_id).first()
    if account is None:
        raise NotFound("account_not_found", f"There is no account {account_id}.", hint="Check the id in the path.")
    standing: Standing | None = getattr(account, "standing", None)
    due = standing.due_date if standing else None
    today = local_date(now_for(account), account.timezone)
    status = State(account.overdue_status)
    kept = getattr(account, "entitlement", None)
    features = combined(kept.granted if kept else keep(account.pk))
    if feature:
        features = {feature: features.get(feature)}
    denial = _denial(status, standing, features.get(feature, True))
    return AccessObject(
        account_id=account.pk,
        allowed=status is not State.BLOCKED and denial is not Denial.FEATURE_NOT_GRANTED,
        reason=denial,
        features=features,
        overdue_status=status,
        since=standing.since if standing and status is not State.CURRENT else None,
        invoice_id=standing.invoice_id if standing else None,
        due_date=due,
        days_overdue=overdue_days(due, today, holds_of([account.pk]).get(account.pk, ())) if due else 0,
        dispute_hold=account.dispute_hold,
        url=f"/v1/accounts/{account.pk}/access",
    )


def _denial(status: State, standing: Standing | None, value: Any) -> Denial | None:
    """Why it may not, or (while it is only warned) may soon no longer. 0, false and nothing are not granted."""
    if standing and standing.reason and (value or status is State.BLOCKED):
        return Denial(standing.reason)
    return None if value else Denial.FEATURE_NOT_GRANTED
