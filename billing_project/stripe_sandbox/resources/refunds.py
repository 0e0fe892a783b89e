"""/v1/refunds: never above what is left of the charge."""

import time
from typing import Any

from billing_project.stripe_sandbox.banks import is_bank
from billing_project.stripe_sandbox.cards import CARDS
from billing_project.stripe_sandbox.change import Change, public
from billing_project.stripe_sandbox.errors import invalid
from billing_project.stripe_sandbox.params import LISTING, Kind, merged
from billing_project.stripe_sandbox.render import listing
from billing_project.stripe_sandbox.resources import balance_transactions
from billing_project.stripe_sandbox.resources.route import Route
from billing_project.stripe_sandbox.store import WAITING, Obj

URL = "/v1/refunds"
REASONS = (None, "duplicate", "fraudulent", "requested_by_customer")


def create(change: Change, params: dict[str, Any]) -> Obj:
    charge = _charge(change, params)
    if params.get("reason") not in REASONS:
        raise invalid("Invalid reason: must be one of duplicate, fraudulent, or requested_by_customer", "reason")
    left = charge["amount"] - charge["amount_refunded"]
    if left == 0:
        raise invalid(f"Charge {charge['id']} has already been refunded.", "charge", "charge_already_refunded")
    if _taken_back(change, charge):
        raise invalid(
            f"Charge {charge['id']} has been charged back; cannot issue a refund.", "charge", "charge_disputed"
        )
    amount = left if params.get("amount") is None else params["amount"]
    if amount < 1:
        raise invalid("This value must be greater than or equal to 1.", "amount", "parameter_invalid_integer")
    if amount > left:
        raise invalid(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left}).",
            "amount",
            "amount_too_large",
        )
    refund: Obj = {
        "id": change.new_id("refund"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": change.now,
        "currency": charge["currency"],
        "description": None,
        "destination_details": {
            "card": {"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund"},
            "type": "card",
        },
        "failure_balance_transaction": None,
        "failure_reason": None,
        "metadata": merged({}, params.get("metadata")),
        "payment_intent": charge["payment_intent"],
        "reason": params.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }
    manner = _manner(change, charge)
    if manner == "later":
        refund["status"] = "pending"
    if manner != "at_once":
        refund |= {WAITING: "yes", "_fails": manner == "fails", "_settles_at": time.time() + change.store.debit_seconds}
    refund["balance_transaction"] = balance_transactions.record(change, "refund", refund, -amount)["id"]
    change.put(refund)
    before = {name: charge[name] for name in ("amount_refunded", "refunded")}
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    change.put(charge)
    change.emit("refund.created", refund)
    change.emit("charge.refunded", charge, {name: value for name, value in before.items() if charge[name] != value})
    return refund


def finish(change: Change, refund: Obj) -> Obj:
    """The bank's later word: it has arrived, or cannot be paid out and comes back to the balance."""
    refund.pop(WAITING, None)
    before = refund["status"]
    if not refund["_fails"]:
        refund["status"] = "succeeded"
        change.put(refund)
        change.emit("refund.updated", refund, {"status": before})
        return refund
    back = balance_transactions.record(change, "refund_failure", refund, refund["amount"])
    refund |= {"status": "failed", "failure_reason": "unknown", "failure_balance_transaction": back["id"]}
    change.put(refund)
    charge = change.get("charge", refund["charge"])
    charge |= {"amount_refunded": charge["amount_refunded"] - refund["amount"], "refunded": False}
    change.put(charge)
    change.emit("refund.updated", refund, {"status": before})
    change.emit("refund.failed", refund)
    return refund


def _manner(change: Change, charge: Obj) -> str:
    """At once, later, or it fails in the end: by the card; a bank account's refunds take their time."""
    method = change.find("payment_method", charge["payment_method"])
    if method is None or is_bank(method):
        return "later"
    return CARDS[method["_card"]].refund


def _taken_back(change: Change, charge: Obj) -> bool:
    """Whether a dispute holds the money, or has taken it for good."""
    dispute = change.find("dispute", charge["dispute"] or "")
    return dispute is not None and not dispute["status"].startswith("warning_") and dispute["status"] != "won"


def _charge(change: Change, params: dict[str, Any]) -> Obj:
    charge_id = params.get("charge")
    if params.get("payment_intent"):
        intent = change.get("payment_intent", params["payment_intent"], "payment_intent")
        if charge_id and charge_id != intent["latest_charge"]:
            raise invalid("The charge does not belong to the payment intent.", "charge")
        if intent["status"] != "succeeded":
            raise invalid(
                f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.", "payment_intent"
            )
        charge_id = intent["latest_charge"]
    if not charge_id:
        raise invalid("One of the following params should be provided for this request: payment_intent or charge.")
    charge = change.get("charge", charge_id, "charge")
    if not charge["paid"]:
        raise invalid(f"Charge {charge_id} was not successful and cannot be refunded.", "charge")
    return charge


def retrieve(change: Change, _params: dict[str, Any], refund_id: str) -> Obj:
    return change.get("refund", refund_id)


def update(change: Change, params: dict[str, Any], refund_id: str) -> Obj:
    refund = change.get("refund", refund_id)
    before = public(refund)
    refund["metadata"] = merged(refund["metadata"], params.get("metadata"))
    change.put(refund)
    if refund["metadata"] != before["metadata"]:
        change.emit("refund.updated", refund, {"metadata": before["metadata"]})
    return refund


def all_refunds(change: Change, params: dict[str, Any]) -> Obj:
    filters = {"charge": params.get("charge"), "payment_intent": params.get("payment_intent")}
    return listing(change, "refund", params, URL, filters)


_CREATE: dict[str, Kind] = {
    "charge": Kind.STRING,
    "payment_intent": Kind.STRING,
    "amount": Kind.INTEGER,
    "reason": Kind.STRING,
    "metadata": Kind.METADATA,
}
ROUTES = (
    Route("POST", URL, create, _CREATE),
    Route("GET", URL, all_refunds, {**LISTING, "charge": Kind.STRING, "payment_intent": Kind.STRING}),
    Route("GET", URL + "/{id}", retrieve),
    Route("POST", URL + "/{id}", update, {"metadata": Kind.METADATA}),
)
