"""/v1/payments and /v1/accounts/{id}/payment-methods"""

from typing import Any

from django_filters import rest_framework as filters
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import Account
from apps.accounts.queries import accounts
from apps.clocks.queries import now_for
from apps.invoices.queries import invoices
from apps.kernel.errors import Invalid, NotFound, Problem
from apps.payments import queries
from apps.payments.actions import methods
from apps.payments.actions.refund import refund
from apps.payments.actions.retry import pay
from apps.payments.actions.transfer import Transfer, record_transfer
from apps.payments.models import Dispute, Payment, PaymentMethod, Refund
from apps.payments.objects import (
    DisputeObject,
    PaymentMethodObject,
    PaymentObject,
    RefundObject,
    dispute_objects,
    payment_method_objects,
    payment_objects,
    refund_objects,
)
from apps.payments.rules import BY_HAND, DisputeStatus, RefundStatus, Status
from apps.rest import inputs
from apps.rest.filters import ResourceFilterSet
from apps.rest.objects import builtins
from apps.rest.viewsets import ResourceViewSet, operation


class PaymentFilter(ResourceFilterSet):
    account_id = filters.UUIDFilter(field_name="account_id")
    invoice_id = filters.UUIDFilter(field_name="invoice_id")
    status = filters.ChoiceFilter(choices=[(status.value, status.value) for status in Status])

    class Meta:
        model = Payment
        fields: list[str] = []


class TransferInput(inputs.Input):
    """What POST takes: money that came past the gateway, as the bank statement has it."""

    account_id = inputs.UUIDField()
    invoice_id = inputs.UUIDField(required=False, allow_null=True)
    amount = inputs.IntegerField(min_value=1)
    currency = inputs.CharField(max_length=3)
    method = inputs.ChoiceField(choices=list(BY_HAND), required=False)
    reference = inputs.CharField(max_length=255)
    received_at = inputs.DateTimeField()


class TransferObject(PaymentObject, kw_only=True, frozen=True):
    """A payment recorded by hand, with all that the money paid: one for each invoice."""

    payments: list[PaymentObject]


class PaymentViewSet(ResourceViewSet):
    """Payments: every attempt to collect an invoice, with what the gateway said."""

    resource = "payments"
    action_resources = {"create": "bank_transfers"}
    queryset = queries.payments()
    object_class = PaymentObject
    filterset_class = PaymentFilter
    customer_actions = frozenset({"list", "retrieve"})
    account_lookup = "account_id"

    def render(self, rows: Any) -> list[PaymentObject]:
        return payment_objects(rows)

    @operation(input=TransferInput, output=TransferObject, status=201)
    def create(self, request: Request) -> Response:
        """Record a bank transfer: it pays its invoice, or the oldest due first; what is too much becomes credit."""
        body = self.parse(TransferInput)
        account = accounts().filter(pk=body["account_id"]).first()
        if account is None:
            detail = f"There is no account {body['account_id']}."
            raise Invalid(
                "account_unknown",
                detail,
                hint="Look it up with GET /v1/accounts?external_key=...",
                errors=[Problem("/account_id", "account_unknown", detail)],
            )
        transfer = Transfer(**{"method": BY_HAND[0], **body})
        made = record_transfer(transfer, at=now_for(account), actor=self.actor)
        return self.created(made[0], extra={"payments": [builtins(each) for each in payment_objects(made)]})


class PayInput(inputs.Input):
    """What POST takes: which method to charge; the default when it is left out."""

    payment_method_id = inputs.UUIDField(required=False)


class InvoicePaymentViewSet(ResourceViewSet):
    """An invoice that somebody wants to be paid now."""

    resource = "payments.collect"
    queryset = queries.payments()
    object_class = PaymentObject

    def render(self, rows: Any) -> list[PaymentObject]:
        return payment_objects(rows)

    @operation(input=PayInput, output=PaymentObject, status=201)
    def pay(self, request: Request, **kwargs: Any) -> Response:
        """Charge what is left of an open invoice now; with `Prefer: wait=N` the answer says how it went."""
        body = self.parse(PayInput)
        invoice = invoices().filter(pk=self.path_id("id")).select_related("account").first()
        if invoice is None:
            raise NotFound("invoice_not_found", "There is no invoice with this id.", hint="Check the id in the path.")
        return self.created(
            pay(
                invoice_id=invoice.pk,
                method_id=body.get("payment_method_id"),
                at=now_for(invoice.account),
                actor=self.actor,
            )
        )


