"""Credit put against an invoice that is open already: otherwise it waits for the account's next one."""

from datetime import datetime
from uuid import UUID

from apps.accounts import queries as accounts
from apps.credits import queries as credits
from apps.credits.actions.record import Record, write
from apps.credits.models import Use
from apps.credits.objects import credit_objects
from apps.credits.rules import UseKind, in_order, spend
from apps.events.rules import Lane
from apps.invoices import rows
from apps.invoices.actions.paid import Paid, mark_paid
from apps.invoices.models import Invoice
from apps.invoices.queries import balances, lock
from apps.invoices.registry import under_way
from apps.invoices.rules import Status
from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.errors import Conflict, NotFound
from apps.kernel.periods import local_date
from apps.kernel.transactions import copy_rows, unit_of_work
from apps.ledger import rules as ledger
from apps.ledger.actions import post


def apply_now(*, invoice_id: UUID, at: datetime, actor: Actor) -> Invoice:
    """Pay what is left of it from the account's credits: soonest expiring first, then oldest.

    PAID when nothing is left. What a payment under way collects counts as paid.
    Errors: invoice_not_found (404); invoice_not_open, payment_under_way, no_credit_left (409).
    """
    with unit_of_work(actor):
        owner = Invoice.objects.filter(pk=invoice_id).values_list("account_id", flat=True).first()
        if owner is None:
            raise NotFound("invoice_not_found", f"There is no invoice {invoice_id}.", hint="Check the id.")
        account = accounts.lock_one(owner)
        invoice = lock([invoice_id])[invoice_id]
        if invoice.status != Status.OPEN:
            raise Conflict(
                "invoice_not_open", f"The invoice is {invoice.status}.", hint="Nothing of it is left to pay."
            )
        balance, collected = balances([invoice_id])[invoice_id].balance, under_way([invoice_id])[invoice_id]
        if balance <= collected:
            raise Conflict(
                "payment_under_way", "A payment of it is under way.", hint="Wait until it has succeeded or failed."
            )
        record, applied = Record(), 0
        # A credit pays an invoice once: what was left of it when it did is for others.
        spent = set(Use.objects.filter(invoice_id=invoice_id, kind=UseKind.INVOICE).values_list("grant_id", flat=True))
        free = [credit for credit in credit_objects(credits.available({owner})) if credit.id not in spent]
        for credit, part in spend(in_order(free), balance - collected, at=at):
            record.use(credit, invoice_id=invoice_id, amount=part, at=at)
            applied += part
        if not applied:
            raise Conflict(
                "no_credit_left", "The account has no credit to use now.", hint="Grant some with POST /v1/credits."
            )
        write(record, actor=actor)
        copy_rows("invoices_settlement", rows.SETTLEMENT, list(rows.settlements(record.uses, now=clock.wall())))
        entries = [
            ledger.credit_use(
                amount=use.amount,
                currency=invoice.currency,
                source_type="credit_use",
                source_id=use.id,
                account_id=owner,
                on=local_date(at, account.timezone),
            )
            for use in record.uses
        ]
        post(entries, at=at)
        if applied == balance:
            mark_paid([Paid(invoice_id, balance, at, "credits_applied")], lane=Lane.API)
        return Invoice.objects.get(pk=invoice_id)
