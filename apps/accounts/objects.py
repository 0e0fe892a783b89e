"""The account as the API answers with it and events carry it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.accounts.models import Account
from apps.accounts.queries import net_terms
from apps.accounts.registry import contributed
from apps.accounts.rules import OverdueStatus
from apps.rest.objects import ApiObject


class AccountObject(ApiObject, kw_only=True, frozen=True):
    """One who is billed. Amounts are minor units of `currency`. `deleted_at`: since when nothing is sold to it."""

    id: UUID
    external_key: str | None
    email: str
    name: str
    currency: str
    timezone: str
    locale: str
    country: str
    address: dict[str, str]
    tax_exempt: bool
    tax_id: str | None
    net_terms_days: int
    invoice_grouping: str
    purchase_order: str | None
    buyer_reference: str | None
    overdue_status: OverdueStatus
    dispute_hold: bool
    default_payment_method_id: UUID | None
    credit_balance: int
    test_clock_id: UUID | None
    metadata: dict[str, Any]
    deleted_at: datetime | None
    created_at: datetime
    updated_at: datetime
    url: str


def account_objects(accounts: Sequence[Account]) -> list[AccountObject]:
    """The objects of these accounts, in their order; one query per contributed field."""
    extra = contributed([account.pk for account in accounts])
    return [
        AccountObject(
            id=account.pk,
            external_key=account.external_key,
            email=account.email,
            name=account.name,
            currency=account.currency,
            timezone=account.timezone,
            locale=account.locale,
            country=account.country,
            address=account.address,
            tax_exempt=account.tax_exempt,
            tax_id=account.tax_id or None,
            net_terms_days=net_terms(account),
            invoice_grouping=account.invoice_grouping,
            purchase_order=account.purchase_order or None,
            buyer_reference=account.buyer_reference or None,
            overdue_status=OverdueStatus(account.overdue_status),
            dispute_hold=account.dispute_hold,
            default_payment_method_id=extra[account.pk].get("default_payment_method_id"),
            credit_balance=extra[account.pk].get("credit_balance", 0),
            test_clock_id=account.test_clock_id,
            metadata=account.metadata,
            deleted_at=account.deleted_at,
            created_at=account.created_at,
            updated_at=account.updated_at,
            url=f"/v1/accounts/{account.pk}",
        )
        for account in accounts
    ]
