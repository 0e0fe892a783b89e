"""Lines of bank statements: each is written down once, and pays what it names; what names nobody is a task."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog
from django.db import connection

from apps.accounts import queries as accounts
from apps.accounts.models import Account
from apps.clocks.queries import now_for
from apps.events.publish import publish
from apps.invoices.queries import invoices
from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.errors import Conflict, DomainError, Invalid, NotFound, Problem
from apps.kernel.periods import midnight
from apps.kernel.transactions import unit_of_work
from apps.payments import reconcile_queries as queries
from apps.payments.actions import differences
from apps.payments.actions.transfer import Transfer, record_transfer
from apps.payments.bank_file import StatementLine
from apps.payments.bank_matching import Does, Match, matches
from apps.payments.events import DifferenceFound
from apps.payments.models import BankLine, Difference, Payment
from apps.payments.reconcile_objects import difference_objects
from apps.payments.reconcile_rules import DifferenceKind, DifferenceStatus, Fix

logger = structlog.get_logger(__name__)

BANK_TRANSFER = "bank_transfer"


@dataclass
class BroughtIn:
    """How many lines were recorded, became tasks, or had been there."""

    recorded: int = 0
    tasks: int = 0
    known: int = 0


def bring_in(lines: Sequence[StatementLine], *, file: str, actor: Actor) -> BroughtIn:
    """Record each line in a transaction of its own; repeated, or taken up again after a crash, it does what is left.

    Within a transaction of the caller's all accounts are locked first and lines go by their digests: in the order of
    all others who bring in several.
    """
    done, found = BroughtIn(), matches(lines)
    if connection.in_atomic_block:
        accounts.lock({each.account.pk for each in found if each.account and each.does is not Does.NOTHING})
        found = sorted(found, key=lambda each: each.line.digest)
    for each in found:
        if each.does is Does.KNOWN:
            done.known += 1
            continue
        try:
            new = _record(each, file, actor)
        except DomainError as refusal:
            new = _record(Match(line=each.line, does=Does.NOTHING, why=refusal.detail), file, actor)
            each = Match(line=each.line, does=Does.NOTHING)
        done.known += not new
        done.tasks += new and each.does is Does.NOTHING
        done.recorded += new and each.does is not Does.NOTHING
    logger.info("bank_lines_brought_in", recorded=done.recorded, tasks=done.tasks, known=done.known)
    return done


def _record(match: Match, file: str, actor: Actor) -> bool:
    """One line; False if somebody was faster."""
    line = match.line
    with unit_of_work(actor):
        if match.account and match.does is not Does.NOTHING:
            accounts.lock_one(match.account.pk)
        row = BankLine(
            digest=line.digest,
            booked_on=line.booked_on,
            amount=line.amount,
            currency=line.currency,
            reference=line.reference,
            payer=line.payer,
            file=file[:255],
            number=line.number,
        )
        BankLine.objects.bulk_create([row], ignore_conflicts=True)
        if not BankLine.objects.filter(pk=row.pk).exists():
            return False
        if match.does is Does.NOTHING:
            _task(row, match, actor)
        elif match.account:
            _pay(row, match.account, match.invoice.pk if match.invoice else None, actor)
        return True


def _pay(row: BankLine, account: Account, invoice_id: UUID | None, actor: Actor) -> list[Payment]:
    at = now_for(account)
    made = record_transfer(
        Transfer(
            account_id=account.pk,
            invoice_id=invoice_id,
            amount=row.amount,
            currency=row.currency,
            method=BANK_TRANSFER,
            reference=row.reference,
            received_at=min(midnight(row.booked_on, account.timezone), at),
        ),
        at=at,
        actor=actor,
    )
    BankLine.objects.filter(pk=row.pk).update(account=account, recorded_at=at)
    return made


def _task(row: BankLine, match: Match, actor: Actor) -> None:
    """Finance finds whose it is."""
    now = clock.wall()
    task = Difference.objects.create(
        kind=DifferenceKind.TRANSFER_UNMATCHED,
        subject=row.digest,
        fix=Fix.ASSIGN,
        account=match.account,
        outside_amount=row.amount,
        outside_currency=row.currency,
        our_amount=0,
        our_currency=row.currency,
        seen_at=now,
    )
    [shown] = difference_objects([task])
    publish([
        DifferenceFound(object=shown, object_id=shown.id, account_id=shown.account_id, effective_at=now)
    ])  # fmt: skip


def assign(
    *, difference_id: UUID, account_id: UUID | None = None, invoice_id: UUID | None = None, actor: Actor
) -> list[Payment]:
    """Record money on our bank account for an invoice, or for an account: the oldest due first, the rest is credit.

    Errors: difference_not_found (404); difference_closed, difference_not_a_transfer, nothing_billed (409);
    account_unknown, invoice_unknown, currency_differs (422).
    """
    account = _owner(account_id, invoice_id)
    with unit_of_work(actor):
        if not Difference.objects.filter(pk=difference_id).exists():
            raise NotFound("difference_not_found", f"There is no difference {difference_id}.", hint="Check the id.")
        accounts.lock_one(account.pk)
        row = queries.lock_difference(difference_id)
        if row.kind != DifferenceKind.TRANSFER_UNMATCHED:
            raise Conflict(
                "difference_not_a_transfer",
                "This is no bank transfer: there is nothing to assign.",
                hint="POST apply does what is proposed for it.",
            )
        differences.demand_open(row)
        made = _pay(BankLine.objects.get(digest=row.subject), account, invoice_id, actor)
        Difference.objects.filter(pk=row.pk).update(account=account)
        differences.close(
            [row.pk], DifferenceStatus.RESOLVED, f"Recorded for {account.name}.", at=clock.wall(), actor=actor
        )
        return made


def _owner(account_id: UUID | None, invoice_id: UUID | None) -> Account:
    """Whose it is: of the invoice, or the account itself."""
    pointer, code = ("/invoice_id", "invoice_unknown") if invoice_id else ("/account_id", "account_unknown")
    if invoice_id:
        invoice = invoices().filter(pk=invoice_id).select_related("account").first()
        found = invoice.account if invoice and account_id in (None, invoice.account_id) else None
    else:
        found = Account.objects.filter(pk=account_id).first() if account_id else None
    if found is None:
        detail = "There is no such invoice of this account." if invoice_id else "There is no account with this id."
        raise Invalid(
            code, detail, hint="Name an account, an invoice, or both.", errors=[Problem(pointer, code, detail)]
        )
    return found
