"""The rate table and where the seller is registered, both by dates; who that is; VAT numbers, and VIES on them."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from apps.kernel.models import MutableRecord, Record
from apps.tax.rules import STANDARD
from apps.tax.seller_rules import ACCENT_COLOR, BRAND_COLOR, COLOR
from apps.tax.vat_rules import Status


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


STATUSES = [(status.value, status.value) for status in Status]


class TaxId(MutableRecord):
    """A VAT number of the union, once, however many accounts have it; and when VIES is to be asked about it.

    It stands as VIES last said. `watched`: accounts have it, so what VIES says is renewed.
    """

    number = models.CharField(max_length=16, unique=True)
    country = models.CharField(max_length=2)
    status = models.CharField(max_length=7, choices=STATUSES, default=Status.PENDING.value)
    latest = models.ForeignKey("Consultation", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    watched = models.BooleanField(default=False)
    calls = models.PositiveIntegerField(default=0)
    next_call_at = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)

    class Meta(MutableRecord.Meta):
        verbose_name = "VAT number"
        indexes = [
            models.Index(fields=["next_call_at"], condition=Q(next_call_at__isnull=False), name="tax_taxid_to_ask"),
            models.Index(fields=["status", "-id"], name="tax_taxid_of_status"),
            models.Index(fields=["country", "-id"], name="tax_taxid_of_country"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=[status.value for status in Status]), name="tax_taxid_status_known"
            ),
            # That it is of this number and says this is a foreign key over all three, in the migration.
            models.CheckConstraint(
                condition=Q(status=Status.PENDING.value, latest__isnull=True)
                | Q(status__in=[Status.VALID.value, Status.INVALID.value], latest__isnull=False),
                name="tax_taxid_as_vies_said",
            ),
            models.CheckConstraint(
                condition=Q(lease_token__isnull=True, lease_until__isnull=True)
                | Q(lease_token__isnull=False, lease_until__isnull=False),
                name="tax_taxid_lease_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Consultation(Record):
    """VIES was asked about a number, and answered. Append only: it proves on what an invoice without tax was based.

    `consultation_number`: VIES' own, which it gives whoever names a number of theirs, the `requester`.
    """

    about = models.ForeignKey(TaxId, on_delete=models.PROTECT, related_name="consultations")
    status = models.CharField(max_length=7, choices=STATUSES)
    name = models.CharField(max_length=500, blank=True)
    address = models.CharField(max_length=1000, blank=True)
    consultation_number = models.CharField(max_length=64, blank=True)
    requester = models.CharField(max_length=16, blank=True)
    request_date = models.CharField(max_length=40, blank=True, help_text="As VIES wrote it.")

    class Meta(Record.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=[Status.VALID.value, Status.INVALID.value]), name="tax_consultation_says"
            ),
            models.UniqueConstraint(fields=["id", "about", "status"], name="tax_consultation_whole"),
        ]

    def __str__(self) -> str:
        return self.consultation_number or f"{self.status} {self.created_at:%Y-%m-%d}"
