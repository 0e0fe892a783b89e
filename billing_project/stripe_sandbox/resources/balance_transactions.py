"""/v1/balance_transactions: what a charge or refund does to the balance; every currency settles in itself."""

from typing import Any

from billing_project.stripe_sandbox.change import Change
from billing_project.stripe_sandbox.params import LISTING, Kind
from billing_project.stripe_sandbox.render import listing
from billing_project.stripe_sandbox.resources.route import Route
from billing_project.stripe_sandbox.store import Obj

URL = "/v1/balance_transactions"
SETTLING = 2 * 24 * 3600


def record(
    change: Change, kind: str, source: Obj, amount: int, *, category: str | None = None, fee: int | None = None
) -> Obj:
    """Fees are those of Stripe's public price list, 2.9 % + 30, and are not given back with a refund."""
    if fee is None:
        fee = (amount * 29 + 500) // 1000 + 30 if kind == "charge" else 0
    details = [
        {
            "amount": fee,
            "application": None,
            "currency": source["currency"],
            "description": "Stripe processing fees",
            "type": "stripe_fee",
        }
    ]
    return change.put(
        {
            "id": change.new_id("balance_transaction"),
            "object": "balance_transaction",
            "amount": amount,
            "available_on": change.now + SETTLING,
            "balance_type": "payments",
            "created": change.now,
            "currency": source["currency"],
            "description": source.get("description"),
            "exchange_rate": None,
            "fee": fee,
            "fee_details": details if fee else [],
            "net": amount - fee,
            "reporting_category": category or kind,
            "source": source["id"],
            "status": "pending",
            "type": kind,
        }
    )


def retrieve(change: Change, _params: dict[str, Any], transaction_id: str) -> Obj:
    return change.get("balance_transaction", transaction_id)


def all_transactions(change: Change, params: dict[str, Any]) -> Obj:
    filters = {"source": params.get("source"), "type": params.get("type")}
    currency = params.get("currency")
    return listing(
        change,
        "balance_transaction",
        params,
        URL,
        filters,
        keep=(lambda row: row.load()["currency"] == currency) if currency else None,
    )


ROUTES = (
    Route(
        "GET", URL, all_transactions, {**LISTING, "source": Kind.STRING, "type": Kind.STRING, "currency": Kind.STRING}
    ),
    Route("GET", URL + "/{id}", retrieve),
)
