"""What dunning notices of invoices: those that are made are watched, those that are settled clear their account."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from django.db import connection

from apps.accounts.queries import accounts
from apps.dunning import queries
from apps.dunning.actions.judge import judge
from apps.dunning.actions.record import watch
from apps.dunning.models import Exhaustion
from apps.dunning.rules import first_look
from apps.events.rules import Lane
from apps.invoices.models import Invoice
from apps.invoices.rules import Status
from apps.kernel.actors import Actor
from apps.kernel.membership import among, array
from apps.kernel.periods import midnight
from apps.kernel.transactions import unit_of_work
from apps.payments.queries import default_method_ids

_SETTLED = """
WITH unwatched AS (
    UPDATE dunning_watch AS watch SET next_at = NULL
    WHERE watch.account_id = ANY(%s::uuid[]) AND watch.next_at IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM invoices_invoice AS invoice
        WHERE invoice.account_id = watch.account_id AND invoice.status = 'OPEN'
    )
)
SELECT account_id FROM dunning_standing
WHERE account_id = ANY(%s::uuid[]) AND (status <> 'CURRENT' OR due_date IS NOT NULL)
"""


def made(invoice_ids: Collection[UUID], *, actor: Actor) -> None:
    """Watch those of these invoices that are still open: from the first day that may bring something about."""
    rows = Invoice.objects.filter(among("pk", invoice_ids), status=Status.OPEN).order_by("due_date")
    first = {each.account_id: each for each in reversed(rows)}
    if not first:
        return
    with unit_of_work(actor):
        published, default = queries.policies()
        standings, methods = queries.standings_of(first), default_method_ids(list(first))
        noted = []
        for account in accounts().filter(among("pk", first)).only("pk", "timezone", "test_clock_id"):
            due, standing = first[account.pk].due_date, standings.get(account.pk)
            policy = published[standing.policy_id] if standing and standing.policy_id else default
            if due is not None:
                day = first_look(policy.terms, due, has_method=account.pk in methods)
                noted.append((account, midnight(day, account.timezone)))
        watch(noted, sooner=True)


def settled(account_ids: Collection[UUID], *, actor: Actor, lane: Lane) -> None:
    """Invoices of these accounts were paid or voided: whoever was behind is judged at once."""
    ids = array(account_ids)
    with connection.cursor() as cursor:
        cursor.execute(_SETTLED, [ids, ids])
        behind = [account_id for (account_id,) in cursor.fetchall()]
    if behind:
        judge(at=queries.times_of(behind), actor=actor, lane=lane)


def given_up(exhausted: Mapping[UUID, tuple[UUID, datetime]], *, actor: Actor, lane: Lane) -> None:
    """The retries of these invoices are exhausted: invoice -> its account, and when. Said twice, written once."""
    with unit_of_work(actor):
        Exhaustion.objects.bulk_create(
            [
                Exhaustion(invoice_id=invoice_id, account_id=account_id, at=at)
                for invoice_id, (account_id, at) in exhausted.items()
            ],
            ignore_conflicts=True,
        )
        judge(at=queries.times_of({account_id for account_id, _ in exhausted.values()}), actor=actor, lane=lane)
