"""Usage and revenue as the API answers with them."""

from apps.analytics.revenue import Revenue
from apps.analytics.usage import Used
from apps.rest.objects import ApiObject
from apps.usage.rules.caps import plain


class UsageTrendObject(ApiObject, kw_only=True, frozen=True):
    """What was used of `metric` in `period`, a month or a day of each account's own time zone.

    `events`: those that count, without voided and replaced ones; `quantity`: their sum; `subscriptions` and `accounts`:
    how many different ones used it.
    """

    period: str
    metric: str
    events: int
    quantity: str
    subscriptions: int
    accounts: int


class RevenueObject(ApiObject, kw_only=True, frozen=True):
    """What the books say of `period`, a month or a day of each account's own time zone, in minor units of `currency`.

    `invoiced`: net of tax; `tax`: of the same; both less what was voided. `credit_notes`: with tax. `written_off`: less
    what is claimed again. `collected`: by the gateway and by bank; `refunded`: less what did not arrive;
    `charged_back`: less what banks gave back. `recognised`: earned. At its end, `deferred`: invoiced, not
    earned yet; `receivable`: what customers owe.
    """

    period: str
    currency: str
    invoiced: int
    tax: int
    credit_notes: int
    written_off: int
    collected: int
    refunded: int
    charged_back: int
    recognised: int
    deferred: int
    receivable: int


def usage_trend_object(found: Used) -> UsageTrendObject:
    """A metric's step."""
    return UsageTrendObject(
        period=found.step,
        metric=found.metric,
        events=found.events,
        quantity=plain(found.quantity),
        subscriptions=found.subscriptions,
        accounts=found.accounts,
    )


def revenue_object(found: Revenue) -> RevenueObject:
    """A currency's step."""
    return RevenueObject(
        period=found.step,
        currency=found.currency,
        invoiced=found.invoiced,
        tax=found.tax,
        credit_notes=found.credit_notes,
        written_off=found.written_off,
        collected=found.collected,
        refunded=found.refunded,
        charged_back=found.charged_back,
        recognised=found.recognised,
        deferred=found.deferred,
        receivable=found.receivable,
    )
