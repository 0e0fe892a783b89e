"""/v1/payment_intents: create, confirm (on or off session), alter, cancel; automatic capture only."""

from typing import Any

from billing_project.stripe_sandbox import banks, cards
from billing_project.stripe_sandbox.change import Change, public, random_text
from billing_project.stripe_sandbox.errors import invalid, unexpected_state
from billing_project.stripe_sandbox.params import LISTING, Kind, amount_and_currency, merged
from billing_project.stripe_sandbox.render import listing
from billing_project.stripe_sandbox.resources import attempts, charges, debits
from billing_project.stripe_sandbox.resources.payment_methods import attached, declined, setup_for_off_session
from billing_project.stripe_sandbox.resources.route import Route
from billing_project.stripe_sandbox.store import Obj

URL = "/v1/payment_intents"
PLAIN = ("description", "receipt_email", "shipping", "statement_descriptor", "statement_descriptor_suffix")


def create(change: Change, params: dict[str, Any]) -> Obj:
    amount, currency = amount_and_currency(params)
    attempts.check_usable(change, params)
    if params.get("off_session") and not params.get("confirm"):
        raise invalid("You may only specify off_session when confirm is true.", "off_session")
    if params.get("capture_method") == "manual":
        raise invalid("The sandbox does not serve capture_method=manual; leave it out.", "capture_method")
    intent_id = change.new_id("payment_intent")
    intent: Obj = {
        "id": intent_id,
        "object": "payment_intent",
        "amount": amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": params.get("automatic_payment_methods")
        and {"allow_redirects": "always", "enabled": True},
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": params.get("capture_method") or "automatic_async",
        "client_secret": f"{intent_id}_secret_{random_text(25)}",
        "confirmation_method": params.get("confirmation_method") or "automatic",
        "created": change.now,
        "currency": currency,
        "customer": params.get("customer"),
        "description": None,
        "excluded_payment_method_types": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": {},
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": attempts.types_of(params),
        "processing": None,
        "receipt_email": None,
        "review": None,
        "setup_future_usage": params.get("setup_future_usage"),
        "shipping": None,
        "source": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": None,
    }
    _set(intent, params)
    change.put(intent)
    change.emit("payment_intent.created", intent)
    if params.get("confirm"):
        return _attempt(change, intent, params)
    method = attempts.method_of(change, intent, params)
    if method is not None:
        intent["payment_method"] = method["id"]
        intent["status"] = "requires_confirmation"
    return intent


def confirm(change: Change, params: dict[str, Any], intent_id: str) -> Obj:
    intent = change.get("payment_intent", intent_id)
    if params.get("setup_future_usage"):
        intent["setup_future_usage"] = params["setup_future_usage"]
    return _attempt(change, intent, params)


def _attempt(change: Change, intent: Obj, params: dict[str, Any]) -> Obj:
    method = attempts.check_confirmable(intent, attempts.method_of(change, intent, params))
    attempts.check_type(intent, method)
    change.put(intent)
    intent |= {"payment_method": method["id"], "last_payment_error": None, "next_action": None}
    off_session = params.get("off_session") not in (None, "false")
    if cards.needs_authentication(method, off_session=off_session):
        if off_session or params.get("error_on_requires_action"):
            return _decline(change, intent, method, cards.DECLINES["authentication_required"])
        intent["status"] = "requires_action"
        intent["next_action"] = attempts.next_action(change, intent, params.get("return_url"))
        change.emit("payment_intent.requires_action", intent)
        return intent
    return settle(change, intent, method)


def settle(change: Change, intent: Obj, method: Obj) -> Obj:
    """Charge the card, authentication being done or needless; a bank account is asked and answers later."""
    if banks.is_bank(method):
        return debits.begin(change, intent, method)
    decline = cards.decline_for(method)
    if decline is not None:
        return _decline(change, intent, method, decline)
    if intent["setup_future_usage"] and intent["customer"]:
        attached(change, method, intent["customer"])
        setup_for_off_session(change, method)
    elif method["customer"] is None:
        method["_spent"] = True
        change.put(method)
    charge = charges.make(change, intent, method, None)
    intent |= {
        "amount_received": intent["amount"],
        "latest_charge": charge["id"],
        "next_action": None,
        "status": "succeeded",
    }
    change.put(intent)
    change.emit("payment_intent.succeeded", intent)
    debits.follow(change, charge, method)
    return intent


