"""Previews: the very verb, done and rolled back; and the verb held to what its preview had shown."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeVar

import msgspec
from django.db import transaction

from apps.accounts.models import Account
from apps.events.rules import Lane
from apps.invoices.actions.issue import collecting
from apps.invoices.fingerprint import fingerprint
from apps.invoices.objects import InvoiceObject
from apps.invoices.rules import LineKind
from apps.kernel.actors import Actor
from apps.kernel.errors import PreconditionFailed
from apps.kernel.periods import local_date
from apps.kernel.transactions import preview_of_work, unit_of_work
from apps.subscriptions.actions.day_end import end_day
from apps.subscriptions.actions.renew import renew
from apps.subscriptions.models import Subscription

Done = TypeVar("Done")


@dataclass(frozen=True)
class Preview:
    """What a verb would do now. `hash` holds for the amounts: sent as If-Match, it is refused if they would differ.

    `invoices`: those that it would make, in order; `next_invoice`: the one after them, if nothing else happens.
    """

    hash: str
    invoices: list[InvoiceObject]
    credit_to_balance: int
    next_invoice: InvoiceObject | None


@dataclass(frozen=True)
class Before:
    """What the amounts are held to beside themselves: the version that the caller saw, and the account's local day."""

    version: int | None
    today: date

    @classmethod
    def of(cls, subscription: Subscription | None, account: Account, at: datetime) -> "Before":
        """As it is now; no subscription where one is to be made."""
        return cls(subscription.version if subscription else None, local_date(at, account.timezone))


def preview(verb: Callable[[], Subscription | None], *, before: Before, actor: Actor) -> Preview:
    """Do it, look at what it makes and at what comes next, and leave nothing behind. Errors: those of the verb."""
    with preview_of_work(actor):
        with collecting() as made:
            subscription = verb()
            if subscription is not None:
                end_day(subscription.pk, actor=actor)
        return replace(shown(made, before), next_invoice=following(subscription, actor) if subscription else None)


def upcoming(subscription: Subscription, *, before: Before, actor: Actor) -> Preview:
    """The next invoice, if nothing happens until then."""
    with preview_of_work(actor):
        made = at_day_end(subscription, actor)
        if not made and (found := following(subscription, actor)):
            made = [found]
        return shown(made, before)


def committed(verb: Callable[[], Done], *, expected: str | None, before: Before, actor: Actor) -> Done:
    """Do it, but only if it makes what the preview of that hash had shown. Errors: preview_changed (412)."""
    if expected is None:
        return verb()
    with unit_of_work(actor):
        with collecting() as made:
            done = verb()
        if isinstance(done, Subscription):
            made += at_day_end(done, actor)
        if fingerprint(before.version, before.today, made) != expected:
            raise PreconditionFailed(
                "preview_changed",
                "The amounts would no longer be those of the preview, or the object or the day is another.",
                hint="Preview it again, look at the amounts, and send the new hash.",
            )
        return done


def shown(made: list[InvoiceObject], before: Before) -> Preview:
    """What these invoices come to."""
    return Preview(
        hash=fingerprint(before.version, before.today, made),
        invoices=[_unnumbered(invoice) for invoice in made],
        credit_to_balance=sum(
            line.amount for invoice in made for line in invoice.lines if line.kind is LineKind.CREDIT_TO_BALANCE
        ),
        next_invoice=None,
    )


def following(subscription: Subscription, actor: Actor) -> InvoiceObject | None:
    """What the renewal that is due next will make; None where none is due any more, or it will cost nothing."""
    if subscription.next_billing_at is None:
        return None
    with collecting() as made:
        renew([subscription.pk], at=subscription.next_billing_at, actor=actor, lane=Lane.API)
    return _unnumbered(made[-1]) if made else None


def at_day_end(subscription: Subscription, actor: Actor) -> list[InvoiceObject]:
    """What the end of this day will make of changes that wait for it, made and rolled back."""
    with collecting() as made, transaction.atomic():
        end_day(subscription.pk, actor=actor)
        transaction.set_rollback(True)
    return made


def _unnumbered(invoice: InvoiceObject) -> InvoiceObject:
    """It has no number yet, and never will."""
    return msgspec.structs.replace(invoice, number=None)
