"""What staff may mean by a number, a key, an e-mail address, a name or an id, across apps; every look-up by index."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db import models
from django.db.models import Q

from apps.accounts.models import Account
from apps.accounts.queries import matching
from apps.invoices.models import Invoice
from apps.kernel.columns import page_of
from apps.payments.models import Payment
from apps.plans.models import Plan
from apps.subscriptions.models import Subscription

AT_MOST = 10
"""Of each kind."""


@dataclass(frozen=True, slots=True)
class Found:
    """One row that may be meant. Named as unfold's search box reads them."""

    title: str
    description: str
    link: str
    icon: str
    resource: str


def find(term: str) -> Iterator[Found]:
    """At most ten of each kind: five queries, whatever is found."""
    for account in Account.objects.filter(matching(term)).order_by("-pk")[:AT_MOST]:
        yield _found(account, f"{account.name} <{account.email}>", "Account", "person", "accounts")
    number = Q(number=term) | Q(number=term.upper())
    for invoice in Invoice.objects.filter(_or_id(number, term)).select_related("account")[:AT_MOST]:
        yield _found(invoice, str(invoice), f"Invoice of {invoice.account.name}", "receipt_long", "invoices")
    keyed = _or_id(Q(external_key=term), term)
    for subscription in Subscription.objects.filter(keyed).select_related("account", "plan")[:AT_MOST]:
        text = f"{subscription.plan.name}, {subscription.status.lower()}"
        yield _found(subscription, text, f"Subscription of {subscription.account.name}", "autorenew", "subscriptions")
    for payment in Payment.objects.filter(_or_id(Q(gateway_transaction_id=term), term)).select_related("account"):
        text = f"{payment.status.lower()}, {payment.account.name}"
        yield _found(payment, text, "Payment", "payments", "payments")
    for plan in Plan.objects.filter(_or_id(Q(key=term), term))[:AT_MOST]:
        yield _found(plan, plan.name, "Plan", "sell", "plans")


def _or_id(condition: Q, term: str) -> Q:
    try:
        return condition | Q(pk=UUID(term))
    except ValueError:
        return condition


def _found(row: models.Model, title: str, description: str, icon: str, resource: str) -> Found:
    return Found(title, description, page_of(row), icon, resource)
