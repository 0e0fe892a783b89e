"""Lines as EN 16931 has them: a price that is never negative, and quantity x price that is the net. No database."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from apps.invoices.einvoice.taxes import major, plain
from apps.invoices.einvoice.terms import Adjustment, Line, Period, Rated
from apps.kernel.money import rounded


@dataclass(frozen=True, slots=True)
class Priced:
    """What a line comes to, in minor units; `amount` is before `discount`."""

    amount: int
    discount: int
    quantity: Decimal
    unit_amount: Decimal | None


def line(
    number: int, name: str, priced: Priced, rated: Rated, period: Period | None, *, discount: str, exponent: int
) -> Line:
    """One line. A credit has a negative quantity; where pieces had several prices, the price is that of all of them."""
    quantity, price, base = _price(priced)
    adjustments = (
        (Adjustment(major(abs(priced.discount), exponent), discount, priced.discount < 0),) if priced.discount else ()
    )
    return Line(
        number=number,
        name=name,
        quantity=plain(quantity),
        price=plain(price.scaleb(-exponent)),
        base=None if base is None else plain(base),
        net=major(priced.amount - priced.discount, exponent),
        rated=rated,
        adjustments=adjustments,
        period=period,
    )


def days(start: date, end: date) -> Period:
    """The days up to, not including, `end`; at least the first."""
    return Period(start, max(start, end - timedelta(days=1)))


def whole(periods: Iterable[Period | None]) -> Period | None:
    """From the first day of all to the last."""
    known = [period for period in periods if period is not None]
    if not known:
        return None
    return Period(min(period.start for period in known), max(period.end for period in known))


def _price(priced: Priced) -> tuple[Decimal, Decimal, Decimal | None]:
    """Quantity (BT-129), price (BT-146) and of how many pieces that is the price (BT-149)."""
    amount, pieces = priced.amount, abs(priced.quantity)
    sign = -1 if amount < 0 else 1
    if not pieces:
        # A price is asked for what was not used, a base fee say: once.
        return (Decimal(sign), Decimal(abs(amount)), None) if amount else (Decimal(0), Decimal(0), None)
    each = priced.unit_amount
    if each is not None and rounded(pieces * abs(each)) == abs(amount):
        return sign * pieces, abs(each), None
    return sign * pieces, Decimal(abs(amount)), pieces
