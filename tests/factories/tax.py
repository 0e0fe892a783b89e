"""Registrations and rates, through tax's own actions."""

from datetime import date
from decimal import Decimal

from apps.kernel.actors import system
from apps.tax import actions
from apps.tax.models import Registration, TaxRate

ACTOR = system("tests")


def registered(country: str, *, start: date = date(2024, 1, 1), end: date | None = None) -> Registration:
    """The seller registers in `country`."""
    return actions.add_registration(country=country, valid_from=start, valid_to=end, tax_id="", actor=ACTOR)


def rate(
    jurisdiction: str,
    percent: str,
    *,
    category: str = "standard",
    name: str = "VAT",
    start: date = date(2024, 1, 1),
    end: date | None = None,
) -> TaxRate:
    """A rate in percent."""
    return actions.add_rate(
        jurisdiction=jurisdiction,
        category=category,
        name=name,
        rate=Decimal(percent),
        valid_from=start,
        valid_to=end,
        source="a test",
        actor=ACTOR,
    )
