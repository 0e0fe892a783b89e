"""Tax as EN 16931 sorts it: the category of what was charged, and whose VAT number is whose. No database."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from apps.invoices.einvoice.terms import Category, Rated, TaxGroup
from apps.tax.rules import Reason

_CATEGORIES: Mapping[str, Category] = {
    Reason.EXEMPT: Category.EXEMPT,
    Reason.REVERSE_CHARGE: Category.REVERSE_CHARGE,
    Reason.NOT_REGISTERED: Category.OUTSIDE,
}
REASON_CODES: Mapping[Category, str] = {
    Category.REVERSE_CHARGE: "VATEX-EU-AE",
    Category.OUTSIDE: "VATEX-EU-O",
}
"""BT-121, where it follows from the category. By which law an account is exempt is not known here: its text alone."""

_PREFIXES: Mapping[str, Sequence[str]] = {"GR": ("EL",), "GB": ("GB", "XI")}


@dataclass(frozen=True, slots=True)
class Taxed:
    """A row of the tax breakdown, or a line of a credit note, as it is stored; in minor units."""

    jurisdiction: str
    rate: Decimal
    reason: str
    taxable: int
    tax: int


def rated(rate: Decimal, reason: str) -> Rated:
    """The category of what carries this rate, for this reason if there is one."""
    if reason:
        category = _CATEGORIES[reason]
        return Rated(category, None if category is Category.OUTSIDE else Decimal(0))
    return Rated(Category.STANDARD if rate else Category.ZERO, plain(rate))


def groups(rows: Iterable[Taxed], said: Mapping[str, str], exponent: int) -> tuple[TaxGroup, ...]:
    """The breakdown: what shares category and rate is one group here, whatever it is called by us."""
    found: dict[Rated, tuple[int, int, str]] = {}
    for row in rows:
        key = rated(row.rate, row.reason)
        taxable, tax, _ = found.get(key, (0, 0, ""))
        found[key] = (taxable + row.taxable, tax + row.tax, row.reason)
    return tuple(
        TaxGroup(
            key,
            major(taxable, exponent),
            major(tax, exponent),
            said.get(reason, reason) if reason else "",
            REASON_CODES.get(key.category, ""),
        )
        for key, (taxable, tax, reason) in found.items()
    )


def vat_id(country: str, number: str) -> str:
    """`number` as a VAT identifier, or nothing where it does not begin with its country's letters.

    Those are never put in front: a number without them may be another one, that of a tax office say.
    """
    text = "".join(character for character in number.upper() if character.isascii() and character.isalnum())
    prefixes = tuple(_PREFIXES.get(country, (country,)))
    if not country or not text.startswith(prefixes) or not any(character.isdigit() for character in text):
        return ""
    return text


def registered(numbers: Sequence[tuple[str, str]], taxed: Iterable[str], home: str) -> tuple[str, str]:
    """The seller's number for a document: (country, number) of where it is taxed, else at home, else the first."""
    by_country = dict(numbers)
    for country in (*taxed, home, *by_country):
        if country in by_country:
            return country, by_country[country]
    return home, ""


def major(amount: int, exponent: int) -> Decimal:
    """Minor units as a decimal of the currency."""
    return Decimal(amount).scaleb(-exponent)


def plain(value: Decimal) -> Decimal:
    """Without zeros at its end."""
    normal = value.normalize()
    return normal.quantize(Decimal(1)) if normal == normal.to_integral() else normal
