"""Monthly recurring revenue: of a currency, of an account. All that one operation asks for is summed up together."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from apps.analytics.asked import asked
from apps.analytics.movements import movements
from apps.analytics.objects import AccountMrrObject, MrrObject, account_mrr_object, mrr_object
from apps.analytics.objects_movements import ChurnObject, churn_object
from apps.analytics.recurring import Recurring, recurring, recurring_of
from apps.graphql.asking import ACCOUNTS, Asker
from apps.graphql.shapes import object_of
from apps.kernel.currencies import currency as known
from apps.rest.permissions import demand

Mrr = object_of(MrrObject)
Churn = object_of(ChurnObject)
AccountMrr = object_of(AccountMrrObject)
RESOURCE = "analytics"


def mrr_of_currency(asker: Asker, code: str) -> Any:
    """What is active in a currency: 0 if nothing is."""
    demand(asker.principal, RESOURCE, "read")
    currency = known(code[:20]).code

    def batch(codes: Sequence[str]) -> list[MrrObject]:
        found = {each.currency: each for each in recurring(codes[0] if len(codes) == 1 else "")}
        return [mrr_object(found.get(each, Recurring(each, Decimal(0), 0))) for each in codes]

    return asker.loader("mrr", batch).load(currency)


def churn_of_month(asker: Asker, code: str, month: str | None, clock_id: str | None) -> Any:
    """What a currency lost in a month, this one if none is named; null before anybody paid in it."""
    demand(asker.principal, RESOURCE, "read")
    given = {"currency": known(code[:20]).code, "from": month, "to": month, "test_clock_id": clock_id}
    period = asked({name: value for name, value in given.items() if value})
    found = movements(replace(period, first=period.last.replace(day=1)))
    return churn_object(found[0]) if found else None


def mrr_of_account(asker: Asker, account_id: str) -> Any:
    """What an account has active; null where there is no such account, which the caller must be allowed to see."""
    demand(asker.principal, RESOURCE, "read")
    ACCOUNTS.visible(asker)

    def batch(ids: Sequence[UUID]) -> list[AccountMrrObject | None]:
        found = recurring_of(ids)
        return [account_mrr_object(found[each]) if each in found else None for each in ids]

    try:
        return asker.loader("account_mrr", batch).load(UUID(account_id))
    except ValueError:
        return None
