"""Questions to /graphql, and a small company to ask about."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from apps.access.actions import create_api_key
from apps.accounts.models import Account
from apps.invoices.models import Invoice
from apps.kernel import clock
from apps.kernel.actors import system
from apps.plans.models import Plan
from apps.subscriptions.models import Subscription
from tests.factories.accounts import make_account
from tests.factories.plans import make_plan
from tests.factories.subscriptions import make_subscription, with_card

Ask = Callable[..., Any]


def key_of(role: str) -> str:
    return create_api_key(name=role, role=role, livemode=False, rate_limit=0, at=clock.wall(), actor=system("test"))[1]


def asking(key: str) -> Ask:
    """`ask("{ ... }", id=...)`: the whole answer as JSON; `status` of the HTTP answer is in `ask.status`."""
    client = Client(headers={"Authorization": f"Bearer {key}"})

    def ask(query: str, **variables: Any) -> Any:
        answer = client.post("/graphql", {"query": query, "variables": variables}, content_type="application/json")
        ask.status = answer.status_code  # type: ignore[attr-defined]
        return answer.json()

    return ask


@pytest.fixture
def ask(db: None) -> Ask:
    return asking(key_of("super_admin"))


@dataclass(frozen=True)
class Company:
    """Accounts that each have a subscription, its first invoice and the payment of that."""

    plan: Plan
    accounts: list[Account]
    subscriptions: list[Subscription]

    @property
    def invoices(self) -> list[Invoice]:
        return list(Invoice.objects.order_by("pk"))


def company_of(size: int) -> Company:
    plan = make_plan()
    accounts = [make_account(email=f"{number}@example.com", external_key=f"key-{number}") for number in range(size)]
    for account in accounts:
        with_card(account)
    return Company(plan, accounts, [make_subscription(account=account, plan=plan) for account in accounts])


@pytest.fixture
def company(db: None) -> Company:
    return company_of(3)


def nodes(connection: Any) -> list[Any]:
    return [edge["node"] for edge in connection["edges"]]
