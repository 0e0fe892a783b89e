"""What can be done to the rate table, the registrations and the seller's profile."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import F, Func

from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.errors import Conflict, Invalid
from apps.kernel.transactions import unit_of_work
from apps.rest.etags import demand
from apps.tax import pictures, seller_rules
from apps.tax.models import Registration, Seller, TaxRate
from apps.tax.queries import lock_seller

PROFILE = (
    "legal_name", "line1", "line2", "postal_code", "city", "region", "country", "email", "phone", "registration",
    "bank_name", "iban", "bic", "footer", "brand_color", "accent_color", "logo",
)  # fmt: skip
"""What a seller's profile says."""


def add_rate(
    *,
    jurisdiction: str,
    category: str,
    name: str,
    rate: Decimal,
    valid_from: date,
    valid_to: date | None,
    source: str = "",
    actor: Actor,
) -> TaxRate:
    """Add a dated rate. One without an end that began earlier ends where this one begins.

    Errors: dates_reversed (422), rate_overlaps (409).
    """
    with unit_of_work(actor):
        valid = _days(valid_from, valid_to)
        rows = TaxRate.objects.filter(jurisdiction=jurisdiction, category=category)
        _take_turns("tax_rate", f"{jurisdiction} {category}")
        rows.filter(valid__startswith__lt=valid_from, valid__upper_inf=True).update(
            valid=Func(Func(F("valid"), function="lower"), valid_from, function="daterange"),
            version=F("version") + 1,
            updated_at=clock.wall(),
        )
        if (other := rows.filter(valid__overlap=valid).first()) is not None:
            raise Conflict(
                "rate_overlaps",
                f"{jurisdiction} has a {category} rate of {other.rate:f} % for some of these days.",
                hint="Choose days that no other rate of this jurisdiction and category covers.",
            )
        return TaxRate.objects.create(
            jurisdiction=jurisdiction, category=category, name=name, rate=rate, valid=valid, source=source
        )


def add_registration(
    *, country: str, tax_id: str, valid_from: date, valid_to: date | None, actor: Actor
) -> Registration:
    """The seller is registered in `country` on these days, and charges its tax from then on.

    Errors: dates_reversed (422), registration_overlaps (409).
    """
    with unit_of_work(actor):
        valid = _days(valid_from, valid_to)
        _take_turns("tax_registration", country)
        if Registration.objects.filter(country=country, valid__overlap=valid).exists():
            raise Conflict(
                "registration_overlaps",
                f"The seller is registered in {country} for some of these days already.",
                hint="Choose days that no other registration there covers.",
            )
        return Registration.objects.create(country=country, tax_id=tax_id, valid=valid)


def describe_seller(*, profile: Mapping[str, Any], expected_version: int | None = None, actor: Actor) -> Seller:
    """Say anew who sells; what the profile leaves out becomes empty, or its default.

    Errors: iban_invalid, logo_invalid (422), version_changed (412).
    """
    values = {**{name: _default(name) for name in PROFILE}, **profile}
    if values["iban"]:
        values["iban"] = seller_rules.iban(values["iban"])
    if values["logo"]:
        pictures.demand_drawable(seller_rules.logo(values["logo"]))
    with unit_of_work(actor):
        seller = lock_seller()
        demand(seller.version, expected_version)
        for name, value in values.items():
            setattr(seller, name, value)
        seller.version, seller.updated_at = seller.version + 1, clock.wall()
        seller.save()
        return seller


def _default(name: str) -> str:
    return str(getattr(Seller(), name))


def _days(start: date, end: date | None) -> DateRange:
    if end is not None and end <= start:
        raise Invalid("dates_reversed", "valid_to is not after valid_from.", hint="valid_to is the first day after it.")
    return DateRange(start, end)


def _take_turns(what: str, key: str) -> None:
    """Writers of one key wait for each other, so that the later one meets a refusal, not an error."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s), hashtext(%s))", [what, key])
