"""The one interface to whoever knows the rates, and the registry of its implementations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from apps.tax.rules import Quote, TaxableLine


@dataclass(frozen=True, kw_only=True)
class QuoteRequest:
    """One document to be taxed: where the customer is on which day, and what is sold."""

    country: str
    on: date
    currency: str
    lines: Sequence[TaxableLine]
    region: str = ""
    exempt: bool = False


class Provider(Protocol):
    """Answers any number of requests at once, in their order, without leaving the database."""

    name: str

    def quote(self, requests: Sequence[QuoteRequest]) -> list[Quote]: ...


_providers: dict[str, Provider] = {}


def register(provider: Provider) -> Provider:
    """Make a provider available under its name."""
    if provider.name in _providers:
        raise ValueError(f"tax provider {provider.name} is registered already")
    _providers[provider.name] = provider
    return provider


def current() -> Provider:
    """The provider that settings.TAX_PROVIDER names."""
    found = _providers.get(settings.TAX_PROVIDER)
    if found is None:
        raise ImproperlyConfigured(
            f"TAX_PROVIDER is {settings.TAX_PROVIDER!r}; registered are {', '.join(sorted(_providers)) or 'none'}"
        )
    return found
