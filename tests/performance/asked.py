"""What bench_api asks: each kind of request, of another row each time."""

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any
from uuid import UUID, uuid4

from django.db import connection

from apps.kernel import clock
from apps.kernel.actors import system
from apps.plans import actions as plans
from tests.performance.clients import Wanted

ROWS = 5000
NESTED = """
query ($id: ID!) {
  account(id: $id) {
    name
    subscriptions(first: 20) {
      edges { node { id status quantity
        invoices(first: 5) { edges { node { number total balance lines { description amount } } } }
      } }
    }
  }
}
"""


@dataclass(frozen=True)
class Kind:
    """Requests of one kind; safe to be asked of by many threads, for an iterator's next is one step."""

    following: Callable[[], Wanted]
    status: int = 200
    connections: int = 0


def _gets(*paths: str, ids: Sequence[Sequence[Any]]) -> Callable[[], Wanted]:
    made = [
        Wanted("GET", path.format(id)) for row in zip(*ids, strict=False) for path, id in zip(paths, row, strict=True)
    ]
    return cycle(made).__next__


def _ids(table: str, where: str = "true") -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM {table} TABLESAMPLE SYSTEM (20) WHERE {where} LIMIT 200000")
        found = [id for (id,) in cursor.fetchall()]
    random.Random(7).shuffle(found)
    return found[:ROWS]


def kinds() -> dict[str, Kind]:
    accounts = _ids("accounts_account", "test_clock_id IS NULL")
    subscriptions, invoices = _ids("subscriptions_subscription"), _ids("invoices_invoice")
    each = [accounts, subscriptions, invoices]
    one = _gets("/v1/accounts/{}", "/v1/subscriptions/{}", "/v1/invoices/{}", ids=each)
    bare = _gets("/bare/accounts/{}", "/bare/subscriptions/{}", "/bare/invoices/{}", ids=each)
    lists = _gets("/v1/invoices?limit=20", "/v1/subscriptions?limit=20", "/v1/accounts?limit=20", ids=each)
    filtered = _gets(
        "/v1/invoices?account_id={}", "/v1/subscriptions?account_id={}&status=ACTIVE", "/v1/invoices?status=OPEN",
        ids=[accounts, accounts[::-1], accounts],
    )  # fmt: skip
    expanded = "/v1/accounts/{}?expand=default_payment_method,latest_invoice"
    return {
        "get_one": Kind(one),
        "get_one_bare": Kind(bare),
        "list": Kind(lists),
        "filtered_list": Kind(filtered),
        "expanded": Kind(_gets(expanded, ids=[accounts])),
        "access": Kind(_gets("/v1/accounts/{}/access?feature=seats", ids=[accounts]), connections=1),
        "graphql": Kind(_nested(accounts)),
        "create_subscription": Kind(_subscribing(), status=201),
    }


def _nested(accounts: Sequence[UUID]) -> Callable[[], Wanted]:
    bodies = [json.dumps({"query": NESTED, "variables": {"id": str(id)}}).encode() for id in accounts]
    return cycle([Wanted("POST", "/graphql", body) for body in bodies]).__next__


def _subscribing() -> Callable[[], Wanted]:
    """Each account once, to a plan that nobody has yet."""
    plan = plans.create(
        fields={"key": f"bench-{uuid4().hex[:8]}", "name": "Bench", "interval": "month", "features": {"seats": 5},
                "prices": {"USD": 4900, "EUR": 4900, "GBP": 4900}},
        at=clock.wall(), actor=system("bench"),
    )  # fmt: skip
    wishes = ({"account_id": str(id), "plan_id": str(plan.pk), "quantity": 2} for id in _payers())
    return (Wanted("POST", "/v1/subscriptions", json.dumps(wish).encode()) for wish in wishes).__next__


def _payers() -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM accounts_account WHERE test_clock_id IS NULL AND overdue_status = 'CURRENT'")
        found = [id for (id,) in cursor.fetchall()]
    random.shuffle(found)
    return found
