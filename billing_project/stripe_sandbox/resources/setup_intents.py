"""/v1/setup_intents: prepare a card for charges while the customer is away."""

from typing import Any

from billing_project.stripe_sandbox import banks, cards
from billing_project.stripe_sandbox.change import Change, public, random_text
from billing_project.stripe_sandbox.errors import StripeError, invalid, unexpected_state
from billing_project.stripe_sandbox.params import LISTING, Kind, merged
from billing_project.stripe_sandbox.render import listing
from billing_project.stripe_sandbox.resources import attempts
from billing_project.stripe_sandbox.resources.payment_methods import (
    attached,
    check_account,
    declined,
    setup_for_off_session,
)
from billing_project.stripe_sandbox.resources.route import Route
from billing_project.stripe_sandbox.store import Obj

URL = "/v1/setup_intents"


def create(change: Change, params: dict[str, Any]) -> Obj:
    attempts.check_usable(change, params)
    intent_id = change.new_id("setup_intent")
    intent: Obj = {
        "id": intent_id,
        "object": "setup_intent",
        "application": None,
        "automatic_payment_methods": params.get("automatic_payment_methods")
        and {"allow_redirects": "always", "enabled": True},
        "cancellation_reason": None,
        "client_secret": f"{intent_id}_secret_{random_text(25)}",
        "created": change.now,
        "customer": params.get("customer"),
        "description": params.get("description"),
        "excluded_payment_method_types": None,
        "flow_directions": None,
        "last_setup_error": None,
        "latest_attempt": None,
        "livemode": False,
        "mandate": None,
        "metadata": merged({}, params.get("metadata")),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {"card": {"mandate_options": None, "request_three_d_secure": "automatic"}},
        "payment_method_types": attempts.types_of(params),
        "single_use_mandate": None,
        "status": "requires_payment_method",
        "usage": params.get("usage") or "off_session",
    }
    change.put(intent)
    change.emit("setup_intent.created", intent)
    if params.get("confirm"):
        return _attempt(change, intent, params)
    method = attempts.method_of(change, intent, params)
    if method is not None:
        intent |= {"payment_method": method["id"], "status": "requires_confirmation"}
    return intent


def confirm(change: Change, params: dict[str, Any], intent_id: str) -> Obj:
    return _attempt(change, change.get("setup_intent", intent_id), params)


def _attempt(change: Change, intent: Obj, params: dict[str, Any]) -> Obj:
    method = attempts.check_confirmable(intent, attempts.method_of(change, intent, params))
    attempts.check_type(intent, method)
    if banks.is_bank(method) and not params.get("mandate_data"):
        raise invalid(
            f"Missing required param: mandate_data. A {method['type']} is set up with the customer's mandate.",
            "mandate_data",
            "parameter_missing",
        )
    change.put(intent)
    intent |= {"payment_method": method["id"], "last_setup_error": None, "next_action": None}
    if cards.needs_authentication(method, off_session=False):
        intent["status"] = "requires_action"
        intent["next_action"] = attempts.next_action(change, intent, params.get("return_url"))
        change.emit("setup_intent.requires_action", intent)
        return intent
    return settle(change, intent, method)


def settle(change: Change, intent: Obj, method: Obj) -> Obj:
    """Save the card, authentication being done or needless."""
    try:
        if intent["customer"]:
            attached(change, method, intent["customer"])
        else:
            check_account(method)
    except StripeError as error:
        if error.status != 402:
            raise
        _refuse(change, intent, method, error)
    setup_for_off_session(change, method)
    intent |= {"next_action": None, "status": "succeeded"}
    change.put(intent)
    change.emit("setup_intent.succeeded", intent)
    return intent


def _refuse(change: Change, intent: Obj, method: Obj, error: StripeError) -> None:
    """The altered intent stays, and the caller gets 402."""
    error.keep = True
    error.body["error"]["payment_method"] = public(method)
    intent |= {
        "last_setup_error": dict(error.body["error"]),
        "next_action": None,
        "payment_method": None,
        "status": "requires_payment_method",
    }
    change.put(intent)
    change.emit("setup_intent.setup_failed", intent)
    error.body["error"]["setup_intent"] = public(intent)
    raise error


def fail_authentication(change: Change, intent: Obj, method: Obj) -> Obj:
    decline = cards.Decline(
        "setup_intent_authentication_failure",
        "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
    )
    intent |= {
        "last_setup_error": declined(decline, payment_method=public(method)).body["error"],
        "next_action": None,
        "payment_method": None,
        "status": "requires_payment_method",
    }
    change.put(intent)
    change.emit("setup_intent.setup_failed", intent)
    return intent


def retrieve(change: Change, _params: dict[str, Any], intent_id: str) -> Obj:
    return change.get("setup_intent", intent_id)


def update(change: Change, params: dict[str, Any], intent_id: str) -> Obj:
    intent = change.get("setup_intent", intent_id)
    intent["metadata"] = merged(intent["metadata"], params.get("metadata"))
    if "description" in params:
        intent["description"] = params["description"]
    return change.put(intent)


def cancel(change: Change, params: dict[str, Any], intent_id: str) -> Obj:
    intent = change.get("setup_intent", intent_id)
    if intent["status"] not in attempts.CONFIRMABLE:
        raise unexpected_state(
            "setup_intent",
            f"You cannot cancel this SetupIntent because it has a status of {intent['status']}.",
            setup_intent=public(intent),
        )
    intent |= {"cancellation_reason": params.get("cancellation_reason"), "next_action": None, "status": "canceled"}
    change.put(intent)
    change.emit("setup_intent.canceled", intent)
    return intent


def all_intents(change: Change, params: dict[str, Any]) -> Obj:
    filters = {"customer": params.get("customer"), "payment_method": params.get("payment_method")}
    return listing(change, "setup_intent", params, URL, filters)


_CONFIRM: dict[str, Kind] = {
    "mandate_data": Kind.ANY,
    "payment_method": Kind.STRING,
    "payment_method_options": Kind.HASH,
    "return_url": Kind.STRING,
}
_CREATE: dict[str, Kind] = {
    **_CONFIRM,
    "automatic_payment_methods": Kind.HASH,
    "confirm": Kind.BOOLEAN,
    "customer": Kind.STRING,
    "description": Kind.STRING,
    "metadata": Kind.METADATA,
    "payment_method_types": Kind.LIST,
    "usage": Kind.STRING,
}
ROUTES = (
    Route("POST", URL, create, _CREATE),
    Route("GET", URL, all_intents, {**LISTING, "customer": Kind.STRING, "payment_method": Kind.STRING}),
    Route("GET", URL + "/{id}", retrieve),
    Route("POST", URL + "/{id}", update, {"metadata": Kind.METADATA, "description": Kind.STRING}),
    Route("POST", URL + "/{id}/confirm", confirm, _CONFIRM),
    Route("POST", URL + "/{id}/cancel", cancel, {"cancellation_reason": Kind.STRING}),
)
