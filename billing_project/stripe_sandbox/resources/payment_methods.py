"""/v1/payment_methods: from a test token or a test card; attach and detach. Card numbers are never kept."""

from typing import Any

from billing_project.stripe_sandbox import banks, cards
from billing_project.stripe_sandbox.change import Change, random_text
from billing_project.stripe_sandbox.errors import StripeError, invalid, missing
from billing_project.stripe_sandbox.params import LISTING, Kind, merged
from billing_project.stripe_sandbox.render import listing
from billing_project.stripe_sandbox.resources.route import Route
from billing_project.stripe_sandbox.resources.tokens import card_name, consume, expiry
from billing_project.stripe_sandbox.store import Obj

URL = "/v1/payment_methods"


def build(change: Change, name: str, exp_month: int, exp_year: int) -> Obj:
    """A new payment method that behaves like the test card of this name."""
    card = cards.CARDS[name]
    return {
        "id": change.new_id("payment_method"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": {
            "address": {
                "city": None,
                "country": None,
                "line1": None,
                "line2": None,
                "postal_code": None,
                "state": None,
            },
            "email": None,
            "name": None,
            "phone": None,
            "tax_id": None,
        },
        "card": {
            "brand": card.brand,
            "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
            "country": card.country,
            "display_brand": card.brand,
            "exp_month": exp_month,
            "exp_year": exp_year,
            "fingerprint": f"sandbox{abs(int(card.number)) % 10**9:09d}",
            "funding": card.funding,
            "generated_from": None,
            "last4": card.number[-4:],
            "networks": {"available": [card.brand], "preferred": None},
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        "created": change.now,
        "customer": None,
        "livemode": False,
        "metadata": {},
        "type": "card",
        "_card": name,
    }


def build_bank(change: Change, name: str) -> Obj:
    """A new bank account that behaves like the test account of this name."""
    bank = banks.BANKS[name]
    method = build(change, "visa", 12, 2099)
    del method["card"], method["_card"]
    return {**method, bank.type: banks.details(bank), "type": bank.type, "_bank": name}


def for_use(change: Change, method_id: str, param: str) -> Obj:
    """An existing payment method; a built-in name such as pm_card_visa makes a new one each time, as Stripe does."""
    name = cards.named(method_id, "pm_card_")
    if name is not None:
        month, year = expiry(change, {})
        return change.put(build(change, name, month, year))
    if method_id in banks.BANKS:
        return change.put(build_bank(change, method_id))
    if method_id.startswith("pm_card_"):
        raise missing("payment_method", method_id, param)
    return change.get("payment_method", method_id, param)


def attached(change: Change, method: Obj, customer_id: str) -> Obj:
    """Attach after the bank's check; most declining cards are refused here already."""
    if method["customer"] == customer_id:
        return method
    if method["customer"] is not None:
        raise invalid(
            "The payment method you provided has already been attached to a customer.",
            "payment_method",
            "payment_method_unexpected_state",
        )
    if method.get("_spent"):
        raise invalid(
            "This PaymentMethod was previously used without being attached to a Customer or was detached from a "
            "Customer, and may not be used again.",
            "payment_method",
            "payment_method_unexpected_state",
        )
    check_account(method)
    method["customer"] = customer_id
    change.put(method)
    change.emit("payment_method.attached", method)
    return method


def check_account(method: Obj) -> None:
    """What the bank says to a card without a charge; of bank accounts nothing is asked."""
    card = cards.CARDS.get(method.get("_card", ""))
    if card is not None and card.refuses_attach and card.decline is not None:
        raise declined(cards.DECLINES[card.decline])


def declined(decline: cards.Decline, **fields: Any) -> StripeError:
    """402 with Stripe's code and decline_code; `keep=True` among the fields keeps the failed charge."""
    keep = bool(fields.pop("keep", False))
    fields.setdefault("request_log_url", None)
    if decline.decline_code is not None:
        fields["decline_code"] = decline.decline_code
    return StripeError(
        402,
        decline.message,
        kind="card_error",
        keep=keep,
        code=decline.code,
        doc_url=f"https://docs.stripe.com/error-codes/{decline.code.replace('_', '-')}",
        **{name: value for name, value in fields.items() if value is not None},
    )


def create(change: Change, params: dict[str, Any]) -> Obj:
    if params["type"] != "card":
        raise invalid(f"The sandbox knows payment methods of type card only, not {params['type'][:40]}.", "type")
    card = params.get("card")
    if not card:
        raise invalid("Missing required param: card.", "card", "parameter_missing")
    if "token" in card:
        name, month, year = consume(change, str(card["token"]))
    else:
        name = card_name(str(card.get("number", "")), "card[number]")
        month, year = expiry(change, card)
    method = build(change, name, month, year)
    _set(method, params)
    return change.put(method)


def retrieve(change: Change, _params: dict[str, Any], method_id: str) -> Obj:
    return change.get("payment_method", method_id)


def update(change: Change, params: dict[str, Any], method_id: str) -> Obj:
    method = change.get("payment_method", method_id)
    if method["customer"] is None:
        raise invalid("You must save this PaymentMethod to a customer before you can update it.", "payment_method")
    _set(method, params)
    card = params.get("card") or {}
    if card:
        if method["type"] != "card":
            raise invalid(f"This PaymentMethod is of type {method['type']}.", "card")
        merged_card = {**method["card"], **card}
        method["card"]["exp_month"], method["card"]["exp_year"] = expiry(change, merged_card)
    change.put(method)
    change.emit("payment_method.updated", method)
    return method


def attach(change: Change, params: dict[str, Any], method_id: str) -> Obj:
    change.get("customer", params["customer"], "customer")
    name = cards.named(method_id, "pm_card_") or method_id in banks.BANKS
    method = for_use(change, method_id, "payment_method") if name else change.get("payment_method", method_id)
    if banks.is_bank(method) and not method.get("_set_up"):
        raise invalid(
            f"A PaymentMethod of type {method['type']} is attached by a SetupIntent, which takes the mandate.",
            "payment_method",
            "payment_method_unexpected_state",
        )
    return attached(change, method, params["customer"])


def detach(change: Change, _params: dict[str, Any], method_id: str) -> Obj:
    method = change.get("payment_method", method_id)
    customer_id = method["customer"]
    if customer_id is None:
        raise invalid(
            "The payment method you provided is not attached to a customer so detachment is impossible.",
            "payment_method",
        )
    method["customer"] = None
    method["_spent"] = True
    change.put(method)
    customer = change.get("customer", customer_id)
    if customer["invoice_settings"]["default_payment_method"] == method_id:
        customer["invoice_settings"]["default_payment_method"] = None
        change.put(customer)
    change.emit("payment_method.detached", method, {"customer": customer_id})
    return method


def all_methods(change: Change, params: dict[str, Any]) -> Obj:
    customer_id = params.get("customer")
    if customer_id:
        change.get("customer", customer_id, "customer")
    filters = {"customer": customer_id, "type": params.get("type")}
    return listing(change, "payment_method", params, URL, filters)


def _set(method: Obj, params: dict[str, Any]) -> None:
    if "metadata" in params:
        method["metadata"] = merged(method["metadata"], params["metadata"])
    details = params.get("billing_details") or {}
    address = details.get("address") or {}
    method["billing_details"] |= {name: value or None for name, value in details.items() if name != "address"}
    method["billing_details"]["address"] |= {name: value or None for name, value in address.items()}
    if params.get("allow_redisplay"):
        method["allow_redisplay"] = params["allow_redisplay"]


def setup_for_off_session(change: Change, method: Obj) -> None:
    method["_set_up"] = random_text(8)
    change.put(method)


_DETAILS: dict[str, Kind] = {
    "billing_details": Kind.HASH,
    "metadata": Kind.METADATA,
    "allow_redisplay": Kind.STRING,
    "card": Kind.HASH,
}
ROUTES = (
    Route("POST", URL, create, {**_DETAILS, "type": Kind.STRING}, ("type",)),
    Route("GET", URL, all_methods, {**LISTING, "customer": Kind.STRING, "type": Kind.STRING}),
    Route("GET", URL + "/{id}", retrieve),
    Route("POST", URL + "/{id}", update, _DETAILS),
    Route("POST", URL + "/{id}/attach", attach, {"customer": Kind.STRING}, ("customer",)),
    Route("POST", URL + "/{id}/detach", detach),
)
