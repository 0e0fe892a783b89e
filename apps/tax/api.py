"""/v1/tax/rates, /v1/tax/registrations, /v1/tax/ids and /v1/tax/seller"""

import re
from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from rest_framework.request import Request
from rest_framework.response import Response

from apps.rest import inputs
from apps.rest.filters import ResourceFilterSet
from apps.rest.viewsets import ResourceViewSet, operation
from apps.tax import actions, consultation, queries
from apps.tax.models import Registration, Seller, TaxId, TaxRate
from apps.tax.objects import (
    RegistrationObject,
    SellerObject,
    TaxIdObject,
    TaxRateObject,
    registration_objects,
    seller_object,
    tax_id_objects,
    tax_rate_objects,
)
from apps.tax.rules import STANDARD
from apps.tax.seller_rules import ACCENT_COLOR, BIC, BRAND_COLOR, COLOR, LOGO_BYTES
from apps.tax.vat_rules import LONGEST, Status, read


class TaxRateInput(inputs.Input):
    """What POST takes. `jurisdiction`: a country, or country and region such as US-CA."""

    jurisdiction = inputs.CharField(max_length=12)
    category = inputs.CharField(max_length=64, default=STANDARD)
    name = inputs.CharField(max_length=64)
    rate = inputs.DecimalField(max_digits=7, decimal_places=4, min_value=0, max_value=100)
    valid_from = inputs.DateField()
    valid_to = inputs.DateField(required=False, allow_null=True, default=None)
    source = inputs.CharField(max_length=255, required=False, allow_blank=True, default="")  # type: ignore[assignment]


class RegistrationInput(inputs.Input):
    """What POST takes."""

    country = inputs.CountryField()
    tax_id = inputs.CharField(max_length=64, required=False, allow_blank=True, default="")
    valid_from = inputs.DateField()
    valid_to = inputs.DateField(required=False, allow_null=True, default=None)


class TaxIdInput(inputs.Input):
    """What POST takes: a VAT number with its country's two letters, however it is spaced."""

    tax_id = inputs.CharField(max_length=LONGEST)


