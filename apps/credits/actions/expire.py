"""What nobody used in time goes to breakage, at the instant at which it expired."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from apps.accounts import queries as accounts
from apps.credits.models import Grant, Use
from apps.credits.queries import grants
from apps.credits.rules import UseKind
from apps.kernel.actors import Actor
from apps.kernel.periods import local_date
from apps.kernel.transactions import unit_of_work
from apps.ledger import rules as ledger
from apps.ledger.actions import post


def expire(ids: Collection[UUID], *, at: datetime, actor: Actor) -> int:
    """Expire those of these credits whose time is up at `at`; returns how many. Again or at once: nothing more.

    Accounts are locked first, in order, as everything that spends credit does.
    """
    with unit_of_work(actor):
        rows = Grant.objects.filter(pk__in=ids)
        payers = accounts.lock(rows.order_by().values_list("account_id", flat=True).distinct())
        due = list(grants().filter(pk__in=ids, sweep_at__lte=at).order_by("pk"))
        uses = [
            Use(grant=credit, kind=UseKind.EXPIRY, amount=credit.remaining, at=credit.expires_at)
            for credit in due
            if credit.remaining
        ]
        Use.objects.bulk_create(uses)
        entries: dict[datetime, list[ledger.NewEntry]] = {}
        for use in uses:
            entry = ledger.expiry(
                amount=use.amount,
                currency=use.grant.currency,
                source_type="credit_use",
                source_id=use.pk,
                account_id=use.grant.account_id,
                on=local_date(use.at, payers[use.grant.account_id].timezone),
            )
            entries.setdefault(use.at, []).append(entry)
        for instant, group in entries.items():
            post(group, at=instant)
        Grant.objects.filter(pk__in=[credit.pk for credit in due]).update(sweep_at=None)
        return len(due)
