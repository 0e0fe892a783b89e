"""Rates, registrations, the seller and VAT numbers as the API answers with them."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from apps.rest.objects import ApiObject
from apps.tax.models import Consultation, Registration, Seller, TaxId, TaxRate
from apps.tax.vat_rules import Status


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


class TaxIdObject(ApiObject, kw_only=True, frozen=True):
    """A VAT number of the European Union whose check digits fit, and what VIES last said of it.

    PENDING: VIES has not answered yet. Only VALID moves the tax to the customer. `consultation_number` proves the
    check, and is there where the seller has a VAT number, `requester`. `error`: why the last try had no answer.
    """

    id: UUID
    tax_id: str
    country: str
    status: Status
    name: str | None
    address: str | None
    consultation_number: str | None
    requester: str | None
    request_date: str | None
    checked_at: datetime | None
    next_check_at: datetime | None
    error: str | None
    created_at: datetime
    updated_at: datetime
    url: str


def tax_id_objects(rows: Sequence[TaxId]) -> list[TaxIdObject]:
    """The objects of these numbers, in their order; they have come with what VIES said."""
    return [
        TaxIdObject(
            id=row.pk,
            tax_id=row.number,
            country=row.country,
            status=Status(row.status),
            name=(said and said.name) or None,
            address=(said and said.address) or None,
            consultation_number=(said and said.consultation_number) or None,
            requester=(said and said.requester) or None,
            request_date=(said and said.request_date) or None,
            checked_at=said.created_at if said else None,
            next_check_at=row.next_call_at,
            error=row.last_error or None,
            created_at=row.created_at,
            updated_at=row.updated_at,
            url=f"/v1/tax/ids/{row.pk}",
        )
        for row, said in ((row, row.latest) for row in rows)
    ]


class ConsultationObject(ApiObject, kw_only=True, frozen=True):
    """What VIES answered one time that it was asked about a VAT number."""

    id: UUID
    tax_id: str
    status: Status
    name: str | None
    address: str | None
    consultation_number: str | None
    requester: str | None
    request_date: str | None
    checked_at: datetime


def consultation_objects(rows: Sequence[Consultation]) -> list[ConsultationObject]:
    """The objects of these answers, in their order; they have come with their numbers."""
    return [
        ConsultationObject(
            id=row.pk,
            tax_id=row.about.number,
            status=Status(row.status),
            name=row.name or None,
            address=row.address or None,
            consultation_number=row.consultation_number or None,
            requester=row.requester or None,
            request_date=row.request_date or None,
            checked_at=row.created_at,
        )
        for row in rows
    ]