class OptionalField(inputs.CharField):
    """Text that may be left out, empty or null: all three say that there is none."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, allow_blank=True, allow_null=True, **kwargs)


class PatternField(OptionalField):
    """The same, of one shape."""

    default_error_messages = {"shape": "Expected the shape {shape}."}

    def __init__(self, *, shape: str, **kwargs: Any) -> None:
        self.shape = shape
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> str:
        """The text."""
        text = super().to_internal_value(data)
        if text and not re.fullmatch(self.shape, text):
            self.fail("shape", shape=self.shape)
        return text


class SellerAddressInput(inputs.Input):
    """Where the seller sits; the country stands beside it."""

    line1 = inputs.CharField(max_length=255)
    line2 = OptionalField(max_length=255)
    postal_code = OptionalField(max_length=32)
    city = inputs.CharField(max_length=255)
    region = OptionalField(max_length=255)


class SellerInput(inputs.Input):
    """What PUT takes: the whole profile. What it leaves out is empty afterwards, colours are the default ones."""

    legal_name = inputs.CharField(max_length=255)
    address = SellerAddressInput()
    country = inputs.CountryField()
    email = inputs.EmailField(required=False, allow_blank=True, allow_null=True)
    phone = OptionalField(max_length=64)
    registration = OptionalField(max_length=255)
    bank_name = OptionalField(max_length=255)
    iban = OptionalField(max_length=50)
    bic = PatternField(shape=BIC, max_length=11)
    footer = OptionalField(max_length=500)
    brand_color = PatternField(shape=COLOR, max_length=7)
    accent_color = PatternField(shape=COLOR, max_length=7)
    logo = OptionalField(max_length=LOGO_BYTES * 4 // 3 + 100)


class TaxRateFilter(ResourceFilterSet):
    jurisdiction = filters.CharFilter()
    category = filters.CharFilter()
    valid_on = filters.DateFilter(field_name="valid", lookup_expr="contains", label="Valid on this day.")

    class Meta:
        model = TaxRate
        fields: list[str] = []


class RegistrationFilter(ResourceFilterSet):
    country = filters.CharFilter()

    class Meta:
        model = Registration
        fields: list[str] = []


class TaxIdFilter(ResourceFilterSet):
    tax_id = filters.CharFilter(method="of_number", label="A whole number, however it is spaced.")
    status = filters.ChoiceFilter(choices=[(status.value, status.value) for status in Status])
    country = filters.CharFilter(label="By ISO 3166: GR for Greece.")

    class Meta:
        model = TaxId
        fields: list[str] = []

    def of_number(self, rows: QuerySet[TaxId], name: str, value: str) -> QuerySet[TaxId]:
        """The one that it is; a text that is none finds nothing."""
        return rows.filter(number=str(read(value) or ""))


class TaxRateViewSet(ResourceViewSet):
    """The rate table: dated rates per jurisdiction and category."""

    resource = "tax_rates"
    queryset = TaxRate.objects.all()
    object_class = TaxRateObject
    filterset_class = TaxRateFilter

    def render(self, rows: Any) -> list[TaxRateObject]:
        return tax_rate_objects(rows)

    @operation(input=TaxRateInput, output=TaxRateObject, status=201)
    def create(self, request: Request) -> Response:
        """Add a rate. An earlier one without an end, of the same jurisdiction and category, ends where it begins."""
        return self.created(actions.add_rate(**self.parse(TaxRateInput), actor=self.actor))


class RegistrationViewSet(ResourceViewSet):
    """Where the seller is registered: tax is charged there, and nowhere else."""

    resource = "tax_rates"
    queryset = Registration.objects.all()
    object_class = RegistrationObject
    filterset_class = RegistrationFilter

    def render(self, rows: Any) -> list[RegistrationObject]:
        return registration_objects(rows)

    @operation(input=RegistrationInput, output=RegistrationObject, status=201)
    def create(self, request: Request) -> Response:
        """Register in a country from a day on."""
        return self.created(actions.add_registration(**self.parse(RegistrationInput), actor=self.actor))


class TaxIdViewSet(ResourceViewSet):
    """VAT numbers of the European Union, and what VIES says of them. Those of accounts come here by themselves."""

    resource = "tax_rates"
    queryset = queries.numbers()
    object_class = TaxIdObject
    filterset_class = TaxIdFilter
    calls_outside = frozenset({"create"})

    def render(self, rows: Any) -> list[TaxIdObject]:
        return tax_id_objects(rows)

    @operation(input=TaxIdInput, output=TaxIdObject, summary="Check a VAT number")
    def create(self, request: Request) -> Response:
        """Check a VAT number: its check digits at once, then by VIES, whose answer is given again for a day.

        If VIES does not answer within a few seconds the number is PENDING, or as it was, and asked about again.
        """
        return self.ok(consultation.check(text=self.parse(TaxIdInput)["tax_id"], actor=self.actor))


class SellerViewSet(ResourceViewSet):
    """Who sells: name, address, bank details and brand, as they stand on every document."""

    resource = "invoices"
    action_resources = {"update": "settings"}
    queryset = Seller.objects.all()
    object_class = SellerObject

    def render(self, rows: Any) -> list[SellerObject]:
        return [seller_object(row) for row in rows]

    def get_object(self) -> Seller:
        """The one row there is."""
        return queries.seller()

    @operation(input=SellerInput, output=SellerObject)
    def update(self, request: Request) -> Response:
        """Say anew who sells. Documents that are made from now on show it, those of older invoices too."""
        told = self.parse(SellerInput)
        address = told.pop("address")
        profile = {name: value or "" for name, value in {**address, **told}.items()}
        for name, usual in (("brand_color", BRAND_COLOR), ("accent_color", ACCENT_COLOR)):
            profile[name] = profile.get(name) or usual
        version = self.expected_version()
        return self.ok(actions.describe_seller(profile=profile, expected_version=version, actor=self.actor))
