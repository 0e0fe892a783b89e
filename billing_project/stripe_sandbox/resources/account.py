"""GET /v1/account: the one account that this sandbox pretends to be."""

from typing import Any

from billing_project.stripe_sandbox.change import Change
from billing_project.stripe_sandbox.errors import missing
from billing_project.stripe_sandbox.resources.route import Route
from billing_project.stripe_sandbox.store import Obj

ACCOUNT_ID = "acct_1SandboxBilling00"
OPENED = 1_735_689_600  # 2025-01-01, the same in every copy


def account() -> Obj:
    return {
        "id": ACCOUNT_ID,
        "object": "account",
        "business_profile": {
            "annual_revenue": None,
            "estimated_worker_count": None,
            "mcc": None,
            "name": "Billing sandbox",
            "product_description": None,
            "support_address": None,
            "support_email": None,
            "support_phone": None,
            "support_url": None,
            "url": None,
        },
        "business_type": "company",
        "capabilities": {"card_payments": "active", "transfers": "active"},
        "charges_enabled": True,
        "company": None,
        "controller": {"type": "account"},
        "country": "US",
        "created": OPENED,
        "default_currency": "usd",
        "details_submitted": True,
        "email": "sandbox@example.com",
        "external_accounts": {
            "object": "list",
            "data": [],
            "has_more": False,
            "url": f"/v1/accounts/{ACCOUNT_ID}/external_accounts",
        },
        "future_requirements": _requirements(),
        "livemode": False,
        "metadata": {},
        "payouts_enabled": True,
        "requirements": _requirements(),
        "settings": {
            "branding": {"icon": None, "logo": None, "primary_color": None, "secondary_color": None},
            "card_payments": {"statement_descriptor_prefix": None},
            "dashboard": {"display_name": "Billing sandbox", "timezone": "Etc/UTC"},
            "payments": {"statement_descriptor": "BILLING SANDBOX"},
            "payouts": {"debit_negative_balances": True, "schedule": {"delay_days": 2, "interval": "daily"}},
        },
        "tos_acceptance": {"date": OPENED, "ip": None, "user_agent": None},
        "type": "standard",
    }


def _requirements() -> Obj:
    return {
        "alternatives": [],
        "current_deadline": None,
        "currently_due": [],
        "disabled_reason": None,
        "errors": [],
        "eventually_due": [],
        "past_due": [],
        "pending_verification": [],
    }


def own(_change: Change, _params: dict[str, Any]) -> Obj:
    return account()


def by_id(_change: Change, _params: dict[str, Any], account_id: str) -> Obj:
    if account_id != ACCOUNT_ID:
        raise missing("account", account_id)
    return account()


ROUTES = (Route("GET", "/v1/account", own), Route("GET", "/v1/accounts/{id}", by_id))
