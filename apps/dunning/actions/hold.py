"""Hold dunning while a customer disputes what it owes, and let it go on."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from apps.accounts import queries as accounts
from apps.accounts.actions import mark
from apps.accounts.models import Account
from apps.dunning import queries
from apps.dunning.actions.judge import judge
from apps.dunning.actions.record import publish_steps
from apps.dunning.models import History, Hold
from apps.dunning.rules import Kind
from apps.kernel.actors import Actor
from apps.kernel.errors import Conflict, NotFound
from apps.kernel.periods import local_date
from apps.kernel.transactions import unit_of_work


def hold(*, account_id: UUID, reason: str, actor: Actor) -> Hold:
    """Hold one account; with the same reason again nothing changes.

    Errors: account_not_found (404), on_hold_already (409).
    """
    with unit_of_work(actor):
        lock(account_id)
        standing = queries.open_holds([account_id]).get(account_id)
        if standing is not None and standing.reason == reason:
            return standing
        if standing is not None:
            raise Conflict(
                "on_hold_already",
                f"The account is on hold already: {standing.reason}",
                hint="Release it with DELETE /v1/accounts/{id}/dispute-hold, then hold it for the other reason.",
            )
        hold_many(account_ids=[account_id], reason=reason, actor=actor)
        return queries.open_holds([account_id])[account_id]


def release(*, account_id: UUID, note: str = "", actor: Actor) -> Hold:
    """Let dunning go on: what was on hold is not counted. Errors: account_not_found (404), not_on_hold (409)."""
    with unit_of_work(actor):
        lock(account_id)
        standing = queries.open_holds([account_id]).get(account_id)
        if standing is None:
            raise Conflict("not_on_hold", "The account is not on hold.", hint="There is nothing to release.")
        release_many(account_ids=[account_id], note=note, actor=actor)
        standing.refresh_from_db()
        return standing


def hold_many(*, account_ids: Collection[UUID], reason: str, actor: Actor) -> int:
    """Hold those of these accounts that are not; returns how many. The same queries for any number."""
    with unit_of_work(actor):
        payers = accounts.lock(account_ids)
        already = queries.open_holds(payers)
        fresh = [account for account in payers.values() if account.pk not in already]
        at = queries.times(fresh)
        Hold.objects.bulk_create(
            [
                Hold(
                    account=account,
                    reason=reason,
                    placed_at=at[account.pk],
                    placed_by=str(actor),
                    from_date=local_date(at[account.pk], account.timezone),
                )
                for account in fresh
            ]
        )
        _told(fresh, Kind.HOLD, reason, at=at, on_hold=True, actor=actor)
        return len(fresh)


def release_many(*, account_ids: Collection[UUID], note: str = "", actor: Actor) -> int:
    """Release those of these accounts that are on hold; returns how many."""
    with unit_of_work(actor):
        payers = accounts.lock(account_ids)
        standing = queries.open_holds(payers)
        freed = [payers[account_id] for account_id in standing]
        at = queries.times(freed)
        for account in freed:
            each = standing[account.pk]
            each.released_at, each.released_by = at[account.pk], str(actor)
            # A clock in another zone may have been set since: a hold never ends before it began.
            each.to_date = max(each.from_date, local_date(at[account.pk], account.timezone))
        Hold.objects.bulk_update(standing.values(), ["released_at", "released_by", "to_date"])
        _told(freed, Kind.RELEASE, note, at=at, on_hold=False, actor=actor)
        return len(freed)


def lock(account_id: UUID) -> Account:
    """Lock the account of the path, or 404."""
    found = accounts.lock([account_id]).get(account_id)
    if found is None:
        raise NotFound("account_not_found", f"There is no account {account_id}.", hint="Check the id in the path.")
    return found


def _told(
    changed: Collection[Account], kind: Kind, note: str, *, at: dict[UUID, datetime], on_hold: bool, actor: Actor
) -> None:
    if not changed:
        return
    mark({account.pk: {"dispute_hold": on_hold} for account in changed}, at=at)
    publish_steps(
        [
            History(
                account=account,
                kind=kind,
                at=at[account.pk],
                status_before=account.overdue_status,
                status_after=account.overdue_status,
                note=note,
                actor=str(actor),
            )
            for account in changed
        ]
    )
    judge(at=at, actor=actor)
