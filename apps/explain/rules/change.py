"""Why a bill is not what the one before it was: the difference of two derived invoices, cause by cause.

Amounts are minor units as the customer pays them, and the causes always sum to the difference of the totals.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from apps.explain.rules.derivation import Derived, DerivedLine, Share
from apps.explain.rules.stored import Line
from apps.explain.rules.usage import half_up

AGAIN = ("recurring", "usage", "minimum")
"""Kinds of lines that each bill has."""


class Cause(StrEnum):
    """Why an amount came in, went or became another one."""

    NEW = "new"
    ENDED = "ended"
    PLAN = "plan"
    PRICE = "price"
    QUANTITY = "quantity"
    DAYS = "days"
    USAGE = "usage"
    ONCE = "once"
    """Billed once, on this bill."""
    ONCE_BEFORE = "once_before"
    """Billed once, on the bill before."""
    DISCOUNT = "discount"
    TAX = "tax"


@dataclass(frozen=True)
class Change:
    """One cause and what it comes to. `before` and `after`: a name, a quantity, days or a unit price in minor units."""

    cause: Cause
    amount: int
    name: str = ""
    before: str | Decimal | None = None
    after: str | Decimal | None = None


_Key = tuple[str, str, str]


def changes(before: Derived, after: Derived) -> list[Change]:
    """All that makes `after` another bill than `before`, in the order of Cause; what comes to 0 is left out."""
    was, now = _components(before.lines), _components(after.lines)
    found = [change for key in dict.fromkeys((*now, *was)) for change in _component(was.get(key, []), now.get(key, []))]
    found += _once(before.lines, after.lines)
    found.append(Change(Cause.DISCOUNT, _off(before.lines) - _off(after.lines)))
    found.append(Change(Cause.TAX, _on_top(after.lines) - _on_top(before.lines)))
    order = list(Cause)
    return sorted((each for each in found if each.amount), key=lambda each: order.index(each.cause))


def _components(lines: Sequence[DerivedLine]) -> dict[_Key, list[DerivedLine]]:
    """What is billed again and again: the recurring price of each subscription, and each of its metered charges."""
    found: dict[_Key, list[DerivedLine]] = defaultdict(list)
    for each in lines:
        if each.line.kind in AGAIN:
            kind = "recurring" if each.line.kind == "recurring" else "usage"
            found[str(each.line.subscription_id), kind, str(each.line.source.get("charge", ""))].append(each)
    return found


def _component(was: Sequence[DerivedLine], now: Sequence[DerivedLine]) -> list[Change]:
    amount = _gross(now) - _gross(was)
    shown = (now or was)[-1].line
    if not was or not now:
        return [Change(Cause.NEW if now else Cause.ENDED, amount, _name(shown))]
    if shown.kind != "recurring":
        return [Change(Cause.USAGE, amount, shown.description, _quantity(was), _quantity(now))]
    if len(was) == len(now) == 1 and was[0].share and now[0].share:
        return _recurring(was[0], now[0], was[0].share, now[0].share)
    return [Change(Cause.DAYS, amount, _name(shown))]


def _recurring(was: DerivedLine, now: DerivedLine, old: Share, new: Share) -> list[Change]:
    """Price at the old quantity and days, quantity at the new price, days at both; each step rounded as a line is."""
    first, last = was.line, now.line
    if old.days == old.full_days and new.days == new.full_days:
        old = new  # a full period is a full price, however many days its month has
    share = Fraction(old.days, old.full_days)
    price = Fraction(last.unit_amount or 0) * share
    priced, seated = half_up(price * Fraction(first.quantity)), half_up(price * Fraction(last.quantity))
    name, former = _name(last), _name(first)
    moved = Change(Cause.PLAN, priced - was.gross, name, former, name)
    dearer = Change(Cause.PRICE, priced - was.gross, name, first.unit_amount, last.unit_amount)
    return [
        moved if name != former else dearer,
        Change(Cause.QUANTITY, seated - priced, name, first.quantity, last.quantity),
        Change(Cause.DAYS, now.gross - seated, name, Decimal(old.days), Decimal(new.days)),
    ]


def _once(was: Sequence[DerivedLine], now: Sequence[DerivedLine]) -> Iterator[Change]:
    """What is billed once: each line of this bill, and those of the one before together."""
    for each in now:
        if each.line.kind not in AGAIN:
            yield Change(Cause.ONCE, each.gross, each.line.description)
    yield Change(Cause.ONCE_BEFORE, -_gross([each for each in was if each.line.kind not in AGAIN]))


def _name(line: Line) -> str:
    """The plan's name of a recurring line."""
    return str(line.source.get("name") or line.description)


def _gross(lines: Sequence[DerivedLine]) -> int:
    return sum(each.gross for each in lines)


def _off(lines: Sequence[DerivedLine]) -> int:
    return sum(each.off for each in lines)


def _on_top(lines: Sequence[DerivedLine]) -> int:
    """Tax that the prices do not hold."""
    return sum(each.tax for each in lines if not each.line.inclusive)


def _quantity(lines: Sequence[DerivedLine]) -> Decimal:
    return sum((each.line.quantity for each in lines if each.line.kind == "usage"), Decimal(0))
