"""The objects of the schema: what the REST API shows of each, and what can be read beside it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import graphene
from graphene import relay

from apps.accounts.objects import AccountObject
from apps.graphql.asking import ACCOUNTS, INVOICES, PAYMENTS, PLANS, SUBSCRIPTIONS
from apps.graphql.pages import Children, Page
from apps.graphql.shapes import described, enum_of, fields_of
from apps.invoices.models import Invoice as InvoiceRow
from apps.invoices.models import Line
from apps.invoices.objects import InvoiceObject
from apps.invoices.rules import Status as InvoiceStatus
from apps.payments.models import Payment as PaymentRow
from apps.payments.objects import PaymentObject
from apps.payments.rules import Status as PaymentStatus
from apps.plans.objects import PlanObject
from apps.rest.pagination import DEFAULT_LIMIT, MAX_LIMIT
from apps.subscriptions.models import Subscription as SubscriptionRow
from apps.subscriptions.objects import SubscriptionObject
from apps.subscriptions.rules.lifecycle import Status as SubscriptionStatus

SUBSCRIPTIONS_OF_ACCOUNT = Children(SUBSCRIPTIONS, SubscriptionRow._meta.db_table, "account_id")
INVOICES_OF_ACCOUNT = Children(INVOICES, InvoiceRow._meta.db_table, "account_id")
PAYMENTS_OF_ACCOUNT = Children(PAYMENTS, PaymentRow._meta.db_table, "account_id")
# Grouped invoices hold lines of several subscriptions.
INVOICES_OF_SUBSCRIPTION = Children(INVOICES, Line._meta.db_table, "subscription_id", key="invoice_id", distinct=True)
PAYMENTS_OF_INVOICE = Children(PAYMENTS, PaymentRow._meta.db_table, "invoice_id")

PAGE = {
    "first": graphene.Int(description=f"Objects a page, 1 to {MAX_LIMIT}; {DEFAULT_LIMIT} when left out."),
    "after": graphene.String(description="`endCursor` of the page before."),
}
SUBSCRIPTION_STATUS = enum_of(SubscriptionStatus, "SubscriptionStatus")
INVOICE_STATUS = enum_of(InvoiceStatus, "InvoiceStatus")
PAYMENT_STATUS = enum_of(PaymentStatus, "PaymentStatus")


def several(kind: type[graphene.Enum]) -> graphene.List:
    """An argument of some states."""
    return graphene.List(graphene.NonNull(kind), description="In one of these states.")


class Connected(relay.Connection):
    """A page of a list, newest first."""

    class Meta:
        abstract = True

    total_count = graphene.Int(description="Objects in the whole list; counted where it is asked for alone.")

    @staticmethod
    def resolve_total_count(page: Page, info: Any) -> Any:
        return page.total_count


class Account(fields_of(AccountObject), graphene.ObjectType):  # type: ignore[misc]
    class Meta:
        description = described(AccountObject)

    subscriptions = graphene.Field(lambda: SubscriptionConnection, **PAGE, status=several(SUBSCRIPTION_STATUS))
    invoices = graphene.Field(lambda: InvoiceConnection, **PAGE, status=several(INVOICE_STATUS))
    payments = graphene.Field(lambda: PaymentConnection, **PAGE, status=several(PAYMENT_STATUS))

    @staticmethod
    def resolve_subscriptions(account: AccountObject, info: Any, **asked: Any) -> Any:
        return _children(SUBSCRIPTIONS_OF_ACCOUNT, info, account.id, **asked)

    @staticmethod
    def resolve_invoices(account: AccountObject, info: Any, **asked: Any) -> Any:
        return _children(INVOICES_OF_ACCOUNT, info, account.id, **asked)

    @staticmethod
    def resolve_payments(account: AccountObject, info: Any, **asked: Any) -> Any:
        return _children(PAYMENTS_OF_ACCOUNT, info, account.id, **asked)


class Plan(fields_of(PlanObject), graphene.ObjectType):  # type: ignore[misc]
    class Meta:
        description = described(PlanObject)


class Subscription(fields_of(SubscriptionObject), graphene.ObjectType):  # type: ignore[misc]
    class Meta:
        description = described(SubscriptionObject)

    account = graphene.Field(Account)
    plan = graphene.Field(Plan, description="With its current terms; `planVersion` says which ones this is on.")
    invoices = graphene.Field(lambda: InvoiceConnection, **PAGE, description="Invoices with a line of it.")

    @staticmethod
    def resolve_account(subscription: SubscriptionObject, info: Any) -> Any:
        return ACCOUNTS.by_id(info.context, subscription.account_id)

    @staticmethod
    def resolve_plan(subscription: SubscriptionObject, info: Any) -> Any:
        return PLANS.by_id(info.context, subscription.plan_id)

    @staticmethod
    def resolve_invoices(subscription: SubscriptionObject, info: Any, **asked: Any) -> Any:
        return _children(INVOICES_OF_SUBSCRIPTION, info, subscription.id, **asked)


class Invoice(fields_of(InvoiceObject), graphene.ObjectType):  # type: ignore[misc]
    class Meta:
        description = described(InvoiceObject)

    account = graphene.Field(Account)
    subscription = graphene.Field(Subscription, description="Null where it has lines of several, or of none.")
    payments = graphene.Field(lambda: PaymentConnection, **PAGE, status=several(PAYMENT_STATUS))

    @staticmethod
    def resolve_account(invoice: InvoiceObject, info: Any) -> Any:
        return ACCOUNTS.by_id(info.context, invoice.account_id)

    @staticmethod
    def resolve_subscription(invoice: InvoiceObject, info: Any) -> Any:
        return invoice.subscription_id and SUBSCRIPTIONS.by_id(info.context, invoice.subscription_id)

    @staticmethod
    def resolve_payments(invoice: InvoiceObject, info: Any, **asked: Any) -> Any:
        return _children(PAYMENTS_OF_INVOICE, info, invoice.id, **asked)


class Payment(fields_of(PaymentObject), graphene.ObjectType):  # type: ignore[misc]
    class Meta:
        description = described(PaymentObject)

    account = graphene.Field(Account)
    invoice = graphene.Field(Invoice)

    @staticmethod
    def resolve_account(payment: PaymentObject, info: Any) -> Any:
        return ACCOUNTS.by_id(info.context, payment.account_id)

    @staticmethod
    def resolve_invoice(payment: PaymentObject, info: Any) -> Any:
        return INVOICES.by_id(info.context, payment.invoice_id)


class AccountConnection(Connected):
    class Meta:
        node = Account


class PlanConnection(Connected):
    class Meta:
        node = Plan


class SubscriptionConnection(Connected):
    class Meta:
        node = Subscription


class InvoiceConnection(Connected):
    class Meta:
        node = Invoice


class PaymentConnection(Connected):
    class Meta:
        node = Payment


def _children(
    children: Children,
    info: Any,
    parent: UUID,
    *,
    first: int | None = None,
    after: str | None = None,
    status: Sequence[Any] | None = None,
) -> Any:
    return children.page(info.context, parent, first=first, after=after, status=values(status))


def values(status: Sequence[Any] | None) -> list[str] | None:
    """The texts of enum members."""
    return None if status is None else [getattr(each, "value", each) for each in status]
