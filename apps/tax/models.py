"""The rate table and where the seller is registered, both by dates; and who the seller is."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from apps.kernel.models import MutableRecord
from apps.tax.rules import STANDARD
from apps.tax.seller_rules import ACCENT_COLOR, BRAND_COLOR, COLOR


class TaxRate(MutableRecord):
    """A rate in percent for one category in one jurisdiction ("DE", "US-CA"), valid on [from, to) days."""

    jurisdiction = models.CharField(max_length=12)
    category = models.CharField(max_length=64, default=STANDARD)
    name = models.CharField(max_length=64)
    rate = models.DecimalField(max_digits=7, decimal_places=4)
    valid = DateRangeField()
    source = models.CharField(max_length=255, blank=True)

    class Meta(MutableRecord.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(rate__gte=0, rate__lte=100), name="tax_taxrate_percent"),
            models.CheckConstraint(condition=Q(valid__isempty=False), name="tax_taxrate_valid_some_day"),
            ExclusionConstraint(
                name="tax_taxrate_no_overlap",
                expressions=[
                    ("jurisdiction", RangeOperators.EQUAL),
                    ("category", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.jurisdiction} {self.category} {self.rate} %"


class Registration(MutableRecord):
    """The seller charges tax in `country` on [from, to) days, under its number `tax_id` there."""

    country = models.CharField(max_length=2)
    tax_id = models.CharField(max_length=64, blank=True)
    valid = DateRangeField()

    class Meta(MutableRecord.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(valid__isempty=False), name="tax_registration_valid_some_day"),
            ExclusionConstraint(
                name="tax_registration_no_overlap",
                expressions=[("country", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.country} {self.tax_id}".strip()


class Seller(MutableRecord):
    """Who sells, as it stands on every document. There is exactly one row: the first migration makes it."""

    the_one = models.BooleanField(default=True, editable=False)
    legal_name = models.CharField(max_length=255)
    line1 = models.CharField(max_length=255, blank=True)
    line2 = models.CharField(max_length=255, blank=True)
    postal_code = models.CharField(max_length=32, blank=True)
    city = models.CharField(max_length=255, blank=True)
    region = models.CharField(max_length=255, blank=True)
    country = models.CharField(max_length=2, blank=True)
    email = models.EmailField(max_length=254, blank=True)
    phone = models.CharField(max_length=64, blank=True)
    registration = models.CharField(max_length=255, blank=True, help_text="Commercial register, court, directors.")
    bank_name = models.CharField(max_length=255, blank=True)
    iban = models.CharField(max_length=34, blank=True)
    bic = models.CharField(max_length=11, blank=True)
    footer = models.CharField(max_length=500, blank=True)
    brand_color = models.CharField(max_length=7, default=BRAND_COLOR)
    accent_color = models.CharField(max_length=7, default=ACCENT_COLOR)
    logo = models.TextField(blank=True, help_text="A data URL of an SVG or PNG picture.")

    class Meta(MutableRecord.Meta):
        constraints = [
            models.UniqueConstraint(fields=["the_one"], name="tax_seller_one"),
            models.CheckConstraint(condition=Q(the_one=True), name="tax_seller_the_one"),
            models.CheckConstraint(
                condition=Q(brand_color__regex=COLOR) & Q(accent_color__regex=COLOR), name="tax_seller_colors"
            ),
        ]

    def __str__(self) -> str:
        return self.legal_name
