"""Figures as the API answers with them."""

from decimal import Decimal
from uuid import UUID

from apps.analytics.recovery import Group
from apps.analytics.recurring import AccountRecurring, Recurring
from apps.kernel.money import rounded
from apps.rest.objects import ApiObject


class MrrObject(ApiObject, kw_only=True, frozen=True):
    """What is active now, as revenue of a month in minor units of `currency`: recurring prices net of discounts that
    recur, without tax, usage and one-off items. `customers`: accounts that pay some of it.
    """

    currency: str
    amount: int
    customers: int


class AccountMrrObject(ApiObject, kw_only=True, frozen=True):
    """The same of one account, in minor units of its currency."""

    account_id: UUID
    currency: str
    amount: int


class RecoveredObject(ApiObject, kw_only=True, frozen=True):
    """What recovered `cases` invoices: the first payment that succeeded after the failure.

    `origin`: retry (the first to fourth, as `retry` says), method (new, or works again), page (the customer on the
    invoice's page), person (staff or the API), transfer, unknown (before it was kept); null: not recovered. `message`:
    the kind of the newest message about the invoice in the week before the customer or a person acted.
    """

    origin: str | None
    retry: int | None
    message: str | None
    cases: int
    failed_amount: int
    recovered_amount: int
    median_days: Decimal | None


class RecoveryObject(ApiObject, kw_only=True, frozen=True):
    """Invoices whose payment failed for the first time in `month` (local), and what became of them; minor units.

    `reason`: the gateway's code, null for all together (then `by` is empty). `rate`: recovered of failed, 0 to 1.
    `rate_within_10_days`: within ten days, of those that are ten days old; null while none is. `subscriptions_kept`: of
    recovered invoices, going on; `subscriptions_lost`: cancelled for nonpayment.
    """

    month: str
    currency: str
    reason: str | None
    cases: int
    recovered_cases: int
    failed_amount: int
    recovered_amount: int
    rate: Decimal
    rate_within_10_days: Decimal | None
    median_days: Decimal | None
    subscriptions_kept: int
    subscriptions_lost: int
    by: list[RecoveredObject]


def recovery_object(group: Group) -> RecoveryObject:
    """A group of cases."""
    return RecoveryObject(
        month=group.month,
        currency=group.currency,
        reason=group.reason,
        cases=group.cases,
        recovered_cases=group.recovered_cases,
        failed_amount=group.failed,
        recovered_amount=group.recovered,
        rate=group.rate,
        rate_within_10_days=group.ripe_rate,
        median_days=group.median_days,
        subscriptions_kept=group.kept,
        subscriptions_lost=group.lost,
        by=[
            RecoveredObject(
                origin=each.origin,
                retry=each.retry,
                message=each.message,
                cases=each.cases,
                failed_amount=each.failed,
                recovered_amount=each.amount,
                median_days=each.median_days,
            )
            for each in group.by
        ],
    )


def mrr_object(found: Recurring) -> MrrObject:
    """A currency's, rounded once."""
    return MrrObject(currency=found.currency, amount=rounded(found.monthly), customers=found.customers)


def account_mrr_object(found: AccountRecurring) -> AccountMrrObject:
    """An account's, rounded once."""
    return AccountMrrObject(account_id=found.account_id, currency=found.currency, amount=rounded(found.monthly))
