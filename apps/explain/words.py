"""The derivation in sentences that a person who pays, or who books, can follow with a pocket calculator."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from apps.explain.rules import Derived, DerivedLine, Line, Share, price_of
from apps.kernel.currencies import currency
from apps.kernel.money import Money


def of_line(each: DerivedLine, code: str) -> str:
    """How one line comes to its amount, discount and tax."""
    said = [_amount(each, code)]
    for coupon, _, taken in each.parts:
        percent = next(
            (each.line.percents.get(str(part.get("coupon"))) for part in each.line.source.get("discounts", ())
             if part.get("code") == coupon), None,
        )  # fmt: skip
        rate = f" takes {_plain(percent)} % off" if percent is not None else " takes off"
        said.append(f"Coupon {coupon}{rate}: -{Money(taken, code)}.")
    if each.line.kind == "proration_credit" and each.discount:
        said.append(f"Of that, {Money(abs(each.discount), code)} was discount and is not given back.")
    said.append(_tax(each, code))
    return " ".join(part for part in said if part)


def of_invoice(derived: Derived) -> str:
    """How the lines come to the total."""
    code = derived.invoice.currency
    parts = [f"Lines {Money(derived.subtotal, code)}"]
    if derived.discount:
        parts.append(f"less discounts {Money(derived.discount, code)}")
    parts.append(f"plus tax {Money(derived.tax, code)}")
    return f"{', '.join(parts)}: {Money(derived.total, code)}."


def _amount(each: DerivedLine, code: str) -> str:
    line, share = each.line, each.share
    if line.kind == "credit_to_balance":
        return (
            f"The other lines come to {Money(-each.amount, code)}, tax included; it is moved to the account's credit."
        )
    if line.kind in ("usage", "minimum"):
        return f"{_rerated(line)}{_metered(each, code)}"
    times = f" x {_plain(line.quantity)}" if line.quantity != 1 else ""
    unit = f"{_unit(line.unit_amount or Decimal(0), code)}{times}"
    if share is None:
        return f"{unit} = {Money(each.gross, code)}."
    if line.kind == "proration_credit":
        return _credit(each, unit, code)
    when = _days(line)
    if share.days == share.full_days:
        return f"{unit} for {when}, a full period of {share.days} days = {Money(each.gross, code)}."
    exact = price_of(line, share.days, share.full_days)
    return f"{unit} x {share.days} of {share.full_days} days ({when}) = {_rounded(exact, each.gross, code)}."


def _rerated(line: Line) -> str:
    if "rerating" not in line.source:
        return ""
    was, now = (line.source[name] for name in ("was_version", "as_version"))
    return f"Rated again{'' if was == now else f', version {was} as version {now} has it'}: "


def _metered(each: DerivedLine, code: str) -> str:
    line = each.line
    if line.kind == "minimum":
        source = line.source
        before = f", less {Money(int(source['billed_before']), code)} billed before" if source["billed_before"] else ""
        return (
            f"At least {Money(int(source['minimum']), code)} for {_days(line)}, of which "
            f"{Money(int(source['billed']), code)} is billed otherwise{before}: {Money(each.gross, code)}."
        )
    parts = [_part(part, line, code) for part in line.breakdown]
    if line.source.get("dropped"):
        return f"Not charged any more ({_days(line)}): {', '.join(parts)} = {Money(each.gross, code)}."
    return (
        f"{_plain(line.quantity)} in {line.source['events']} events ({_days(line)}): {', '.join(parts)} "
        f"= {Money(each.gross, code)}."
    )


def _part(part: Mapping[str, Any], line: Line, code: str) -> str:
    group = f"{', '.join(str(each or '-') for each in part['group'])}: " if part.get("group") else ""
    amount = Money(int(part["amount"]), code)
    if part["kind"] in ("billed_before", "maximum", "flat"):
        named = {"billed_before": "billed before", "maximum": "cut at the maximum", "flat": "flat price"}
        return f"{group}{named[part['kind']]} {amount}"
    price = Decimal(part["unit_price"] or 0)
    percent = part["kind"] == "tier" and str(line.source.get("model", "")).endswith("percentage")
    unit = f"{_plain(price)} %" if percent else _unit(price, code)
    return f"{group}{_plain(Decimal(part['quantity']))} at {unit} {amount}"


def _credit(each: DerivedLine, unit: str, code: str) -> str:
    line, share = each.line, each.share or Share(0, 1)
    exact = price_of(line, share.before + share.days, share.full_days)
    if not share.before:
        return (
            f"{share.days} of {share.full_days} days are not used ({_days(line)}): "
            f"{unit} x {share.days}/{share.full_days} = {_rounded(exact, -each.gross, code)}, credited."
        )
    return (
        f"{share.days} more days are not used ({_days(line)}), after {share.before} that were credited before: "
        f"{unit} x {share.before + share.days}/{share.full_days}, less what was credited for {share.before} = "
        f"{Money(-each.gross, code)}, credited."
    )


def _tax(each: DerivedLine, code: str) -> str:
    line = each.line
    if line.kind == "credit_to_balance":
        return ""
    if not line.rate:
        why = {"exempt": "the customer is exempt", "reverse_charge": "the customer owes it (reverse charge)",
               "not_registered": f"the seller is not registered in {line.jurisdiction or 'that place'}"}  # fmt: skip
        return f"No tax: {why.get(line.reason, line.reason or 'its rate is 0 %')}."
    name = f"{line.tax_name or 'Tax'} {line.jurisdiction} {_plain(line.rate)} %"
    if line.inclusive:
        return f"{name} within the price: {Money(each.tax, code)}, which leaves {Money(each.net, code)} net."
    return f"{name} on {Money(each.net, code)}: {Money(each.tax, code)}."


def _days(line: Line) -> str:
    if line.days is None:
        return "no days"
    start, end = line.days
    return f"{_day(start)} to {_day(end - timedelta(days=1))}"


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _rounded(exact: Fraction, amount: int, code: str) -> str:
    """The amount, with the exact figure before it was rounded where it was."""
    if exact == amount:
        return str(Money(amount, code))
    digits = Decimal(exact.numerator) / Decimal(exact.denominator)
    shown = digits.scaleb(-currency(code).exponent)
    return f"{round(shown, currency(code).exponent + 4)}, rounded {Money(amount, code)}"


def _unit(amount: Decimal, code: str) -> str:
    """A price in major units with all digits it has."""
    exponent = currency(code).exponent
    major = amount.scaleb(-exponent).normalize()
    digits = max(exponent, -int(major.as_tuple().exponent))
    return f"{round(major, digits):f} {code}"


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
