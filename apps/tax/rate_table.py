"""The embedded provider: dated rates of our own table, two queries however many documents are asked about.

One more where customers have VAT numbers, and a fourth where one of them is valid: businesses of other member states
owe the tax themselves.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from apps.kernel.errors import Invalid
from apps.tax import queries
from apps.tax.provider import QuoteRequest
from apps.tax.rules import STANDARD, AppliedRate, Quote, Reason, TaxableLine, compute
from apps.tax.vat_rules import UNION, read, reverses


class RateTable:
    """Looks a line's rate up by region, then country, and by its category, then the standard one."""

    name = "rate_table"

    def quote(self, requests: Sequence[QuoteRequest]) -> list[Quote]:
        """Tax every request. Refuses (`tax_rate_missing`) where the seller is registered but no rate is known."""
        if not requests:
            return []
        businesses = _businesses(requests)
        countries = {request.country for request in requests} | (UNION if businesses else set())
        registrations = queries.registrations(countries)
        rates = queries.rates(_jurisdictions(requests)) if registrations else {}
        seat = queries.seat() if businesses else ""
        quotes = []
        for request in requests:
            business = (request.country, request.tax_id) in businesses
            reason = _reason(request, registrations, seat, business=business)
            quotes.append(compute(request.lines, [_applied(request, line, reason, rates) for line in request.lines]))
        return quotes


def _businesses(requests: Iterable[QuoteRequest]) -> set[tuple[str, str]]:
    """Countries and tax ids that are valid VAT numbers there."""
    asked = {request.tax_id for request in requests if request.tax_id and not request.exempt}
    numbers = {text: number for text in asked if (number := read(text))}
    valid = queries.valid_numbers({str(number) for number in numbers.values()})
    return {(number.country, text) for text, number in numbers.items() if str(number) in valid}


def _reason(request: QuoteRequest, registrations: queries.Registrations, seat: str, *, business: bool) -> Reason | None:
    """Why no tax is charged, if none is."""
    if request.exempt:
        return Reason.EXEMPT
    if business:
        registered = {country for country in registrations if _registered(country, request.on, registrations)}
        if reverses(request.country, registered=registered, seat=seat):
            return Reason.REVERSE_CHARGE
    return None if _registered(request.country, request.on, registrations) else Reason.NOT_REGISTERED


def _registered(country: str, on: date, registrations: queries.Registrations) -> bool:
    return any(valid.covers(on) for valid in registrations.get(country, ()))


def _jurisdictions(requests: Iterable[QuoteRequest]) -> set[str]:
    return {name for request in requests for name in _places(request)}


def _places(request: QuoteRequest) -> list[str]:
    """Where to look, the nearest first."""
    return [f"{request.country}-{request.region}", request.country] if request.region else [request.country]


def _applied(request: QuoteRequest, line: TaxableLine, reason: Reason | None, rates: queries.Rates) -> AppliedRate:
    if line.carried is not None:
        return line.carried
    if reason is not None:
        return AppliedRate(request.country, "", Decimal(0), line.category, reason)
    for category in dict.fromkeys((line.category, STANDARD)):
        for place in _places(request):
            for found in rates.get(place, {}).get(category, ()):
                if found.valid.covers(request.on):
                    return AppliedRate(place, found.name, found.rate, category)
    raise _missing(request.country, request.on)


def _missing(country: str, on: date) -> Invalid:
    return Invalid(
        "tax_rate_missing",
        f"The seller is registered in {country}, but no standard tax rate is known there for {on}.",
        hint="Add it with POST /v1/tax/rates, or end the registration.",
    )
