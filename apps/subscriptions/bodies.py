"""What callers send about subscriptions, and what they are shown of previews."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from msgspec import structs
from rest_framework import serializers

from apps.invoices.fingerprint import ESTIMATED
from apps.invoices.objects import InvoiceObject, LineObject
from apps.kernel.fields import MAX_QUANTITY
from apps.kernel.periods import local_date
from apps.plans.rules import MAX_TRIAL_DAYS
from apps.rest import inputs
from apps.rest.objects import ApiObject
from apps.subscriptions.actions.preview import Preview
from apps.subscriptions.objects import SubscriptionObject
from apps.subscriptions.rules.proration import Behavior
from apps.subscriptions.rules.scheduled import Effective


class SubscriptionInput(inputs.Input):
    """What POST takes. Dates are local to the account."""

    account_id = inputs.UUIDField()
    plan_id = inputs.UUIDField()
    quantity = inputs.IntegerField(min_value=1, max_value=MAX_QUANTITY, required=False)
    trial_days = inputs.IntegerField(min_value=0, max_value=MAX_TRIAL_DAYS, required=False)
    start_date = inputs.DateField(required=False)
    bill_from = inputs.DateField(required=False)
    billing_anchor_date = inputs.DateField(required=False)
    ends_on = inputs.DateField(required=False, allow_null=True)
    coupon = inputs.CharField(max_length=255, required=False, allow_null=True)
    external_key = inputs.ExternalKeyField(required=False, allow_null=True)
    metadata = inputs.MetadataField()


class SubscriptionChange(inputs.Input):
    """What PATCH takes. Plan and quantity count from today, local to the account, or from the end of the period."""

    plan_id = inputs.UUIDField(required=False)
    plan_version = inputs.IntegerField(min_value=1, max_value=2**31 - 1, required=False)
    quantity = inputs.IntegerField(min_value=1, max_value=MAX_QUANTITY, required=False)
    proration_behavior = inputs.ChoiceField(choices=[behavior.value for behavior in Behavior], required=False)
    effective = inputs.ChoiceField(choices=[when.value for when in Effective], required=False)
    metadata = inputs.MetadataField()


class Cancellation(inputs.Input):
    """When a subscription ends, and why."""

    at_period_end = inputs.BooleanField(required=False)
    credit_unused = inputs.BooleanField(required=False)
    reason = inputs.CharField(max_length=255, required=False, allow_blank=True)
    preview = inputs.BooleanField(required=False)


@extend_schema_field(
    {
        "type": "string",
        "format": "date",
        "description": "A local date, or an instant, which stands for its local date in the account's zone.",
        "examples": ["2026-12-01"],
    }
)
class DayField(serializers.Field[Any, str, str, Any]):
    """A day, said as a date or as an instant."""

    default_error_messages = {"invalid": "Expected a date such as 2026-12-01, or an RFC 3339 time."}

    def to_internal_value(self, data: Any) -> date | datetime:
        """The date, or the instant, whose date the account's zone decides."""
        if not isinstance(data, str):
            self.fail("invalid")
        field: Any = inputs.DateTimeField() if len(data) > len("2026-12-01") else inputs.DateField()
        found: date | datetime = field.to_internal_value(data)
        return found


class PauseInput(inputs.Input):
    """Until when; without a date until somebody resumes, or for 90 days."""

    resume_at = DayField(required=False, allow_null=True)
    preview = inputs.BooleanField(required=False)


class ResumeInput(inputs.Input):
    """Whether it is only looked at."""

    preview = inputs.BooleanField(required=False)


class VoidInput(inputs.Input):
    """Why, what comes in its place, and what becomes of what was paid."""

    reason = inputs.CharField(max_length=255)
    replace = inputs.BooleanField(required=False)
    payment = inputs.ChoiceField(choices=["credit", "refund"], required=False)
    preview = inputs.BooleanField(required=False)


class NoFields(inputs.Input):
    """A body that says nothing."""


class CreatedSubscription(SubscriptionObject, kw_only=True, frozen=True):
    """A subscription with its newest invoice, none in a trial or at a price of 0."""

    latest_invoice: InvoiceObject | None


class ShownSubscription(SubscriptionObject, kw_only=True, frozen=True):
    """One subscription with its newest invoice: the id, or the object with `expand=latest_invoice`; null for none."""

    latest_invoice: UUID | InvoiceObject | None


class PreviewLineObject(LineObject, kw_only=True, frozen=True):
    """A line as it would be. `estimated`: usage, or what is missing to a minimum; the hash leaves it out."""

    estimated: bool


class PreviewInvoiceObject(InvoiceObject, kw_only=True, frozen=True):
    """An invoice as it would be; it has no number and no page."""

    lines: list[PreviewLineObject]  # type: ignore[assignment]


class PreviewObject(ApiObject, kw_only=True, frozen=True):
    """What would be billed. Send `hash` as If-Match with the change: 412 if it would bill anything else by then.

    `invoice`: the one it makes, the newest where a start lies back (`invoices` has them all); null for none.
    `credit_to_balance`: minor units that go to the account's credit. `next_invoice`: the one after, if all stays so.
    """

    hash: str
    invoice: PreviewInvoiceObject | None
    invoices: list[PreviewInvoiceObject]
    credit_to_balance: int
    next_invoice: PreviewInvoiceObject | None


def preview_object(found: Preview) -> PreviewObject:
    """A preview as the API answers with it."""
    invoices = [_previewed(invoice) for invoice in found.invoices]
    return PreviewObject(
        hash=found.hash,
        invoice=invoices[-1] if invoices else None,
        invoices=invoices,
        credit_to_balance=found.credit_to_balance,
        next_invoice=_previewed(found.next_invoice) if found.next_invoice else None,
    )


def _previewed(invoice: InvoiceObject) -> PreviewInvoiceObject:
    lines = [PreviewLineObject(**structs.asdict(line), estimated=line.kind in ESTIMATED) for line in invoice.lines]
    return PreviewInvoiceObject(**{**structs.asdict(invoice), "lines": lines, "hosted_url": None})


def local_day(said: date | datetime | None, timezone: str) -> date | None:
    """The local date that was meant."""
    return local_date(said, timezone) if isinstance(said, datetime) else said
