"""What a bank answers later: debits that come or come back, refunds that arrive or fail."""

import time

from billing_project.stripe_sandbox import banks
from billing_project.stripe_sandbox.cards import CARDS
from billing_project.stripe_sandbox.change import Change, public
from billing_project.stripe_sandbox.errors import invalid
from billing_project.stripe_sandbox.resources import charges, disputes, refunds
from billing_project.stripe_sandbox.resources.payment_methods import declined
from billing_project.stripe_sandbox.store import WAITING, Obj, Store

KINDS = ("payment_intent", "refund")


def begin(change: Change, intent: Obj, method: Obj) -> Obj:
    """Hand the debit to the bank."""
    kind = method["type"]
    if intent["currency"] != banks.CURRENCY[kind]:
        raise invalid(f"The payment method `{kind}` only supports payments in {banks.CURRENCY[kind]}.", "currency")
    if not method.get("_set_up"):
        raise invalid(
            f"Payments with {kind} need the customer's mandate: save it with a SetupIntent and `mandate_data` first.",
            "mandate_data",
            "payment_intent_mandate_invalid",
        )
    charge = charges.make(change, intent, method, None, pending=True)
    intent |= {
        "latest_charge": charge["id"],
        "next_action": None,
        "processing": None,
        "status": "processing",
        WAITING: "yes",
        "_settles_at": time.time() + change.store.debit_seconds,
    }
    change.put(intent)
    change.emit("payment_intent.processing", intent)
    return intent


def finish(change: Change, intent: Obj) -> Obj:
    """The bank's answer on a debit."""
    intent.pop(WAITING, None)
    method = change.get("payment_method", intent["payment_method"])
    charge = change.get("charge", intent["latest_charge"])
    decline = banks.refusal_for(method)
    charges.settle(change, charge, decline)
    if decline is not None:
        error = declined(decline, charge=charge["id"], payment_method=public(method))
        intent |= {
            "last_payment_error": error.body["error"],
            "payment_method": None,
            "status": "requires_payment_method",
        }
        change.put(intent)
        change.emit("payment_intent.payment_failed", intent)
        return intent
    intent |= {"amount_received": intent["amount"], "status": "succeeded"}
    change.put(intent)
    change.emit("payment_intent.succeeded", intent)
    follow(change, charge, method)
    return intent


def follow(change: Change, charge: Obj, method: Obj) -> None:
    """What the customer's bank does after the charge: nothing, an inquiry, a dispute, or a debit returned for good."""
    if banks.is_bank(method):
        reason = banks.BANKS[method["_bank"]].disputed
        if reason:
            disputes.close(change, disputes.open_dispute(change, charge, reason), "lost")
        return
    reason = CARDS[method["_card"]].disputed
    if reason:
        disputes.open_dispute(change, charge, reason.removeprefix("inquiry:"), inquiry=reason.startswith("inquiry:"))


def ripen(change: Change, now: float) -> None:
    """Finish whatever has waited long enough."""
    for kind in KINDS:
        for row in list(change.store.page(kind, {WAITING: "yes"})):
            obj = row.load()
            if obj["_settles_at"] > now:
                continue
            if kind == "refund":
                refunds.finish(change, obj)
            else:
                finish(change, obj)


def waiting(store: Store) -> bool:
    return any(next(store.page(kind, {WAITING: "yes"}), None) is not None for kind in KINDS)
