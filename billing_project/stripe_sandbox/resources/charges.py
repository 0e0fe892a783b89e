"""/v1/charges: made by payment intents only; read, listed, and their metadata altered here."""

from typing import Any

from billing_project.stripe_sandbox.cards import Decline
from billing_project.stripe_sandbox.change import Change, public
from billing_project.stripe_sandbox.params import LISTING, Kind, merged
from billing_project.stripe_sandbox.render import listing
from billing_project.stripe_sandbox.resources import balance_transactions
from billing_project.stripe_sandbox.resources.route import Route
from billing_project.stripe_sandbox.store import Obj

URL = "/v1/charges"


def make(change: Change, intent: Obj, method: Obj, decline: Decline | None, *, pending: bool = False) -> Obj:
    """One attempt on a card, succeeded or failed; or a debit that its bank has yet to answer (`pending`)."""
    paid = decline is None and not pending
    charge: Obj = {
        "id": change.new_id("charge"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if paid else 0,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": intent["statement_descriptor"] or "BILLING SANDBOX",
        "captured": paid,
        "created": change.now,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "destination": None,
        "dispute": None,
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": None if decline is None else decline.code,
        "failure_message": None if decline is None else decline.message,
        "fraud_details": {},
        "livemode": False,
        "metadata": dict(intent["metadata"]),
        "on_behalf_of": None,
        "order": None,
        "outcome": _outcome(decline),
        "paid": paid,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": _details(method, intent["amount"]),
        "receipt_email": intent["receipt_email"],
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "review": None,
        "shipping": intent["shipping"],
        "source": None,
        "source_transfer": None,
        "statement_descriptor": intent["statement_descriptor"],
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "status": "pending" if pending else "succeeded" if paid else "failed",
        "transfer_data": None,
        "transfer_group": None,
    }
    if pending:
        change.put(charge)
        change.emit("charge.pending", charge)
        return charge
    return settle(change, charge, decline)


def settle(change: Change, charge: Obj, decline: Decline | None) -> Obj:
    """Succeeded, or failed for `decline`."""
    paid = decline is None
    charge |= {
        "amount_captured": charge["amount"] if paid else 0,
        "captured": paid,
        "failure_code": None if decline is None else decline.code,
        "failure_message": None if decline is None else decline.message,
        "outcome": _outcome(decline),
        "paid": paid,
        "status": "succeeded" if paid else "failed",
    }
    if paid:
        charge["balance_transaction"] = balance_transactions.record(change, "charge", charge, charge["amount"])["id"]
        charge["receipt_url"] = f"{change.base_url}/_sandbox/receipts/{charge['id']}"
    change.put(charge)
    change.emit("charge.succeeded" if paid else "charge.failed", charge)
    return charge


def _outcome(decline: Decline | None) -> Obj:
    if decline is None:
        return {
            "advice_code": None,
            "network_advice_code": None,
            "network_decline_code": None,
            "network_status": "approved_by_network",
            "reason": None,
            "risk_level": "normal",
            "risk_score": 20,
            "seller_message": "Payment complete.",
            "type": "authorized",
        }
    return {
        "advice_code": "try_again_later",
        "network_advice_code": None,
        "network_decline_code": "01",
        "network_status": "declined_by_network",
        "reason": decline.decline_code or decline.code,
        "risk_level": "normal",
        "risk_score": 20,
        "seller_message": "The bank did not return any further details with this decline.",
        "type": "issuer_declined",
    }


def _details(method: Obj, amount: int) -> Obj:
    kind = method["type"]
    if kind != "card":
        return {kind: {**method[kind], "mandate": method.get("_set_up")}, "type": kind}
    return {"card": _card_details(method, amount), "type": "card"}


def _card_details(method: Obj, amount: int) -> Obj:
    card = method["card"]
    kept = ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4", "wallet")
    return {
        **{name: card[name] for name in kept},
        "amount_authorized": amount,
        "installments": None,
        "mandate": None,
        "network": card["brand"],
        "three_d_secure": None,
    }


def retrieve(change: Change, _params: dict[str, Any], charge_id: str) -> Obj:
    return change.get("charge", charge_id)


def update(change: Change, params: dict[str, Any], charge_id: str) -> Obj:
    charge = change.get("charge", charge_id)
    before = public(charge)
    if "metadata" in params:
        charge["metadata"] = merged(charge["metadata"], params["metadata"])
    if "description" in params:
        charge["description"] = params["description"]
    previous = {name: before[name] for name in params if before[name] != charge[name]}
    change.put(charge)
    if previous:
        change.emit("charge.updated", charge, previous)
    return charge


def all_charges(change: Change, params: dict[str, Any]) -> Obj:
    # The narrowest index first.
    filters = {"payment_intent": params.get("payment_intent"), "customer": params.get("customer")}
    return listing(change, "charge", params, URL, filters)


ROUTES = (
    Route("GET", URL, all_charges, {**LISTING, "customer": Kind.STRING, "payment_intent": Kind.STRING}),
    Route("GET", URL + "/{id}", retrieve),
    Route("POST", URL + "/{id}", update, {"metadata": Kind.METADATA, "description": Kind.STRING}),
)
