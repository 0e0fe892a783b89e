"""/v1/events: every change, as it was told to the webhook endpoints."""

from typing import Any

from billing_project.stripe_sandbox.change import Change
from billing_project.stripe_sandbox.errors import invalid
from billing_project.stripe_sandbox.params import LISTING, Kind
from billing_project.stripe_sandbox.render import listing
from billing_project.stripe_sandbox.resources.route import Route
from billing_project.stripe_sandbox.store import Obj, Row

URL = "/v1/events"


def retrieve(change: Change, _params: dict[str, Any], event_id: str) -> Obj:
    return _with_pending(change, change.get("event", event_id))


def all_events(change: Change, params: dict[str, Any]) -> Obj:
    wanted, types = params.get("type"), params.get("types")
    if wanted and types:
        raise invalid("You may only specify one of these parameters: type, types.", "types")
    exact = wanted if wanted and "*" not in wanted else None
    allowed = set(types or ())

    def keep(row: Row) -> bool:
        kind = row.keys["type"]
        if wanted and not exact:
            return kind.startswith(wanted.rstrip("*"))
        return not allowed or kind in allowed

    page = listing(change, "event", params, URL, {"type": exact}, keep)
    page["data"] = [_with_pending(change, event) for event in page["data"]]
    return page


def _with_pending(change: Change, event: Obj) -> Obj:
    """How many endpoints have not taken it yet: known by the deliveries, not by the event."""
    endpoints = (row.id for row in change.store.page("webhook_endpoint", {}))
    return {
        **event,
        "pending_webhooks": sum((event["id"], endpoint) in change.store.pending for endpoint in endpoints),
    }


ROUTES = (
    Route("GET", URL, all_events, {**LISTING, "type": Kind.STRING, "types": Kind.LIST}),
    Route("GET", URL + "/{id}", retrieve),
)
