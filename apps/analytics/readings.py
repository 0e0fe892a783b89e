"""The gauges of revenue, read by web as those of monitoring are."""

from apps.analytics.recurring import recurring
from apps.kernel.currencies import currency
from apps.monitoring.collectors import Samples, bounded, register


def mrr() -> Samples:
    """By currency, in major units, never converted."""
    with bounded():
        found = recurring()
    return [([each.currency], float(each.monthly / 10 ** currency(each.currency).exponent)) for each in found]


def revenue_per_customer() -> Samples:
    """The same, by those who pay."""
    with bounded():
        found = [each for each in recurring() if each.customers]
    return [
        ([each.currency], float(each.monthly / each.customers / 10 ** currency(each.currency).exponent))
        for each in found
    ]


register("mrr_dollars", "Monthly recurring revenue, in the currency's major unit", ["currency"], mrr)
register(
    "revenue_per_customer_dollars", "The same by paying customer", ["currency"], revenue_per_customer
)  # fmt: skip
