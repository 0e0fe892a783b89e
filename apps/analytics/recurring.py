"""What is active now, as monthly recurring revenue by currency; prices that are alike come as one row."""

from dataclasses import dataclass
from fractions import Fraction

from django.db import connection

from apps.analytics.rules import monthly

# Prices that are alike come as one row. A coupon of an account counts for each of its subscriptions.
_ACTIVE = """
WITH active AS (
    SELECT subscription.id, subscription.plan_id, subscription.account_id, price.currency,
           price.amount * subscription.quantity::bigint AS amount, version.interval, version.interval_count
    FROM subscriptions_subscription AS subscription
    JOIN accounts_account AS account ON account.id = subscription.account_id
    JOIN plans_planversion AS version ON version.id = subscription.plan_version_id
    JOIN plans_price AS price ON price.plan_version_id = version.id AND price.currency = account.currency
    WHERE subscription.status = 'ACTIVE'
), off AS (
    SELECT active.id,
           array_agg(coupon.percent_off ORDER BY held.id) FILTER (WHERE coupon.percent_off IS NOT NULL) AS percents,
           coalesce(sum(coupon.amount_off) FILTER (WHERE coupon.currency = active.currency), 0)::bigint AS fixed
    FROM active
    JOIN coupons_attachment AS held ON held.detached_at IS NULL
        AND (held.subscription_id = active.id OR held.subscription_id IS NULL AND held.account_id = active.account_id)
    JOIN coupons_coupon AS coupon ON coupon.id = held.coupon_id
        AND (coupon.plan_ids = '{}' OR active.plan_id = ANY(coupon.plan_ids))
    WHERE coupon.duration = 'forever' OR coupon.duration = 'repeating' AND coupon.duration_periods > (
        SELECT count(*) FROM coupons_couponuse AS used WHERE used.attachment_id = held.id AND used.returned_at IS NULL)
    GROUP BY active.id
)
SELECT active.currency, active.amount, active.interval, active.interval_count,
       coalesce(off.percents, '{}'), coalesce(off.fixed, 0), count(*)
FROM active LEFT JOIN off ON off.id = active.id
GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1
"""
_CUSTOMERS = """
SELECT price.currency, count(DISTINCT subscription.account_id)
FROM subscriptions_subscription AS subscription
JOIN accounts_account AS account ON account.id = subscription.account_id
JOIN plans_price AS price
    ON price.plan_version_id = subscription.plan_version_id AND price.currency = account.currency
WHERE subscription.status = 'ACTIVE' AND price.amount > 0
GROUP BY price.currency
"""


@dataclass(frozen=True)
class Recurring:
    """One currency's, in minor units, exact; and who pays it."""

    currency: str
    monthly: Fraction
    customers: int


def recurring() -> list[Recurring]:
    """Of ACTIVE subscriptions; trials and pauses count nothing. Two queries."""
    sums: dict[str, Fraction] = {}
    with connection.cursor() as cursor:
        cursor.execute(_ACTIVE)
        for currency, amount, interval, count, percents, fixed, number in cursor.fetchall():
            one = monthly(amount, interval, count, percents, fixed)
            sums[currency] = sums.get(currency, Fraction(0)) + one * number
        cursor.execute(_CUSTOMERS)
        customers = dict(cursor.fetchall())
    return [Recurring(currency, value, customers.get(currency, 0)) for currency, value in sums.items()]
