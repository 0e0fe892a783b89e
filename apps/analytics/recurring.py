"""What is active now, as monthly recurring revenue by currency or by account; prices that are alike come as one row."""

from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.db import connection

from apps.accounts.queries import accounts
from apps.analytics.rules import monthly
from apps.kernel.membership import among, array

# A coupon of an account counts for each of its subscriptions. `whose`: nobody's own, or each account's.
_ACTIVE = """
WITH active AS (
    SELECT subscription.id, subscription.plan_id, subscription.account_id, price.currency,
           price.amount * subscription.quantity::bigint AS amount, version.interval, version.interval_count
    FROM subscriptions_subscription AS subscription
    JOIN accounts_account AS account ON account.id = subscription.account_id
    JOIN plans_planversion AS version ON version.id = subscription.plan_version_id
    JOIN plans_price AS price ON price.plan_version_id = version.id AND price.currency = account.currency
    WHERE subscription.status = 'ACTIVE' AND {which}
), off AS (
    SELECT active.id,
           array_agg(coupon.percent_off ORDER BY held.id) FILTER (WHERE coupon.percent_off IS NOT NULL) AS percents,
           coalesce(sum(coupon.amount_off) FILTER (WHERE coupon.currency = active.currency), 0)::bigint AS fixed
    FROM active
    JOIN coupons_attachment AS held ON held.detached_at IS NULL
        AND (held.subscription_id = active.id OR held.subscription_id IS NULL AND held.account_id = active.account_id)
    JOIN coupons_coupon AS coupon ON coupon.id = held.coupon_id
        AND (coupon.plan_ids = '{{}}' OR active.plan_id = ANY(coupon.plan_ids))
    WHERE coupon.duration = 'forever' OR coupon.duration = 'repeating' AND coupon.duration_periods > (
        SELECT count(*) FROM coupons_couponuse AS used WHERE used.attachment_id = held.id AND used.returned_at IS NULL)
    GROUP BY active.id
)
SELECT {whose}, active.amount, active.interval, active.interval_count,
       coalesce(off.percents, '{{}}'), coalesce(off.fixed, 0), count(*)
FROM active LEFT JOIN off ON off.id = active.id
GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1
"""
_BY_CURRENCY = _ACTIVE.format(whose="active.currency", which="(%(currency)s = '' OR account.currency = %(currency)s)")
_BY_ACCOUNT = _ACTIVE.format(whose="active.account_id", which="subscription.account_id = ANY(%(accounts)s::uuid[])")
_CUSTOMERS = """
SELECT price.currency, count(DISTINCT subscription.account_id)
FROM subscriptions_subscription AS subscription
JOIN accounts_account AS account ON account.id = subscription.account_id
JOIN plans_price AS price
    ON price.plan_version_id = subscription.plan_version_id AND price.currency = account.currency
WHERE subscription.status = 'ACTIVE' AND price.amount > 0
  AND (%(currency)s = '' OR account.currency = %(currency)s)
GROUP BY price.currency
"""


@dataclass(frozen=True)
class Recurring:
    """One currency's, in minor units, exact; and who pays it."""

    currency: str
    monthly: Fraction
    customers: int


@dataclass(frozen=True)
class AccountRecurring:
    """One account's, in minor units of its currency, exact."""

    account_id: UUID
    currency: str
    monthly: Fraction


def recurring(currency: str = "") -> list[Recurring]:
    """Of ACTIVE subscriptions, in one currency or in all; trials and pauses count nothing. Two queries."""
    asked = {"currency": currency}
    sums = _sums(_BY_CURRENCY, asked)
    with connection.cursor() as cursor:
        cursor.execute(_CUSTOMERS, asked)
        customers = dict(cursor.fetchall())
    return [Recurring(code, value, customers.get(code, 0)) for code, value in sums.items()]


def recurring_of(account_ids: Collection[UUID]) -> dict[UUID, AccountRecurring]:
    """The same of each of these accounts, 0 where nothing is active; those that do not exist are left out."""
    sums = _sums(_BY_ACCOUNT, {"accounts": array(account_ids)})
    known = accounts().filter(among("pk", account_ids)).order_by().values_list("pk", "currency")
    return {pk: AccountRecurring(pk, currency, sums.get(pk, Fraction(0))) for pk, currency in known}


def _sums(statement: str, asked: dict[str, Any]) -> dict[Any, Fraction]:
    """What each of those that the rows begin with comes to in a month."""
    sums: dict[Any, Fraction] = {}
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        for whose, amount, interval, count, percents, fixed, number in cursor.fetchall():
            one = monthly(amount, interval, count, percents, fixed)
            sums[whose] = sums.get(whose, Fraction(0)) + one * number
    return sums
