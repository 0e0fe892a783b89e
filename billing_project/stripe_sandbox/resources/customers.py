"""/v1/customers: create, look at, alter, list, delete."""

from typing import Any

from billing_project.stripe_sandbox.change import Change, random_text
from billing_project.stripe_sandbox.errors import invalid
from billing_project.stripe_sandbox.params import LISTING, Kind, merged
from billing_project.stripe_sandbox.render import listing
from billing_project.stripe_sandbox.resources.payment_methods import attached, for_use
from billing_project.stripe_sandbox.resources.route import Route
from billing_project.stripe_sandbox.store import Obj

URL = "/v1/customers"
FIELDS: dict[str, Kind] = {
    "address": Kind.HASH,
    "description": Kind.STRING,
    "email": Kind.STRING,
    "invoice_settings": Kind.HASH,
    "metadata": Kind.METADATA,
    "name": Kind.STRING,
    "phone": Kind.STRING,
    "preferred_locales": Kind.LIST,
    "shipping": Kind.HASH,
    "tax_exempt": Kind.STRING,
    "balance": Kind.INTEGER,
}
# What an emptied field goes back to, where that is not null.
EMPTY: dict[str, Any] = {"tax_exempt": "none", "preferred_locales": [], "balance": 0}
CREATE: dict[str, Kind] = {**FIELDS, "payment_method": Kind.STRING}


def create(change: Change, params: dict[str, Any]) -> Obj:
    customer: Obj = {
        "id": "cus_" + random_text(14),
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": change.now,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": None,
        "invoice_prefix": random_text(8).upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": {},
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }
    method = for_use(change, params["payment_method"], "payment_method") if params.get("payment_method") else None
    change.put(customer)
    if method is not None:
        attached(change, method, customer["id"])
    _set(change, customer, params)
    change.emit("customer.created", customer)
    return customer


def retrieve(change: Change, _params: dict[str, Any], customer_id: str) -> Obj:
    return change.get("customer", customer_id)


def update(change: Change, params: dict[str, Any], customer_id: str) -> Obj:
    customer = _alive(change, customer_id)
    before = {name: customer.get(name) for name in params}
    _set(change, customer, params)
    previous = {name: value for name, value in before.items() if customer.get(name) != value}
    change.put(customer)
    if previous:
        change.emit("customer.updated", customer, previous)
    return customer


def delete(change: Change, _params: dict[str, Any], customer_id: str) -> Obj:
    customer = _alive(change, customer_id)
    for row in change.store.page("payment_method", {"customer": customer_id}):
        change.put({**row.load(), "customer": None})
    change.emit("customer.deleted", customer)
    return change.put({"id": customer_id, "object": "customer", "deleted": True})


def all_customers(change: Change, params: dict[str, Any]) -> Obj:
    # A deleted customer keeps its row, as an answer to whoever asks by id, and leaves the list.
    return listing(change, "customer", params, URL, {"email": params.get("email")}, keep=lambda row: row.created > 0)


def methods_of(change: Change, params: dict[str, Any], customer_id: str) -> Obj:
    _alive(change, customer_id)
    url = f"{URL}/{customer_id}/payment_methods"
    return listing(change, "payment_method", params, url, {"customer": customer_id, "type": params.get("type")})


def method_of(change: Change, _params: dict[str, Any], customer_id: str, method_id: str) -> Obj:
    _alive(change, customer_id)
    method = change.get("payment_method", method_id)
    if method["customer"] != customer_id:
        raise invalid(f"The payment method {method_id} is not attached to {customer_id}.", "payment_method", status=404)
    return method


def _alive(change: Change, customer_id: str) -> Obj:
    customer = change.get("customer", customer_id)
    if customer.get("deleted"):
        raise invalid(f"No such customer: '{customer_id}'", "id", "resource_missing", 404)
    return customer


def _set(change: Change, customer: Obj, params: dict[str, Any]) -> None:
    _check(params)
    for name, value in params.items():
        if name == "metadata":
            customer["metadata"] = merged(customer["metadata"], value)
        elif name == "invoice_settings":
            customer["invoice_settings"] = {**customer["invoice_settings"], **_settings(change, customer, value or {})}
        elif name in ("address", "shipping"):
            customer[name] = _blank_to_null(value)
        elif name != "payment_method":
            customer[name] = EMPTY.get(name) if value is None else value


def _check(params: dict[str, Any]) -> None:
    email = params.get("email")
    if email is not None and "@" not in email:
        raise invalid(f"Invalid email address: {email[:100]}", "email", "email_invalid")
    if params.get("tax_exempt") not in (None, "none", "exempt", "reverse"):
        raise invalid("Invalid tax_exempt: must be one of none, exempt, or reverse", "tax_exempt")


def _settings(change: Change, customer: Obj, value: Obj) -> Obj:
    method_id = value.get("default_payment_method")
    if method_id:
        method = change.get("payment_method", str(method_id), "invoice_settings[default_payment_method]")
        if method["customer"] != customer["id"]:
            raise invalid(
                f"The customer does not have a payment method with the ID {method_id}. The payment method must be "
                "attached to the customer.",
                "invoice_settings[default_payment_method]",
                "resource_missing",
            )
    return _blank_to_null(value) or {}


def _blank_to_null(value: Obj | None) -> Obj | None:
    if value is None:
        return None
    return {name: (item or None) if isinstance(item, str) else item for name, item in value.items()}


ROUTES = (
    Route("POST", URL, create, CREATE),
    Route("GET", URL, all_customers, {**LISTING, "email": Kind.STRING}),
    Route("GET", URL + "/{id}", retrieve),
    Route("POST", URL + "/{id}", update, FIELDS),
    Route("DELETE", URL + "/{id}", delete),
    Route("GET", URL + "/{id}/payment_methods", methods_of, {**LISTING, "type": Kind.STRING}),
    Route("GET", URL + "/{id}/payment_methods/{id}", method_of),
)
