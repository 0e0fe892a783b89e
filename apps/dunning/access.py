"""Whether an account may use what it pays for: two queries, asked by customers' applications at every door."""

from uuid import UUID

from apps.accounts.models import Account
from apps.accounts.rules import OverdueStatus as State
from apps.clocks.queries import now_for
from apps.dunning.models import Standing
from apps.dunning.objects import AccessObject
from apps.dunning.queries import holds_of
from apps.dunning.rules import Reason, overdue_days
from apps.kernel.errors import NotFound
from apps.kernel.periods import local_date


def access(account_id: UUID) -> AccessObject:
    """The answer for an account. Errors: account_not_found (404)."""
    account = Account.objects.select_related("standing").filter(pk=account_id).first()
    if account is None:
        raise NotFound("account_not_found", f"There is no account {account_id}.", hint="Check the id in the path.")
    standing: Standing | None = getattr(account, "standing", None)
    due = standing.due_date if standing else None
    today = local_date(now_for(account), account.timezone)
    status = State(account.overdue_status)
    return AccessObject(
        account_id=account.pk,
        allowed=status is not State.BLOCKED,
        reason=Reason(standing.reason) if standing and standing.reason else None,
        overdue_status=status,
        since=standing.since if standing and status is not State.CURRENT else None,
        invoice_id=standing.invoice_id if standing else None,
        due_date=due,
        days_overdue=overdue_days(due, today, holds_of([account.pk]).get(account.pk, ())) if due else 0,
        dispute_hold=account.dispute_hold,
        url=f"/v1/accounts/{account.pk}/access",
    )
