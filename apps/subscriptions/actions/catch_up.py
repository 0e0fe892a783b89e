"""What fell due before somebody's change is billed before it, as it was agreed until then."""

from datetime import date, datetime
from uuid import UUID

from apps.events.rules import Lane
from apps.kernel.actors import Actor
from apps.kernel.errors import Conflict
from apps.kernel.periods import local_date
from apps.rest import etags
from apps.subscriptions import queries
from apps.subscriptions.actions.day_end import invoice_day
from apps.subscriptions.actions.renew import renew
from apps.subscriptions.actions.resume import wake
from apps.subscriptions.models import Subscription


def catch_up(
    subscription_id: UUID, *, at: datetime, actor: Actor, today_too: bool, expected_version: int | None
) -> int | None:
    """Renew what is due by `at`, as the next run would: before it, and outside of the change's own locks.

    A period that begins today counts for the state after the change, so it is left to the run unless `today_too`.
    The version that the caller saw is that of the row before this; the answer is what it has become by this alone, to
    be demanded of the locked row. Whoever saw another one is refused before anything is billed.
    A pause whose time is over is ended, a day that is over and whose changes wait for that is invoiced.
    Errors: version_changed (412), renewal_stopped (409).
    """
    behind_with = queries.behind(subscription_id, at)
    if behind_with.wakes and wake(subscription_id=subscription_id, at=at, actor=actor) and expected_version is not None:
        expected_version += 1
    if behind_with.day_ended:
        invoice_day(subscription_id=subscription_id, at=at, actor=actor)
    if not (behind_with.wakes or behind_with.bills):
        return expected_version
    behind: date | None = None
    while (row := _due(subscription_id, at, today_too=today_too)) is not None:
        etags.demand(row.version, expected_version)
        renewed = renew([subscription_id], at=at, actor=actor, lane=Lane.API)
        if renewed.failures or row.billed_to == behind:
            raise Conflict(
                "renewal_stopped",
                f"The period from {row.billed_to} on is due and could not be billed:"
                f" {renewed.failures.get(subscription_id, 'it is still due')}.",
                hint="Mend what stopped the renewal (it is tried again with this call), then repeat the call.",
            )
        behind = row.billed_to
        if expected_version is not None:
            expected_version += renewed.periods + renewed.ended
    return expected_version


def _due(subscription_id: UUID, at: datetime, *, today_too: bool) -> Subscription | None:
    row = queries.subscriptions().filter(pk=subscription_id, next_billing_at__lte=at).first()
    if row is None or today_too or row.billed_to < local_date(at, row.account.timezone):
        return row
    # What was scheduled for today has come to pass, whether or not the run has been by.
    today = local_date(at, row.account.timezone)
    waiting = queries.waiting_changes([row.pk]).get(row.pk, {})
    ended = row.ends_on is not None and row.ends_on <= today
    return row if ended or any(change.due_date <= today for change in waiting.values()) else None
