"""What is active now, as monthly recurring revenue by currency: one query over sets, for a gauge that is read often."""

from dataclasses import dataclass
from fractions import Fraction

from django.db import connection

# A month of one price: 12 seats at 99900 a year are 99900. Discounts that recur come off: percentages one after the
# other, then fixed amounts, never below zero. A coupon of an account counts for each of its subscriptions.
_ACTIVE = """
WITH active AS (
    SELECT subscription.id, subscription.plan_id, subscription.account_id, price.currency,
           price.amount::numeric * subscription.quantity AS amount,
           CASE version.interval WHEN 'year' THEN 1.0 / 12 WHEN 'month' THEN 1
                WHEN 'week' THEN 52.0 / 12 ELSE 365.0 / 12 END / version.interval_count AS monthly
    FROM subscriptions_subscription AS subscription
    JOIN accounts_account AS account ON account.id = subscription.account_id
    JOIN plans_planversion AS version ON version.id = subscription.plan_version_id
    JOIN plans_price AS price ON price.plan_version_id = version.id AND price.currency = account.currency
    WHERE subscription.status = 'ACTIVE'
), off AS (
    SELECT active.id,
           exp(coalesce(sum(ln(greatest(1 - coupon.percent_off / 100, 1e-12)))
               FILTER (WHERE coupon.percent_off IS NOT NULL), 0)) AS kept,
           coalesce(sum(coupon.amount_off) FILTER (WHERE coupon.currency = active.currency), 0) AS fixed
    FROM active
    JOIN coupons_attachment AS held ON held.detached_at IS NULL
        AND (held.subscription_id = active.id OR held.subscription_id IS NULL AND held.account_id = active.account_id)
    JOIN coupons_coupon AS coupon ON coupon.id = held.coupon_id
        AND (coupon.plan_ids = '{}' OR active.plan_id = ANY(coupon.plan_ids))
    WHERE coupon.duration = 'forever' OR coupon.duration = 'repeating' AND coupon.duration_periods > (
        SELECT count(*) FROM coupons_couponuse AS used WHERE used.attachment_id = held.id AND used.returned_at IS NULL)
    GROUP BY active.id
)
SELECT active.currency,
       sum(greatest(active.amount * coalesce(off.kept, 1) - coalesce(off.fixed, 0), 0) * active.monthly),
       count(DISTINCT active.account_id) FILTER (WHERE active.amount > 0)
FROM active LEFT JOIN off ON off.id = active.id
GROUP BY active.currency ORDER BY active.currency
"""


@dataclass(frozen=True)
class Recurring:
    """One currency's, in minor units, exact but for what numeric division leaves; and who pays it."""

    currency: str
    monthly: Fraction
    customers: int


def recurring() -> list[Recurring]:
    """Of ACTIVE subscriptions; trials and pauses count nothing."""
    with connection.cursor() as cursor:
        cursor.execute(_ACTIVE)
        return [Recurring(currency, Fraction(monthly), customers) for currency, monthly, customers in cursor.fetchall()]
