"""Remind customers by hand: whoever has something open that is due."""

from collections.abc import Collection
from uuid import UUID

from apps.accounts import queries as accounts
from apps.dunning import queries
from apps.dunning.actions.record import publish_steps
from apps.dunning.metrics import dunning_reminders_total
from apps.dunning.models import History
from apps.dunning.rules import Kind, Message, overdue_days
from apps.kernel.actors import Actor
from apps.kernel.periods import local_date
from apps.kernel.transactions import after_commit, unit_of_work


def remind_many(*, account_ids: Collection[UUID], actor: Actor) -> int:
    """Remind those of these accounts of their oldest unpaid invoice that are overdue; returns how many.

    Once a local day each: a second press reminds nobody twice. Accounts on hold are left alone.
    """
    with unit_of_work(actor):
        payers = accounts.lock(account_ids)
        at, holds = queries.times(payers.values()), queries.holds_of(payers)
        last = queries.last_reminders(payers)
        rows = []
        for account_id, invoice in queries.oldest_unpaid(payers).items():
            account = payers[account_id]
            today = local_date(at[account_id], account.timezone)
            held = holds.get(account_id, ())
            days = overdue_days(invoice.due_date, today, held) if invoice.due_date else 0
            before = last.get(account_id)
            told_today = before is not None and local_date(before, account.timezone) >= today
            if days > 0 and not told_today and all(each.end is not None for each in held):
                rows.append(
                    History(
                        account=account,
                        kind=Kind.REMINDER_BY_HAND,
                        at=at[account_id],
                        status_before=account.overdue_status,
                        status_after=account.overdue_status,
                        invoice=invoice,
                        days=days,
                        message=Message.REMINDER,
                        actor=str(actor),
                    )
                )
        publish_steps(rows)
        count = dunning_reminders_total.labels("staff")
        after_commit(lambda: count.inc(len(rows)), name="dunning_reminders_total")
        return len(rows)