class RefundInput(inputs.Input):
    """What POST takes: how much, in minor units, or all that is left; and why."""

    amount = inputs.IntegerField(min_value=1, required=False)
    reason = inputs.CharField(max_length=500)


class RefundFilter(ResourceFilterSet):
    account_id = filters.UUIDFilter(field_name="account_id")
    payment_id = filters.UUIDFilter(field_name="payment_id")
    status = filters.ChoiceFilter(choices=[(status.value, status.value) for status in RefundStatus])

    class Meta:
        model = Refund
        fields: list[str] = []


class RefundViewSet(ResourceViewSet):
    """Refunds; one is made beside its payment."""

    resource = "refunds"
    queryset = queries.refunds()
    object_class = RefundObject
    filterset_class = RefundFilter

    def render(self, rows: Any) -> list[RefundObject]:
        return refund_objects(rows)

    @operation(input=RefundInput, output=RefundObject, status=201)
    def create(self, request: Request, **kwargs: Any) -> Response:
        """Give money back, never more than was paid; a credit note of as much is made for the invoice.

        To give credit instead, make a credit note alone.
        """
        body = self.parse(RefundInput)
        payment = queries.payments().filter(pk=self.path_id("id")).select_related("account").first()
        if payment is None:
            raise NotFound("payment_not_found", "There is no payment with this id.", hint="Check the id in the path.")
        return self.created(
            refund(
                payment_id=payment.pk,
                amount=body.get("amount"),
                reason=body["reason"],
                at=now_for(payment.account),
                actor=self.actor,
            )
        )


class DisputeFilter(ResourceFilterSet):
    account_id = filters.UUIDFilter(field_name="account_id")
    payment_id = filters.UUIDFilter(field_name="payment_id")
    status = filters.ChoiceFilter(choices=[(status.value, status.value) for status in DisputeStatus])

    class Meta:
        model = Dispute
        fields: list[str] = []


class DisputeViewSet(ResourceViewSet):
    """Payments that their customers' banks question."""

    resource = "payments"
    queryset = queries.disputes()
    object_class = DisputeObject
    filterset_class = DisputeFilter

    def render(self, rows: Any) -> list[DisputeObject]:
        return dispute_objects(rows)


class PaymentMethodInput(inputs.Input):
    """What POST takes: the gateway's token, never a card number."""

    payment_method_token = inputs.CharField(max_length=255)
    set_as_default = inputs.BooleanField(required=False, default=False)


class PaymentMethodViewSet(ResourceViewSet):
    """The payment methods of an account, one of them the default."""

    resource = "payment_methods"
    queryset = PaymentMethod.objects.none()
    object_class = PaymentMethodObject
    calls_outside = frozenset({"create"})
    lookup_url_kwarg = "method_id"

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return PaymentMethod.objects.none()
        return queries.methods(self._account().pk)

    def render(self, rows: Any) -> list[PaymentMethodObject]:
        return payment_method_objects(rows)

    @operation(input=PaymentMethodInput, output=PaymentMethodObject, status=201)
    def create(self, request: Request, **kwargs: Any) -> Response:
        """Verify and attach a payment method; the gateway is asked within this request."""
        account, body = self._account(), self.parse(PaymentMethodInput)
        method = methods.add(
            account_id=account.pk,
            token=body["payment_method_token"],
            set_as_default=body["set_as_default"],
            at=now_for(account),
            actor=self.actor,
        )
        return self.created(method)

    @operation(output=PaymentMethodObject)
    def default(self, request: Request, **kwargs: Any) -> Response:
        """Make this the method that is charged."""
        account = self._account()
        method = methods.make_default(
            account_id=account.pk, method_id=self.path_id("method_id"), at=now_for(account), actor=self.actor
        )
        return self.ok(method)

    @operation(status=204)
    def destroy(self, request: Request, **kwargs: Any) -> Response:
        """Detach a payment method."""
        account = self._account()
        methods.detach(
            account_id=account.pk, method_id=self.path_id("method_id"), at=now_for(account), actor=self.actor
        )
        return self.gone()

    def _account(self) -> Account:
        account = accounts().filter(pk=self.path_id("account_id")).first()
        if account is None:
            raise NotFound("account_not_found", "There is no account with this id.", hint="Check the id in the path.")
        return account