def _decline(change: Change, intent: Obj, method: Obj, decline: cards.Decline) -> Obj:
    """The failed charge and the altered intent stay, and the caller gets 402."""
    charge = charges.make(change, intent, method, decline)
    shown = public(method)
    error = declined(decline, keep=True, charge=charge["id"], payment_method=shown)
    intent |= {
        "last_payment_error": dict(error.body["error"]),
        "latest_charge": charge["id"],
        "next_action": None,
        "payment_method": None,
        "status": "requires_payment_method",
    }
    change.put(intent)
    change.emit("payment_intent.payment_failed", intent)
    error.body["error"]["payment_intent"] = public(intent)
    raise error


def fail_authentication(change: Change, intent: Obj, method: Obj) -> Obj:
    """The customer did not prove who they are: no charge was tried."""
    decline = cards.Decline(
        "payment_intent_authentication_failure",
        "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
    )
    intent |= {
        "last_payment_error": declined(decline, payment_method=public(method)).body["error"],
        "next_action": None,
        "payment_method": None,
        "status": "requires_payment_method",
    }
    change.put(intent)
    change.emit("payment_intent.payment_failed", intent)
    return intent


def retrieve(change: Change, _params: dict[str, Any], intent_id: str) -> Obj:
    return change.get("payment_intent", intent_id)


def update(change: Change, params: dict[str, Any], intent_id: str) -> Obj:
    intent = change.get("payment_intent", intent_id)
    fixed = set(params) - {"metadata", "description"}
    if fixed and intent["status"] not in attempts.CONFIRMABLE:
        raise unexpected_state(
            "payment_intent",
            f"This PaymentIntent's {sorted(fixed)[0]} could not be updated because it has a status of "
            f"{intent['status']}.",
        )
    attempts.check_usable(change, params)
    if "amount" in params or "currency" in params:
        amount_and_currency({**intent, **params})
    intent |= {name: params[name] for name in ("amount", "currency", "customer") if params.get(name) is not None}
    _set(intent, params)
    if params.get("payment_method"):
        method = attempts.method_of(change, intent, params)
        intent |= {"payment_method": method and method["id"], "status": "requires_confirmation"}
    return change.put(intent)


def cancel(change: Change, params: dict[str, Any], intent_id: str) -> Obj:
    intent = change.get("payment_intent", intent_id)
    if intent["status"] not in attempts.CONFIRMABLE:
        raise unexpected_state(
            "payment_intent",
            f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}. Only a PaymentIntent "
            "with one of the following statuses may be canceled: requires_payment_method, requires_confirmation, "
            "requires_action.",
            payment_intent=public(intent),
        )
    intent |= {
        "canceled_at": change.now,
        "cancellation_reason": params.get("cancellation_reason"),
        "next_action": None,
        "status": "canceled",
    }
    change.put(intent)
    change.emit("payment_intent.canceled", intent)
    return intent


def all_intents(change: Change, params: dict[str, Any]) -> Obj:
    return listing(change, "payment_intent", params, URL, {"customer": params.get("customer")})


def _set(intent: Obj, params: dict[str, Any]) -> None:
    intent["metadata"] = merged(intent["metadata"], params.get("metadata"))
    intent |= {name: params[name] for name in PLAIN if name in params}


_UPDATE: dict[str, Kind] = {
    "amount": Kind.INTEGER,
    "currency": Kind.STRING,
    "customer": Kind.STRING,
    "description": Kind.STRING,
    "metadata": Kind.METADATA,
    "payment_method": Kind.STRING,
    "payment_method_types": Kind.LIST,
    "receipt_email": Kind.STRING,
    "setup_future_usage": Kind.STRING,
    "shipping": Kind.HASH,
    "statement_descriptor": Kind.STRING,
    "statement_descriptor_suffix": Kind.STRING,
}
_CONFIRM: dict[str, Kind] = {
    "mandate_data": Kind.ANY,
    "off_session": Kind.STRING,
    "payment_method": Kind.STRING,
    "payment_method_options": Kind.HASH,
    "return_url": Kind.STRING,
    "setup_future_usage": Kind.STRING,
    "error_on_requires_action": Kind.BOOLEAN,
}
_CREATE: dict[str, Kind] = {
    **_UPDATE,
    **_CONFIRM,
    "automatic_payment_methods": Kind.HASH,
    "capture_method": Kind.STRING,
    "confirm": Kind.BOOLEAN,
    "confirmation_method": Kind.STRING,
}
ROUTES = (
    Route("POST", URL, create, _CREATE, ("amount", "currency")),
    Route("GET", URL, all_intents, {**LISTING, "customer": Kind.STRING}),
    Route("GET", URL + "/{id}", retrieve),
    Route("POST", URL + "/{id}", update, _UPDATE),
    Route("POST", URL + "/{id}/confirm", confirm, _CONFIRM),
    Route("POST", URL + "/{id}/cancel", cancel, {"cancellation_reason": Kind.STRING}),
)
