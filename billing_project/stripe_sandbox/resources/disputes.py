"""/v1/disputes: the customer's bank takes a charge back; evidence decides, as Stripe's test evidence does."""

from typing import Any

from billing_project.stripe_sandbox.change import Change
from billing_project.stripe_sandbox.errors import invalid, unexpected_state
from billing_project.stripe_sandbox.params import LISTING, Kind, merged
from billing_project.stripe_sandbox.render import listing
from billing_project.stripe_sandbox.resources import balance_transactions
from billing_project.stripe_sandbox.resources.route import Route
from billing_project.stripe_sandbox.store import Obj

URL = "/v1/disputes"
FEE = 1500
ANSWER_WITHIN = 7 * 24 * 3600
REASONS = ("fraudulent", "product_not_received", "duplicate", "general", "debit_not_authorized", "insufficient_funds")
OPEN = ("needs_response", "warning_needs_response", "under_review", "warning_under_review")
EVIDENCE = {"winning_evidence": "won", "losing_evidence": "lost"}


def open_dispute(change: Change, charge: Obj, reason: str, *, amount: int | None = None, inquiry: bool = False) -> Obj:
    """Take what is left of the charge, or `amount` of it, back; an inquiry asks only and takes nothing."""
    left = charge["amount"] - charge["amount_refunded"]
    wanted = left if amount is None else amount
    if charge["disputed"] or not charge["paid"] or not 0 < wanted <= left:
        raise invalid(f"Charge {charge['id']} has nothing left to dispute.", "charge", "charge_not_disputable")
    dispute: Obj = {
        "id": change.new_id("dispute"),
        "object": "dispute",
        "amount": wanted,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": change.now,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {"uncategorized_text": None},
        "evidence_details": {
            "due_by": change.now + ANSWER_WITHIN,
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": inquiry,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {"type": charge["payment_method_details"]["type"]},
        "reason": reason,
        "status": "warning_needs_response" if inquiry else "needs_response",
    }
    charge |= {"disputed": True, "dispute": dispute["id"]}
    if not inquiry:
        moved = balance_transactions.record(change, "adjustment", dispute, -wanted, category="dispute", fee=FEE)
        dispute["balance_transactions"].append(moved)
    change.put(dispute)
    change.put(charge)
    change.emit("charge.dispute.created", dispute)
    if not inquiry:
        change.emit("charge.dispute.funds_withdrawn", dispute)
    return dispute


def close(change: Change, dispute: Obj, outcome: str) -> Obj:
    """Won: the money comes back. Lost: it stays with the customer."""
    if dispute["status"] not in OPEN:
        raise unexpected_state("dispute", f"This dispute is already closed: it is {dispute['status']}.")
    before = dispute["status"]
    inquiry = before.startswith("warning_")
    dispute["status"] = "warning_closed" if inquiry else outcome
    if outcome == "won" and not inquiry:
        moved = balance_transactions.record(
            change, "adjustment", dispute, dispute["amount"], category="dispute_reversal", fee=0
        )
        dispute["balance_transactions"].append(moved)
    change.put(dispute)
    change.emit("charge.dispute.closed", dispute, {"status": before})
    if outcome == "won" and not inquiry:
        change.emit("charge.dispute.funds_reinstated", dispute)
    return dispute


def retrieve(change: Change, _params: dict[str, Any], dispute_id: str) -> Obj:
    return change.get("dispute", dispute_id)


def update(change: Change, params: dict[str, Any], dispute_id: str) -> Obj:
    dispute = change.get("dispute", dispute_id)
    dispute["metadata"] = merged(dispute["metadata"], params.get("metadata"))
    text = (params.get("evidence") or {}).get("uncategorized_text")
    if text is not None:
        if dispute["status"] not in OPEN:
            raise unexpected_state("dispute", f"This dispute is already closed: it is {dispute['status']}.")
        dispute["evidence"]["uncategorized_text"] = text
        dispute["evidence_details"]["has_evidence"] = True
    if params.get("submit") is not False and text in EVIDENCE:
        return close(change, dispute, EVIDENCE[text])
    change.put(dispute)
    change.emit("charge.dispute.updated", dispute)
    return dispute


def give_in(change: Change, _params: dict[str, Any], dispute_id: str) -> Obj:
    return close(change, change.get("dispute", dispute_id), "lost")


def all_disputes(change: Change, params: dict[str, Any]) -> Obj:
    filters = {"charge": params.get("charge"), "payment_intent": params.get("payment_intent")}
    return listing(change, "dispute", params, URL, filters)


_UPDATE: dict[str, Kind] = {"evidence": Kind.HASH, "metadata": Kind.METADATA, "submit": Kind.BOOLEAN}
ROUTES = (
    Route("GET", URL, all_disputes, {**LISTING, "charge": Kind.STRING, "payment_intent": Kind.STRING}),
    Route("GET", URL + "/{id}", retrieve),
    Route("POST", URL + "/{id}", update, _UPDATE),
    Route("POST", URL + "/{id}/close", give_in),
)
