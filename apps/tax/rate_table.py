"""The embedded provider: dated rates of our own table, two queries however many documents are asked about."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from apps.kernel.errors import Invalid
from apps.tax import queries
from apps.tax.provider import QuoteRequest
from apps.tax.rules import STANDARD, AppliedRate, Quote, Reason, TaxableLine, compute


class RateTable:
    """Looks a line's rate up by region, then country, and by its category, then the standard one."""

    name = "rate_table"

    def quote(self, requests: Sequence[QuoteRequest]) -> list[Quote]:
        """Tax every request. Refuses (`tax_rate_missing`) where the seller is registered but no rate is known."""
        if not requests:
            return []
        countries = {request.country for request in requests}
        registrations = queries.registrations(countries)
        rates = queries.rates(_jurisdictions(requests)) if registrations else {}
        return [
            compute(request.lines, [_applied(request, line, registrations, rates) for line in request.lines])
            for request in requests
        ]


def _jurisdictions(requests: Iterable[QuoteRequest]) -> set[str]:
    return {name for request in requests for name in _places(request)}


def _places(request: QuoteRequest) -> list[str]:
    """Where to look, the nearest first."""
    return [f"{request.country}-{request.region}", request.country] if request.region else [request.country]


def _applied(
    request: QuoteRequest, line: TaxableLine, registrations: queries.Registrations, rates: queries.Rates
) -> AppliedRate:
    if line.carried is not None:
        return line.carried
    if request.exempt:
        return _untaxed(request, line, Reason.EXEMPT)
    if not any(valid.covers(request.on) for valid in registrations.get(request.country, ())):
        return _untaxed(request, line, Reason.NOT_REGISTERED)
    for category in dict.fromkeys((line.category, STANDARD)):
        for place in _places(request):
            for found in rates.get(place, {}).get(category, ()):
                if found.valid.covers(request.on):
                    return AppliedRate(place, found.name, found.rate, category)
    raise _missing(request.country, request.on)


def _untaxed(request: QuoteRequest, line: TaxableLine, reason: Reason) -> AppliedRate:
    return AppliedRate(request.country, "", Decimal(0), line.category, reason)


def _missing(country: str, on: date) -> Invalid:
    return Invalid(
        "tax_rate_missing",
        f"The seller is registered in {country}, but no standard tax rate is known there for {on}.",
        hint="Add it with POST /v1/tax/rates, or end the registration.",
    )
