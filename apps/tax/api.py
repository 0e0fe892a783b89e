"""/v1/tax/rates and /v1/tax/registrations"""

from typing import Any

from django_filters import rest_framework as filters
from rest_framework.request import Request
from rest_framework.response import Response

from apps.rest import inputs
from apps.rest.filters import ResourceFilterSet
from apps.rest.viewsets import ResourceViewSet, operation
from apps.tax import actions
from apps.tax.models import Registration, TaxRate
from apps.tax.objects import RegistrationObject, TaxRateObject, registration_objects, tax_rate_objects
from apps.tax.rules import STANDARD


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
