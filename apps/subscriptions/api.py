"""/v1/subscriptions"""

from collections.abc import Callable
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
from apps.subscriptions.actions.cancel import cancel, uncancel
from apps.subscriptions.actions.change import change
from apps.subscriptions.actions.create import NewSubscription, create
from apps.subscriptions.models import Subscription
from apps.subscriptions.objects import SubscriptionObject, subscription_objects
from apps.subscriptions.rules.lifecycle import Status
from apps.subscriptions.rules.proration import Behavior


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


class ProrationBehaviorField(inputs.ChoiceField):
    """What a change costs now."""

    default_error_messages = {
        "not_available": "Lines cannot wait for the next invoice yet: use always_invoice, or none."
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=[behavior.value for behavior in Behavior], **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        """The choice; create_prorations is known, but not served."""
        if data == "create_prorations":
            self.fail("not_available")
        return super().to_internal_value(data)


class SubscriptionChange(inputs.Input):
    """What PATCH takes. A new quantity counts from today, local to the account."""

    quantity = inputs.IntegerField(min_value=1, max_value=MAX_QUANTITY, required=False)
    proration_behavior = ProrationBehaviorField(required=False)
    metadata = inputs.MetadataField()


class Cancellation(inputs.Input):
    """When a subscription ends, and why."""

    at_period_end = inputs.BooleanField(required=False)
    credit_unused = inputs.BooleanField(required=False)
    reason = inputs.CharField(max_length=255, required=False, allow_blank=True)


class NoFields(inputs.Input):
    """A body that says nothing."""


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
    action_resources = {"cancel": "subscriptions.life", "uncancel": "subscriptions.life"}
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

    @operation(input=SubscriptionChange, output=CreatedSubscription)
    def partial_update(self, request: Request, **kwargs: Any) -> Response:
        """Change quantity or metadata. What is left of the period is credited as it was, and charged anew."""
        return self._changed(change, **self.parse(SubscriptionChange))

    @operation(input=Cancellation, output=CreatedSubscription)
    def cancel(self, request: Request, **kwargs: Any) -> Response:
        """Cancel now, with credit for the unused days unless credit_unused is false, or at the end of the period."""
        return self._changed(cancel, **self.parse(Cancellation))

    @operation(input=NoFields, output=CreatedSubscription)
    def uncancel(self, request: Request, **kwargs: Any) -> Response:
        """Take back a cancellation at the end of the period."""
        self.parse(NoFields)
        return self._changed(uncancel)

    def _changed(self, verb: Callable[..., Subscription], **wanted: Any) -> Response:
        """Do it at the account's time, and answer as creation does."""
        row = self.get_object()
        changed = verb(
            subscription_id=row.pk,
            expected_version=self.expected_version(),
            at=now_for(row.account),
            actor=self.actor,
            **wanted,
        )
        return self.ok(changed, extra=lambda: {"latest_invoice": _latest_invoice(row.pk)})


def _latest_invoice(subscription_id: UUID) -> InvoiceObject | None:
    latest = _newest_invoices(subscription_id).first()
    return invoice_objects([latest])[0] if latest else None


def _newest_invoices(subscription_id: UUID) -> QuerySet[Invoice]:
    # Those of one creation have ids of one moment; numbers tell them apart.
    return with_lines_of(invoices(), subscription_id).order_by("-created_at", Length("number").desc(), "-number")
