"""The rate table and where the seller is registered, both by dates."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from apps.kernel.models import MutableRecord
from apps.tax.rules import STANDARD


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
