"""Rates, registrations and the seller as the API answers with them."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from apps.rest.objects import ApiObject
from apps.tax.models import Registration, Seller, TaxRate


class TaxRateObject(ApiObject, kw_only=True, frozen=True):
    """A rate in percent, valid from the first day up to, not including, `valid_to`."""

    id: UUID
    jurisdiction: str
    category: str
    name: str
    rate: Decimal
    valid_from: date | None
    valid_to: date | None
    source: str | None
    created_at: datetime
    updated_at: datetime
    url: str


class RegistrationObject(ApiObject, kw_only=True, frozen=True):
    """Where the seller is registered, and so charges tax."""

    id: UUID
    country: str
    tax_id: str | None
    valid_from: date | None
    valid_to: date | None
    created_at: datetime
    updated_at: datetime
    url: str


def tax_rate_objects(rates: Sequence[TaxRate]) -> list[TaxRateObject]:
    """The objects of these rates, in their order."""
    return [
        TaxRateObject(
            id=rate.pk,
            jurisdiction=rate.jurisdiction,
            category=rate.category,
            name=rate.name,
            rate=rate.rate.normalize() + 0,
            valid_from=rate.valid.lower,
            valid_to=rate.valid.upper,
            source=rate.source or None,
            created_at=rate.created_at,
            updated_at=rate.updated_at,
            url=f"/v1/tax/rates/{rate.pk}",
        )
        for rate in rates
    ]


def registration_objects(registrations: Sequence[Registration]) -> list[RegistrationObject]:
    """The objects of these registrations, in their order."""
    return [
        RegistrationObject(
            id=registration.pk,
            country=registration.country,
            tax_id=registration.tax_id or None,
            valid_from=registration.valid.lower,
            valid_to=registration.valid.upper,
            created_at=registration.created_at,
            updated_at=registration.updated_at,
            url=f"/v1/tax/registrations/{registration.pk}",
        )
        for registration in registrations
    ]


class SellerAddressObject(ApiObject, kw_only=True, frozen=True):
    """Where the seller sits; the country stands beside it."""

    line1: str
    line2: str
    postal_code: str
    city: str
    region: str


class SellerObject(ApiObject, kw_only=True, frozen=True):
    """Who sells, as it stands on every document. `logo` is a data URL."""

    legal_name: str
    address: SellerAddressObject
    country: str | None
    email: str | None
    phone: str | None
    registration: str | None
    bank_name: str | None
    iban: str | None
    bic: str | None
    footer: str | None
    brand_color: str
    accent_color: str
    logo: str | None
    updated_at: datetime
    url: str


def seller_object(seller: Seller) -> SellerObject:
    """The seller's profile."""
    return SellerObject(
        legal_name=seller.legal_name,
        address=SellerAddressObject(
            line1=seller.line1,
            line2=seller.line2,
            postal_code=seller.postal_code,
            city=seller.city,
            region=seller.region,
        ),
        country=seller.country or None,
        email=seller.email or None,
        phone=seller.phone or None,
        registration=seller.registration or None,
        bank_name=seller.bank_name or None,
        iban=seller.iban or None,
        bic=seller.bic or None,
        footer=seller.footer or None,
        brand_color=seller.brand_color,
        accent_color=seller.accent_color,
        logo=seller.logo or None,
        updated_at=seller.updated_at,
        url="/v1/tax/seller",
    )
