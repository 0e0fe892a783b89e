"""What is sent to endpoints, in the OpenAPI document: a webhook for each type of event that an app declares."""

import inspect
from collections.abc import Mapping
from typing import Any

from apps.accounts.objects import AccountObject
from apps.credits.objects import AppliedCreditObject, CreditObject
from apps.dunning.objects import DunningStepObject
from apps.events.declare import DomainEvent, declared
from apps.events.objects import EventObject
from apps.invoices.objects import InvoiceObject
from apps.invoices.objects_credit_note import CreditNoteObject
from apps.payments.objects import DisputeObject, PaymentMethodObject, PaymentObject, RefundObject
from apps.payments.reconcile_objects import ReconciliationDifferenceObject
from apps.plans.objects import PlanObject
from apps.rest.components import component_name, schemas
from apps.rest.objects import ApiObject
from apps.subscriptions.objects import SubscriptionObject, UpcomingInvoiceObject
from apps.subscriptions.thresholds import ThresholdReachedObject
from apps.webhooks.actions.try_out import TYPE as TRIED_OUT
from apps.webhooks.objects import WebhookEndpointObject

OBJECTS: Mapping[str, type[ApiObject]] = {
    "account": AccountObject,
    "credit": CreditObject,
    "credit.applied": AppliedCreditObject,
    "credit_note": CreditNoteObject,
    "dunning.step_taken": DunningStepObject,
    "invoice": InvoiceObject,
    "invoice.upcoming": UpcomingInvoiceObject,
    "payment": PaymentObject,
    "payment.dispute_closed": DisputeObject,
    "payment.disputed": DisputeObject,
    "payment.refund_failed": RefundObject,
    "payment_method": PaymentMethodObject,
    "plan": PlanObject,
    "reconciliation.difference_found": ReconciliationDifferenceObject,
    "subscription": SubscriptionObject,
    "usage.threshold_reached": ThresholdReachedObject,
    "webhook_endpoint": WebhookEndpointObject,
}
"""A type of event, or the noun before its dot -> what stands in `data.object`."""

_NUMBER = {"type": "string", "pattern": "^[0-9]+$"}
_SIGNATURES = {"type": "string", "pattern": "^v1,[A-Za-z0-9+/=]+( v1,[A-Za-z0-9+/=]+)*$"}
_SIGNED = "`v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`; one for each valid secret, a blank between."


def _header(name: str, description: str, schema: dict[str, Any], *, required: bool = True) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": required, "description": description, "schema": schema}


HEADERS = [
    _header("webhook-id", "The event's id, the same at each try: know a repetition by it.", {"type": "string"}),
    _header("webhook-timestamp", "When this try was made, in Unix seconds.", _NUMBER),
    _header("webhook-signature", _SIGNED, _SIGNATURES),
    _header("webhook-sequence", "The member `sequence` of the body.", _NUMBER, required=False),
]
"""Those of Standard Webhooks, and the number of the delivery."""
RESPONSES = {
    "2XX": {"description": "Within 15 seconds: delivered. What stands in the answer changes nothing."},
    "410": {"description": "Gone: the endpoint is disabled at once, and its owner is told."},
    "429": {"description": "The endpoint is left alone for Retry-After seconds, at most an hour; with 503 too."},
    "default": {"description": "Tried again after 5, 10, 30, 60 and 120 minutes, then FAILED. Redirects are failures."},
}


class WebhookEventObject(EventObject, frozen=True, kw_only=True):
    """An event as an endpoint is sent it. `sequence`: its number among all that the endpoint is sent, without a gap;
    null of a test.
    """

    sequence: int | None


def types() -> dict[str, str]:
    """Every type that may be sent, with what it says."""
    ours = {name: kind for name, kind in declared().items() if kind.__module__.startswith("apps.")}
    found = {name: _said(kind) for name, kind in ours.items()}
    found[TRIED_OUT] = "Somebody tries the endpoint out: `POST /v1/webhook-endpoints/{id}/test`."
    return dict(sorted(found.items()))


def shown(event_type: str) -> type[ApiObject]:
    """The object that events of this type carry."""
    return OBJECTS.get(event_type) or OBJECTS[event_type.partition(".")[0]]


def add_webhooks(result: dict[str, Any], generator: Any, request: Any, public: Any) -> dict[str, Any]:
    """drf-spectacular's hook: the section `webhooks`, and components that nothing else names."""
    sent = types()
    components = result["components"]["schemas"]
    kinds: list[type[ApiObject]] = [WebhookEventObject, *map(shown, sent)]
    for kind in kinds:
        for each, schema in schemas(kind).items():
            components.setdefault(component_name(each), schema)
    result["components"]["schemas"] = dict(sorted(components.items()))
    result["webhooks"] = {name: {"post": _operation(name, said)} for name, said in sent.items()}
    return result


def _operation(event_type: str, said: str) -> dict[str, Any]:
    return {
        "operationId": f"webhook_{event_type.replace('.', '_')}",
        "summary": said.partition(". ")[0].partition(": ")[0].rstrip("."),
        "description": said,
        "tags": ["webhooks"],
        "security": [],
        "parameters": HEADERS,
        "requestBody": {"required": True, "content": {"application/json": {"schema": _payload(event_type)}}},
        "responses": RESPONSES,
    }


def _payload(event_type: str) -> dict[str, Any]:
    data = {
        "type": "object",
        "required": ["object", "previous_attributes"],
        "properties": {
            "object": {"$ref": f"#/components/schemas/{component_name(shown(event_type))}"},
            "previous_attributes": {
                "type": ["object", "null"],
                "description": "Former values of the members that changed; null where nothing was there before.",
            },
        },
    }
    own = {"type": "object", "properties": {"event_type": {"const": event_type}, "data": data}}
    return {"allOf": [{"$ref": f"#/components/schemas/{component_name(WebhookEventObject)}"}, own]}


def _said(kind: type[DomainEvent]) -> str:
    """What the class of an event says of it."""
    return " ".join(inspect.cleandoc(kind.__doc__ or "").split())
