"""Rates and registrations for staff, to read."""

from django.contrib import admin

from apps.kernel.admin import RecordAdmin
from apps.tax.models import Registration, TaxRate


@admin.register(TaxRate)
class TaxRateAdmin(RecordAdmin):
    resource = "tax_rates"
    list_display = ("jurisdiction", "category", "name", "rate", "valid", "source")
    search_fields = ("=jurisdiction", "=category")
    ordering = ("jurisdiction", "category", "valid")


@admin.register(Registration)
class RegistrationAdmin(RecordAdmin):
    resource = "tax_rates"
    list_display = ("country", "tax_id", "valid")
    search_fields = ("=country",)
