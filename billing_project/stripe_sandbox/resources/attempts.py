"""What payment and setup intents share: the payment method for an attempt, and the step that asks the customer."""

from typing import Any

from billing_project.stripe_sandbox import banks
from billing_project.stripe_sandbox.change import Change, random_text
from billing_project.stripe_sandbox.errors import invalid, unexpected_state
from billing_project.stripe_sandbox.resources.payment_methods import for_use
from billing_project.stripe_sandbox.store import Obj

TYPES = ("card", *banks.TYPES)
CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")


def method_of(change: Change, intent: Obj, params: dict[str, Any]) -> Obj | None:
    """The payment method given now or before, checked against the customer; None when there is none."""
    method_id = params.get("payment_method") or intent["payment_method"]
    if not method_id:
        return None
    method = for_use(change, method_id, "payment_method")
    owner = method["customer"]
    if owner is not None and owner != intent["customer"]:
        raise invalid(
            f"The PaymentMethod {method['id']} belongs to another Customer. Include the `customer` parameter with its "
            "owner, or use another PaymentMethod."
            if intent["customer"]
            else f"The PaymentMethod {method['id']} belongs to a Customer. Please include the Customer in the "
            "`customer` parameter.",
            "payment_method",
        )
    if owner is None and method.get("_spent"):
        raise invalid(
            "This PaymentMethod was previously used without being attached to a Customer or was detached from a "
            "Customer, and may not be used again.",
            "payment_method",
            "payment_method_unexpected_state",
        )
    return method


def check_confirmable(intent: Obj, method: Obj | None) -> Obj:
    kind = intent["object"]
    name = kind.replace("_", " ").title().replace(" ", "")
    if intent["status"] not in CONFIRMABLE:
        raise unexpected_state(
            kind,
            f"You cannot confirm this {name} because it has a status of {intent['status']}.",
            **{kind: {"id": intent["id"], "object": kind, "status": intent["status"]}},
        )
    if method is None:
        raise unexpected_state(
            kind,
            f"You cannot confirm this {name} because it's missing a payment method. Pass one in `payment_method`.",
            param="payment_method",
        )
    return method


def next_action(change: Change, intent: Obj, return_url: str | None) -> Obj:
    """Where the customer proves who they are: a page of the sandbox that stands for the bank's."""
    if return_url:
        url = f"{change.base_url}/_sandbox/authenticate?intent={intent['id']}"
        return {"type": "redirect_to_url", "redirect_to_url": {"return_url": return_url, "url": url}}
    return {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect", "source": random_text(24)}}


def check_usable(change: Change, params: dict[str, Any]) -> None:
    """Conditions among the parameters of a new or confirmed intent."""
    if params.get("customer"):
        change.get("customer", params["customer"], "customer")
    types = params.get("payment_method_types")
    if types is not None and not (types and all(each in TYPES for each in types)):
        raise invalid(f"The sandbox knows payment_method_types {', '.join(TYPES)} only.", "payment_method_types")
    if types is not None and params.get("automatic_payment_methods"):
        raise invalid(
            "You may only specify one of these parameters: automatic_payment_methods, payment_method_types.",
            "payment_method_types",
        )


def types_of(params: dict[str, Any]) -> list[str]:
    """What kinds of payment method an intent takes: those named, or all."""
    return list(params.get("payment_method_types") or TYPES)


def check_type(intent: Obj, method: Obj) -> None:
    """The method is of a kind that the intent takes."""
    if method["type"] not in intent["payment_method_types"]:
        raise invalid(
            f"The PaymentMethod provided ({method['type']}) is not allowed for this {intent['object']}. Please attach "
            f"a PaymentMethod of one of the following types: {', '.join(intent['payment_method_types'])}.",
            "payment_method",
        )
