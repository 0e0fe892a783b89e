"""What can be asked: single objects, lists, and one thing that can be told."""

from typing import Any
from uuid import UUID

import graphene

from apps.accounts.rules import OverdueStatus
from apps.graphql.asking import ACCOUNTS, INVOICES, PAYMENTS, PLANS, SUBSCRIPTIONS, Noun
from apps.graphql.pages import Page, root_page
from apps.graphql.recording import RecordUsage
from apps.graphql.revenue import AccountMrr, Churn, Mrr, churn_of_month, mrr_of_account, mrr_of_currency
from apps.graphql.shapes import enum_of
from apps.graphql.types import (
    INVOICE_STATUS,
    PAGE,
    SUBSCRIPTION_STATUS,
    Account,
    AccountConnection,
    Invoice,
    InvoiceConnection,
    Payment,
    Plan,
    PlanConnection,
    Subscription,
    SubscriptionConnection,
    several,
    values,
)
from apps.invoices.queries import with_lines_of
from apps.kernel.errors import Invalid, Problem

ID = graphene.ID(required=True)


class Query(graphene.ObjectType):
    """Reads. What the caller's role may not see is null, with an error that says so."""

    account = graphene.Field(Account, id=ID)
    accounts = graphene.Field(
        AccountConnection,
        **PAGE,
        email=graphene.String(description="The whole address, however it is capitalised."),
        external_key=graphene.String(),
        overdue_status=several(enum_of(OverdueStatus, "AccountOverdueStatus")),
    )
    plan = graphene.Field(Plan, id=ID)
    plans = graphene.Field(PlanConnection, **PAGE, key=graphene.String(), active=graphene.Boolean())
    subscription = graphene.Field(Subscription, id=ID)
    subscriptions = graphene.Field(
        SubscriptionConnection,
        **PAGE,
        account_id=graphene.ID(),
        plan_id=graphene.ID(),
        external_key=graphene.String(),
        status=several(SUBSCRIPTION_STATUS),
    )
    invoice = graphene.Field(
        Invoice, id=graphene.ID(), number=graphene.String(), description="One invoice, by its id or its number."
    )
    invoices = graphene.Field(
        InvoiceConnection,
        **PAGE,
        account_id=graphene.ID(),
        subscription_id=graphene.ID(description="Invoices with a line of it."),
        status=several(INVOICE_STATUS),
    )
    payment = graphene.Field(Payment, id=ID)
    mrr = graphene.Field(Mrr, currency=graphene.String(required=True, description="By ISO 4217, such as USD."))
    churn = graphene.Field(
        Churn,
        currency=graphene.String(required=True, description="By ISO 4217, such as USD."),
        month=graphene.String(description="Such as 2026-04; this one when left out."),
        test_clock_id=graphene.ID(description="Of accounts on this test clock; left out: of those on none."),
    )
    account_mrr = graphene.Field(AccountMrr, account_id=ID)

    @staticmethod
    def resolve_account(root: None, info: Any, id: str) -> Any:
        return _one(ACCOUNTS, info, id)

    @staticmethod
    def resolve_plan(root: None, info: Any, id: str) -> Any:
        return _one(PLANS, info, id)

    @staticmethod
    def resolve_subscription(root: None, info: Any, id: str) -> Any:
        return _one(SUBSCRIPTIONS, info, id)

    @staticmethod
    def resolve_payment(root: None, info: Any, id: str) -> Any:
        return _one(PAYMENTS, info, id)

    @staticmethod
    def resolve_invoice(root: None, info: Any, id: str | None = None, number: str | None = None) -> Any:
        if (id is None) == (number is None):
            raise Invalid(
                "id_or_number",
                "An invoice is named by its id or by its number.",
                hint='Ask invoice(id: "...") or invoice(number: "INV-2026-000001"), one of both.',
            )
        if id is not None:
            return _one(INVOICES, info, id)
        row = INVOICES.visible(info.context).filter(number=number).first()
        return row and INVOICES.objects([row])[0]

    @staticmethod
    def resolve_mrr(root: None, info: Any, currency: str) -> Any:
        return mrr_of_currency(info.context, currency)

    @staticmethod
    def resolve_churn(
        root: None, info: Any, currency: str, month: str | None = None, test_clock_id: str | None = None
    ) -> Any:
        return churn_of_month(info.context, currency, month, test_clock_id)

    @staticmethod
    def resolve_account_mrr(root: None, info: Any, account_id: str) -> Any:
        return mrr_of_account(info.context, account_id)

    @staticmethod
    def resolve_accounts(root: None, info: Any, overdue_status: Any = None, email: Any = None, **asked: Any) -> Page:
        asked |= {"email__iexact": email, "overdue_status__in": values(overdue_status), "deleted_at__isnull": True}
        return _many(ACCOUNTS, info, **asked)

    @staticmethod
    def resolve_plans(root: None, info: Any, **asked: Any) -> Page:
        return _many(PLANS, info, **asked)

    @staticmethod
    def resolve_subscriptions(root: None, info: Any, status: Any = None, **asked: Any) -> Page:
        return _many(SUBSCRIPTIONS, info, status__in=values(status), **asked)

    @staticmethod
    def resolve_invoices(
        root: None, info: Any, status: Any = None, subscription_id: str | None = None, **asked: Any
    ) -> Page:
        of = None if subscription_id is None else _uuid("subscriptionId", subscription_id)
        return _many(INVOICES, info, lines_of=of, status__in=values(status), **asked)


class Mutation(graphene.ObjectType):
    """The one write; all others are REST's."""

    record_usage = RecordUsage.Field()


schema = graphene.Schema(query=Query, mutation=Mutation)


def _one(noun: Noun, info: Any, id: str) -> Any:
    """The object of that id; what cannot be an id of ours is nobody's."""
    noun.visible(info.context)
    try:
        return noun.by_id(info.context, UUID(id))
    except ValueError:
        return None


def _many(
    noun: Noun,
    info: Any,
    *,
    first: int | None = None,
    after: str | None = None,
    lines_of: UUID | None = None,
    **filters: Any,
) -> Page:
    rows = noun.visible(info.context)
    if lines_of is not None:
        rows = with_lines_of(rows, lines_of)
    given = {
        name: _uuid(name, value) if name.endswith("_id") else value
        for name, value in filters.items()
        if value is not None
    }
    return root_page(info.context, noun, rows.filter(**given), first=first, after=after)


def _uuid(name: str, text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Invalid(
            "id_invalid",
            f"{name} is not an id of ours.",
            hint="Ids are UUIDs, as every object shows them.",
            errors=[Problem(f"/{name}", "id_invalid", "Not a UUID.")],
        ) from error
