"""What upper apps do for invoices, unknown to them: charge them, say what is being collected of them, take coupons off,
give money back, watch what is owed again, say why an invoice is not what the one before was."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from apps.accounts.models import Account
from apps.invoices.document_figures import Figures
from apps.invoices.models import Invoice
from apps.invoices.rules import DraftLine, Open
from apps.kernel.actors import Actor
from apps.ledger.rules import LedgerAccount


@dataclass(frozen=True)
class Changes:
    """Why an invoice is not what the one before was: a title, and rows of a cause and an amount, the sum last."""

    title: str
    rows: Sequence[tuple[str, str]]


Compare = Callable[[Invoice, Figures], "Changes | None"]
_comparers: list[Compare] = []

Charge = Callable[[Sequence[Open]], None]
_chargers: list[Charge] = []

Load = Callable[[Collection[UUID]], Mapping[UUID, int]]

_collectors: list[Load] = []


class Redeem(Protocol):
    """Take a coupon off the lines of a sale that is about to be issued."""

    def __call__(
        self, lines: Sequence[DraftLine], *, code: str, account: Account, invoice_id: UUID, at: datetime, actor: Actor
    ) -> list[DraftLine]: ...


_redeemers: list[Redeem] = []


@dataclass(frozen=True)
class GivenBack:
    """A refund that is on its way, and what it comes out of."""

    refund_id: UUID
    amount: int
    out_of: LedgerAccount


class GiveBack(Protocol):
    """Begin to refund what was paid of an invoice, as far as its payments can be."""

    def __call__(
        self, invoice: Invoice, amount: int, *, reason: str, at: datetime, actor: Actor
    ) -> Sequence[GivenBack]: ...


_refunders: list[GiveBack] = []


class Watch(Protocol):
    """Hear, in the same transaction, of invoices that were settled and are open again."""

    def __call__(self, invoice_ids: Collection[UUID], *, actor: Actor) -> None: ...


_watchers: list[Watch] = []


def charges(charge: Charge) -> Charge:
    """Let `charge` write the wish that invoices be paid, in the transaction that issues them; there is one."""
    _chargers[:] = [charge]
    return charge


def charged(invoices: Sequence[Open]) -> None:
    """Have these collected, which are written next; their accounts are locked."""
    for charge in _chargers:
        charge(invoices)


def collects(load: Load) -> Load:
    """Let `load(invoice_ids)` say what may still arrive for each invoice, in minor units; those left out: nothing."""
    _collectors.append(load)
    return load


def under_way(invoice_ids: Collection[UUID]) -> dict[UUID, int]:
    """What is being collected of these invoices; it counts as paid, for nobody knows yet that it is not."""
    found = dict.fromkeys(invoice_ids, 0)
    for load in _collectors:
        for invoice_id, amount in load(invoice_ids).items():
            found[invoice_id] += amount
    return found


def redeems(redeem: Redeem) -> Redeem:
    """Let `redeem` be what takes coupons off sales; there is one."""
    _redeemers[:] = [redeem]
    return redeem


def redeemed(
    lines: Sequence[DraftLine], *, code: str, account: Account, invoice_id: UUID, at: datetime, actor: Actor
) -> list[DraftLine]:
    """The lines with what the coupon of that code takes off them. Errors: those of the coupon."""
    (redeem,) = _redeemers
    return redeem(lines, code=code, account=account, invoice_id=invoice_id, at=at, actor=actor)


def refunds(give_back: GiveBack) -> GiveBack:
    """Let `give_back` be what refunds payments; there is one."""
    _refunders[:] = [give_back]
    return give_back


def given_back(invoice: Invoice, amount: int, *, reason: str, at: datetime, actor: Actor) -> Sequence[GivenBack]:
    """Refund up to `amount` of what was paid of an invoice; the caller keeps the books."""
    (give_back,) = _refunders
    return give_back(invoice, amount, reason=reason, at=at, actor=actor)


def watches(watch: Watch) -> Watch:
    """Let `watch` hear of invoices that are open again; there is one."""
    _watchers[:] = [watch]
    return watch


def opened_again(invoice_ids: Collection[UUID], *, actor: Actor) -> None:
    """These are open again. Nothing is announced to customers: what brought it about is."""
    for watch in _watchers:
        watch(invoice_ids, actor=actor)


def compares(compare: Compare) -> Compare:
    """Let `compare` say why an invoice is not what the one before was; there is one."""
    _comparers[:] = [compare]
    return compare


def changed(invoice: Invoice, figures: Figures) -> Changes | None:
    """Why it is not what the one before was; None where there is nothing to say."""
    (compare,) = _comparers
    return compare(invoice, figures)
