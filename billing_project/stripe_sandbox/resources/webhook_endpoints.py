"""/v1/webhook_endpoints: where events are sent; the secret is shown once, when the endpoint is made."""

from typing import Any
from urllib.parse import urlsplit

from billing_project.stripe_sandbox.change import API_VERSION, Change, random_text
from billing_project.stripe_sandbox.errors import invalid
from billing_project.stripe_sandbox.params import LISTING, Kind, merged
from billing_project.stripe_sandbox.render import listing
from billing_project.stripe_sandbox.resources.route import Route
from billing_project.stripe_sandbox.store import Obj

URL = "/v1/webhook_endpoints"


def create(change: Change, params: dict[str, Any]) -> Obj:
    endpoint = change.put(build(change, params["url"], "whsec_" + random_text(32), params))
    return {**endpoint, "secret": endpoint["_secret"]}


def build(change: Change, url: str, secret: str, params: dict[str, Any]) -> Obj:
    endpoint: Obj = {
        "id": change.new_id("webhook_endpoint"),
        "object": "webhook_endpoint",
        "api_version": params.get("api_version") or API_VERSION,
        "application": None,
        "created": change.now,
        "description": None,
        "enabled_events": ["*"],
        "livemode": False,
        "metadata": {},
        "status": "enabled",
        "url": url,
        "_secret": secret,
    }
    _set(endpoint, params)
    return endpoint


def register(change: Change, url: str, secret: str) -> None:
    """The endpoint named on the command line: one, whose URL and secret follow the command (its port may change)."""
    for row in change.store.page("webhook_endpoint", {}):
        endpoint = row.load()
        if endpoint.get("_command_line") or endpoint["url"] == url:
            named = {"url": _checked(url), "status": "enabled", "_secret": secret, "_command_line": True}
            change.put({**endpoint, **named})
            return
    change.put({**build(change, _checked(url), secret, {}), "_command_line": True})


def retrieve(change: Change, _params: dict[str, Any], endpoint_id: str) -> Obj:
    return change.get("webhook_endpoint", endpoint_id)


def update(change: Change, params: dict[str, Any], endpoint_id: str) -> Obj:
    endpoint = change.get("webhook_endpoint", endpoint_id)
    _set(endpoint, params)
    if params.get("disabled") is not None:
        endpoint["status"] = "disabled" if params["disabled"] else "enabled"
    return change.put(endpoint)


def delete(change: Change, _params: dict[str, Any], endpoint_id: str) -> Obj:
    change.get("webhook_endpoint", endpoint_id)
    change.remove(endpoint_id)
    return {"id": endpoint_id, "object": "webhook_endpoint", "deleted": True}


def all_endpoints(change: Change, params: dict[str, Any]) -> Obj:
    return listing(change, "webhook_endpoint", params, URL)


def _set(endpoint: Obj, params: dict[str, Any]) -> None:
    if params.get("url"):
        endpoint["url"] = _checked(params["url"])
    if params.get("enabled_events"):
        endpoint["enabled_events"] = params["enabled_events"]
    if "description" in params:
        endpoint["description"] = params["description"]
    endpoint["metadata"] = merged(endpoint["metadata"], params.get("metadata"))


def _checked(url: str) -> str:
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        valid = False
    if not valid:
        raise invalid(
            f"Invalid URL: {url[:100]}. An explicit http or https scheme must be given.", "url", "url_invalid"
        )
    return url


_UPDATE: dict[str, Kind] = {
    "description": Kind.STRING,
    "disabled": Kind.BOOLEAN,
    "enabled_events": Kind.LIST,
    "metadata": Kind.METADATA,
    "url": Kind.STRING,
}
_CREATE: dict[str, Kind] = {
    **{name: kind for name, kind in _UPDATE.items() if name != "disabled"},
    "api_version": Kind.STRING,
    "connect": Kind.BOOLEAN,
}
ROUTES = (
    Route("POST", URL, create, _CREATE, ("url", "enabled_events")),
    Route("GET", URL, all_endpoints, LISTING),
    Route("GET", URL + "/{id}", retrieve),
    Route("POST", URL + "/{id}", update, _UPDATE),
    Route("DELETE", URL + "/{id}", delete),
)
