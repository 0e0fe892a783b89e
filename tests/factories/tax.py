"""Registrations and rates, through tax's own actions."""

from datetime import date
from decimal import Decimal

from apps.kernel import clock
from apps.kernel.actors import system
from apps.tax import actions
from apps.tax.models import Consultation, Registration, TaxId, TaxRate
from apps.tax.vat_rules import Status, read

ACTOR = system("tests")


def registered(
    country: str, *, start: date = date(2024, 1, 1), end: date | None = None, tax_id: str = ""
) -> Registration:
    """The seller registers in `country`."""
    return actions.add_registration(country=country, valid_from=start, valid_to=end, tax_id=tax_id, actor=ACTOR)


def seated(country: str) -> None:
    """It is said who sells: a company of that country."""
    actions.describe_seller(profile={"legal_name": "Analytical Engines", "country": country}, actor=ACTOR)


def answered(text: str, status: Status = Status.VALID) -> TaxId:
    """VIES has said this about a number, as it is written when it has."""
    number = read(text)
    assert number is not None, text
    row, _ = TaxId.objects.get_or_create(number=str(number), defaults={"country": number.country})
    said = Consultation.objects.create(
        about=row, status=status, name="Grace AG", consultation_number="WAPIAAAAX1", requester="DE136695976"
    )
    TaxId.objects.filter(pk=row.pk).update(status=status, latest=said, updated_at=clock.wall())
    return TaxId.objects.get(pk=row.pk)


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
