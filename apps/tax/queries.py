"""Reads of rates and registrations, and of who the seller is."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection

from apps.kernel.transactions import read_once
from apps.tax.models import Registration, Seller, TaxRate


@dataclass(frozen=True, slots=True)
class Days:
    """Days from `start` up to, not including, `end`; None is open."""

    start: date | None
    end: date | None

    def covers(self, day: date) -> bool:
        """Whether `day` is one of them."""
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)


@dataclass(frozen=True, slots=True)
class Rate:
    """A dated rate."""

    name: str
    rate: Decimal
    valid: Days


_REGISTRATIONS = "SELECT country, valid FROM tax_registration WHERE country = ANY(%s::text[]) ORDER BY id DESC"

Registrations = dict[str, list[Days]]
Rates = dict[str, dict[str, list[Rate]]]


def registrations(countries: Collection[str]) -> Registrations:
    """When the seller is registered, by country."""
    return read_once("tax.registrations", countries, _registrations)


def _registrations(countries: Collection[str]) -> Registrations:
    found: Registrations = {}
    with connection.cursor() as cursor:
        cursor.execute(_REGISTRATIONS, [list(countries)])
        rows = cursor.fetchall()
    for country, valid in rows:
        found.setdefault(country, []).append(Days(valid.lower, valid.upper))
    return found


def rates(jurisdictions: Collection[str]) -> Rates:
    """All rates of these jurisdictions, by jurisdiction, then category."""
    return read_once("tax.rates", jurisdictions, _rates)


def _rates(jurisdictions: Collection[str]) -> Rates:
    found: Rates = {}
    rows = TaxRate.objects.filter(jurisdiction__in=jurisdictions)
    for place, category, name, rate, valid in rows.values_list("jurisdiction", "category", "name", "rate", "valid"):
        by_category = found.setdefault(place, {})
        by_category.setdefault(category, []).append(Rate(name, rate, Days(valid.lower, valid.upper)))
    return found


def seller() -> Seller:
    """Who sells: the one row there is."""
    return Seller.objects.get()


def lock_seller() -> Seller:
    """The same, locked."""
    return Seller.objects.select_for_update(no_key=True).get()


def tax_ids(day: date) -> list[tuple[str, str]]:
    """The seller's tax numbers on a day: (country, number), the countries in order."""
    rows = Registration.objects.filter(valid__contains=day).exclude(tax_id="").order_by("country")
    return list(rows.values_list("country", "tax_id"))
