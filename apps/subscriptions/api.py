"""/v1/subscriptions"""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.functions import Length
from django_filters import rest_framework as filters
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.queries import accounts
from apps.clocks.queries import now_for
from apps.invoices.models import Invoice
from apps.invoices.objects import InvoiceObject, invoice_objects
from apps.invoices.queries import invoices, with_lines_of
from apps.kernel.errors import Invalid
from apps.kernel.fields import MAX_QUANTITY
from apps.plans.objects import plan_objects
from apps.plans.rules import MAX_TRIAL_DAYS
from apps.rest import inputs
from apps.rest.filters import MetadataFilterMixin, ResourceFilterSet
from apps.rest.viewsets import ResourceViewSet, operation
from apps.subscriptions import queries
from apps.subscriptions.actions.create import NewSubscription, create
from apps.subscriptions.models import Subscription
from apps.subscriptions.objects import SubscriptionObject, subscription_objects
from apps.subscriptions.rules.lifecycle import Status


class SubscriptionInput(inputs.Input):
    """What POST takes. Dates are local to the account."""

    account_id = inputs.UUIDField()
    plan_id = inputs.UUIDField()
    quantity = inputs.IntegerField(min_value=1, max_value=MAX_QUANTITY, required=False)
    trial_days = inputs.IntegerField(min_value=0, max_value=MAX_TRIAL_DAYS, required=False)
    start_date = inputs.DateField(required=False)
    bill_from = inputs.DateField(required=False)
    billing_anchor_date = inputs.DateField(required=False)
    external_key = inputs.ExternalKeyField(required=False, allow_null=True)
    metadata = inputs.MetadataField()


class SubscriptionFilter(MetadataFilterMixin, ResourceFilterSet):
    account_id = filters.UUIDFilter(field_name="account_id")
    plan_id = filters.UUIDFilter(field_name="plan_id")
    status = filters.ChoiceFilter(choices=[(status.value, status.value) for status in Status])
    external_key = filters.CharFilter()

    class Meta:
        model = Subscription
        fields: list[str] = []


class CreatedSubscription(SubscriptionObject, kw_only=True, frozen=True):
    """A new subscription with its newest invoice, none in a trial or at a price of 0."""

    latest_invoice: InvoiceObject | None


class ShownSubscription(SubscriptionObject, kw_only=True, frozen=True):
    """One subscription with its newest invoice: the id, or the object with `expand=latest_invoice`; null for none."""

    latest_invoice: UUID | InvoiceObject | None


class SubscriptionViewSet(ResourceViewSet):
    """Subscriptions: an account on a plan. Creation bills at once, and wants to be paid at once."""

    resource = "subscriptions"
    queryset = queries.subscriptions()
    object_class = SubscriptionObject
    filterset_class = SubscriptionFilter
    expandable = {
        "plan": lambda row: plan_objects([row.plan])[0],
        "latest_invoice": lambda row: _latest_invoice(row.pk),
    }

    def render(self, rows: Any) -> list[SubscriptionObject]:
        return subscription_objects(rows, versions={row.plan_version_id: row.plan_version.version for row in rows})

    @operation(output=ShownSubscription)
    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        """Show one subscription."""
        row = self.get_object()
        newest = _newest_invoices(row.pk).values_list("pk", flat=True)
        return self.ok(row, extra={"latest_invoice": newest.first()})

    @operation(input=SubscriptionInput, output=CreatedSubscription, status=201)
    def create(self, request: Request) -> Response:
        """Subscribe an account to a plan: subscription, first invoice and payment attempt are recorded as one."""
        body = self.parse(SubscriptionInput)
        account = accounts().filter(pk=body["account_id"]).first()
        if account is None:
            raise Invalid(
                "account_unknown",
                f"There is no account {body['account_id']}.",
                hint="Create it with POST /v1/accounts, or look it up with GET /v1/accounts?external_key=...",
            )
        made = create(new=NewSubscription(**body), at=now_for(account), actor=self.actor)
        subscription_id = made.subscription.pk
        return self.created(made.subscription, extra=lambda: {"latest_invoice": _latest_invoice(subscription_id)})


def _latest_invoice(subscription_id: UUID) -> InvoiceObject | None:
    latest = _newest_invoices(subscription_id).first()
    return invoice_objects([latest])[0] if latest else None


def _newest_invoices(subscription_id: UUID) -> QuerySet[Invoice]:
    # Those of one creation have ids of one moment; numbers tell them apart.
    return with_lines_of(invoices(), subscription_id).order_by("-created_at", Length("number").desc(), "-number")
