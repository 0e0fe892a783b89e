"""Monthly recurring revenue now: of a currency, of accounts. Of all accounts, also of those on test clocks."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db import connection

from apps.accounts.queries import accounts
from apps.kernel.membership import among, array

_BY_CURRENCY = """
SELECT currency, sum(amount),
       sum(CASE WHEN kind IN ('new', 'reactivation') THEN 1 WHEN kind = 'churn' THEN -1 ELSE 0 END)
FROM analytics_mrrmovement WHERE %(currency)s = '' OR currency = %(currency)s GROUP BY currency ORDER BY currency
"""
_BY_ACCOUNT = """
SELECT asked.id, newest.level
FROM unnest(%s::uuid[]) AS asked (id)
CROSS JOIN LATERAL (
    SELECT level FROM analytics_mrrmovement WHERE account_id = asked.id ORDER BY sequence DESC LIMIT 1) AS newest
"""


@dataclass(frozen=True)
class Recurring:
    """One currency's, in minor units with twelve digits; and how many accounts pay some of it."""

    currency: str
    monthly: Decimal
    customers: int


@dataclass(frozen=True)
class AccountRecurring:
    """One account's, in minor units of its currency, with twelve digits."""

    account_id: UUID
    currency: str
    monthly: Decimal


def recurring(currency: str = "") -> list[Recurring]:
    """In one currency or in all, the sum of all movements; what nobody ever paid for is left out. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_BY_CURRENCY, {"currency": currency})
        return [Recurring(code, monthly, int(customers)) for code, monthly, customers in cursor.fetchall()]


def recurring_of(account_ids: Collection[UUID]) -> dict[UUID, AccountRecurring]:
    """The same of each of these accounts, 0 where nothing is active; those that do not exist are left out."""
    with connection.cursor() as cursor:
        cursor.execute(_BY_ACCOUNT, [array(account_ids)])
        levels = dict(cursor.fetchall())
    known = accounts().filter(among("pk", account_ids)).order_by().values_list("pk", "currency")
    return {pk: AccountRecurring(pk, currency, levels.get(pk, Decimal(0))) for pk, currency in known}
