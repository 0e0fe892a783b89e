"""Movements of monthly recurring revenue, churn and what customers are worth, as the API answers with them."""

from decimal import Decimal

from apps.analytics.movements import Lifetime, Step
from apps.analytics.recovery import share
from apps.analytics.rules import Movement
from apps.rest.objects import ApiObject


class MovementsObject(ApiObject, kw_only=True, frozen=True):
    """How monthly recurring revenue moved in `period`, a month or local day; minor units of `currency`.

    opening + new + reactivation + expansion - contraction - churn = closing, and the opening is the closing before.
    `customers`: accounts that pay at its end.
    """

    period: str
    currency: str
    opening: int
    new: int
    reactivation: int
    expansion: int
    contraction: int
    churn: int
    closing: int
    customers: int


class ChurnObject(ApiObject, kw_only=True, frozen=True):
    """Customers and monthly recurring revenue that were lost in `period`; amounts are minor units of `currency`.

    Involuntary: the subscription ended for want of payment. `churned` are those who pay nothing any more, `contracted`
    is what others pay less; voluntary and involuntary are both together. Rates are of the beginning, 0 or more:
    customers churned; revenue churned and contracted; the same less expansion (below zero where that is more).
    """

    period: str
    currency: str
    customers: int
    customers_churned: int
    customers_voluntary: int
    customers_involuntary: int
    customer_rate: Decimal
    revenue: int
    revenue_churned: int
    revenue_contracted: int
    revenue_voluntary: int
    revenue_involuntary: int
    revenue_rate: Decimal
    net_revenue_rate: Decimal


class LifetimeObject(ApiObject, kw_only=True, frozen=True):
    """What a customer is worth, from the months asked for; minor units of `currency`.

    `average_revenue`: monthly recurring revenue by customer at the end. `customer_churn_rate`: of those who paid at the
    beginning of each month, how many no longer did at its end. `lifetime_months` is one over that rate,
    `lifetime_value` the average revenue times as many months; null while nobody has churned.
    """

    currency: str
    customers: int
    mrr: int
    average_revenue: int
    customer_churn_rate: Decimal
    lifetime_months: Decimal | None
    lifetime_value: int | None


def movements_object(step: Step) -> MovementsObject:
    """A month or day."""
    return MovementsObject(
        period=step.name,
        currency=step.currency,
        opening=step.opening,
        new=step.amount(Movement.NEW),
        reactivation=step.amount(Movement.REACTIVATION),
        expansion=step.amount(Movement.EXPANSION),
        contraction=step.amount(Movement.CONTRACTION),
        churn=step.amount(Movement.CHURN),
        closing=step.closing,
        customers=step.closing_customers,
    )


def churn_object(step: Step) -> ChurnObject:
    """What a month or day lost."""
    churned, contracted = step.amount(Movement.CHURN), step.amount(Movement.CONTRACTION)
    involuntary = sum(step.amount(kind, involuntary=True) for kind in (Movement.CHURN, Movement.CONTRACTION))
    return ChurnObject(
        period=step.name,
        currency=step.currency,
        customers=step.customers,
        customers_churned=step.count(Movement.CHURN),
        customers_voluntary=step.count(Movement.CHURN, involuntary=False),
        customers_involuntary=step.count(Movement.CHURN, involuntary=True),
        customer_rate=step.churn_rate,
        revenue=step.opening,
        revenue_churned=churned,
        revenue_contracted=contracted,
        revenue_voluntary=churned + contracted - involuntary,
        revenue_involuntary=involuntary,
        revenue_rate=share(churned + contracted, step.opening),
        net_revenue_rate=share(churned + contracted - step.amount(Movement.EXPANSION), step.opening),
    )


def lifetime_object(found: Lifetime) -> LifetimeObject:
    """A currency's."""
    return LifetimeObject(
        currency=found.currency,
        customers=found.customers,
        mrr=found.monthly,
        average_revenue=found.average,
        customer_churn_rate=found.churn_rate,
        lifetime_months=found.months,
        lifetime_value=found.value,
    )
