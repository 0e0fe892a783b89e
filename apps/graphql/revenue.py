"""Monthly recurring revenue: of a currency, of an account. All that one operation asks for is summed up together."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any
from uuid import UUID

from apps.analytics.objects import AccountMrrObject, MrrObject, account_mrr_object, mrr_object
from apps.analytics.recurring import Recurring, recurring, recurring_of
from apps.graphql.asking import ACCOUNTS, Asker
from apps.graphql.shapes import object_of
from apps.kernel.currencies import currency as known
from apps.rest.permissions import demand

Mrr = object_of(MrrObject)
AccountMrr = object_of(AccountMrrObject)
RESOURCE = "analytics"


def mrr_of_currency(asker: Asker, code: str) -> Any:
    """What is active in a currency: 0 if nothing is."""
    demand(asker.principal, RESOURCE, "read")
    currency = known(code[:20]).code

    def batch(codes: Sequence[str]) -> list[MrrObject]:
        found = {each.currency: each for each in recurring(codes[0] if len(codes) == 1 else "")}
        return [mrr_object(found.get(each, Recurring(each, Fraction(0), 0))) for each in codes]

    return asker.loader("mrr", batch).load(currency)


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
