"""Take back what remains of a credit."""

from datetime import datetime
from typing import Any
from uuid import UUID

from apps.accounts import queries as accounts
from apps.credits.models import Grant, Use
from apps.credits.queries import grants
from apps.credits.rules import Source, UseKind
from apps.kernel.actors import Actor
from apps.kernel.errors import Conflict, NotFound
from apps.kernel.periods import local_date
from apps.kernel.transactions import unit_of_work
from apps.ledger import rules as ledger
from apps.ledger.actions import post


def void(*, credit_id: UUID, at: datetime, actor: Actor) -> Any:
    """Nothing remains of the credit afterwards; what it has paid stays paid.

    Errors: credit_not_found (404); credit_spent, credit_is_customers (409).
    """
    with unit_of_work(actor):
        owner = Grant.objects.filter(pk=credit_id).values_list("account_id", flat=True).first()
        if owner is None:
            raise NotFound("credit_not_found", f"There is no credit {credit_id}.", hint="Check the id.")
        account = accounts.lock_one(owner)
        credit: Any = grants().get(pk=credit_id)
        if credit.source != Source.GOODWILL:
            raise Conflict(
                "credit_is_customers",
                f"This credit comes from {credit.source}: it is the customer's money.",
                hint="Only goodwill can be taken back; this credit pays the next invoices by itself.",
            )
        if not credit.remaining:
            raise Conflict(
                "credit_spent", "Nothing remains of this credit.", hint="What it paid is shown by the invoices."
            )
        use = Use.objects.create(grant=credit, kind=UseKind.VOID, amount=credit.remaining, at=at)
        Grant.objects.filter(pk=credit_id).update(sweep_at=None)
        on = local_date(at, account.timezone)
        given = ledger.grant(
            amount=use.amount,
            currency=credit.currency,
            source_type="credit",
            source_id=credit_id,
            account_id=owner,
            on=on,
        )
        taken = ledger.reversal(
            given, kind=ledger.Kind.GRANT_REVERSAL, source_type="credit_use", source_id=use.pk, on=on
        )
        post([taken], at=at)
        return grants().get(pk=credit_id)
