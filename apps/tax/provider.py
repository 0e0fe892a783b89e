"""The one interface to whoever knows the rates, and the registry of its implementations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from apps.kernel.errors import DomainError
from apps.tax.metrics import tax_requests_total
from apps.tax.rules import Quote, TaxableLine


@dataclass(frozen=True, kw_only=True)
class QuoteRequest:
    """One document to be taxed: where the customer is on which day, what is sold; `tax_id` as the account has it."""

    country: str
    on: date
    currency: str
    lines: Sequence[TaxableLine]
    region: str = ""
    exempt: bool = False
    tax_id: str = ""


class Provider(Protocol):
    """Answers any number of requests at once, in their order, without leaving the database."""

    @property
    def name(self) -> str: ...

    def quote(self, requests: Sequence[QuoteRequest]) -> list[Quote]: ...


@dataclass(frozen=True)
class Counted:
    """A provider whose every call is counted by how it ended, at once: a call was made whatever is committed."""

    provider: Provider

    @property
    def name(self) -> str:
        return self.provider.name

    def quote(self, requests: Sequence[QuoteRequest]) -> list[Quote]:
        outcome = "failed"
        try:
            quotes = self.provider.quote(requests)
            outcome = "ok"
        except DomainError:
            outcome = "refused"
            raise
        finally:
            tax_requests_total.labels(self.name, outcome).inc()
        return quotes


_providers: dict[str, Provider] = {}


def register(provider: Provider) -> Provider:
    """Make a provider available under its name."""
    if provider.name in _providers:
        raise ValueError(f"tax provider {provider.name} is registered already")
    _providers[provider.name] = provider
    return provider


def current() -> Provider:
    """The provider that settings.TAX_PROVIDER names, its calls counted."""
    found = _providers.get(settings.TAX_PROVIDER)
    if found is None:
        raise ImproperlyConfigured(
            f"TAX_PROVIDER is {settings.TAX_PROVIDER!r}; registered are {', '.join(sorted(_providers)) or 'none'}"
        )
    return Counted(found)
