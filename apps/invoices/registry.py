"""What upper apps do for invoices, unknown to them: what is being collected of them, and what coupons take off."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from apps.accounts.models import Account
from apps.invoices.rules import DraftLine
from apps.kernel.actors import Actor

Load = Callable[[Collection[UUID]], Mapping[UUID, int]]

_collectors: list[Load] = []


class Redeem(Protocol):
    """Take a coupon off the lines of a sale that is about to be issued."""

    def __call__(
        self, lines: Sequence[DraftLine], *, code: str, account: Account, invoice_id: UUID, at: datetime, actor: Actor
    ) -> list[DraftLine]: ...


_redeemers: list[Redeem] = []


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
