"""Reads of rates and registrations, of who the seller is, and of VAT numbers."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Q, QuerySet

from apps.kernel.statements import fetch
from apps.kernel.transactions import read_once
from apps.tax.models import Consultation, Registration, Seller, TaxId, TaxRate
from apps.tax.vat_rules import Status, VatNumber, read


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
    for country, valid in fetch(_REGISTRATIONS, [list(countries)]):
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


def seat() -> str:
    """In which country the seller sits; "" while nobody has said who sells."""
    return Seller.objects.filter(version__gt=1).values_list("country", flat=True).first() or ""


def valid_numbers(numbers: Collection[str]) -> set[str]:
    """Those of these VAT numbers that VIES last called valid: one query, and none for none."""
    return set(read_once("tax.valid_numbers", numbers, _valid_numbers)) if numbers else set()


def _valid_numbers(numbers: Collection[str]) -> dict[str, bool]:
    rows = TaxId.objects.filter(number__in=numbers, status=Status.VALID)
    return dict.fromkeys(rows.values_list("number", flat=True), True)


def requester(day: date) -> VatNumber | None:
    """The seller's own VAT number on a day, in whose name VIES is asked: that of its seat, if it has one there."""
    own = [found for _, number in tax_ids(day) if (found := read(number))]
    home = seat() if len(own) > 1 else ""
    return next((number for number in own if number.country == home), own[0] if own else None)


def numbers() -> QuerySet[TaxId]:
    """All VAT numbers, each with what VIES last said."""
    return TaxId.objects.select_related("latest")


def numbers_of(texts: Iterable[str]) -> QuerySet[TaxId]:
    """Those that these tax ids of accounts are."""
    return numbers().filter(number__in={str(found) for text in texts if (found := read(text))})


def consultations_of(texts: Iterable[str]) -> QuerySet[Consultation]:
    """Each time that VIES answered about these tax ids of accounts."""
    return Consultation.objects.filter(about__in=numbers_of(texts).values("pk")).select_related("about")


def free(at: datetime) -> Q:
    """Held by nobody."""
    return Q(lease_until__isnull=True) | Q(lease_until__lt=at)


def to_ask(at: datetime) -> QuerySet[TaxId]:
    """Those that VIES is to be asked about by `at`, and that nobody holds."""
    return TaxId.objects.filter(free(at), next_call_at__lte=at)


def unanswered() -> QuerySet[TaxId]:
    """Those about which VIES has not answered yet, or not the last time."""
    return TaxId.objects.filter(Q(status=Status.PENDING) | ~Q(last_error=""), next_call_at__isnull=False)
