"""Where Stripe knocks: dj-stripe keeps the call, verifies its signature and hands it here, inside one transaction."""

import json
from typing import Any
from uuid import UUID

import stripe
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404
from djstripe.models import WebhookEndpoint, WebhookEventTrigger
from djstripe.views import ProcessWebhookView

from apps.kernel.actors import system
from apps.payments.actions.notices import keep
from apps.rest.errors import problem_response, refusal

ACTOR = system("payments.webhook")


class StripeWebhookView(ProcessWebhookView):
    """dj-stripe's door, with a bolt before it: of what Stripe did not sign nothing is kept, whatever it contains."""

    def post(self, request: HttpRequest, uuid: UUID) -> HttpResponse:
        # Here and not in dispatch: an override of dispatch would lose dj-stripe's exemption from CSRF.
        try:
            return self._received(request, uuid)
        except (OperationalError, InterfaceError) as error:
            # The database is away: nothing was kept, and Stripe sends it again after a 503.
            return problem_response(refusal(error), request)

    def _received(self, request: HttpRequest, uuid: UUID) -> HttpResponse:
        endpoint = get_object_or_404(WebhookEndpoint, djstripe_uuid=uuid)
        try:
            body = request.body.decode()
            stripe.WebhookSignature.verify_header(
                body, request.headers.get("Stripe-Signature", ""), endpoint.secret, endpoint.djstripe_tolerance
            )
            readable = bool(endpoint.secret) and isinstance(json.loads(body), dict) and "\0" not in body
        except (ValueError, stripe.SignatureVerificationError):
            readable = False
        return super().post(request, uuid) if readable else HttpResponseBadRequest()


def store(trigger: WebhookEventTrigger, api_key: str | None = None) -> None:
    """Keep what a verified webhook names, and nothing it claims: the object itself is fetched by a worker."""
    body: dict[str, Any] = trigger.json_body
    trigger.processed = True
    if body.get("livemode") is not settings.BILLING_LIVEMODE:
        return
    keep(
        gateway_event_id=_text(body, "id"),
        event_type=_text(body, "type"),
        object_id=_text(body, "data", "object", "id"),
        actor=ACTOR,
    )


def _text(body: Any, *path: str) -> str:
    """The text at that place of the document, empty where there is none."""
    for name in path:
        body = body.get(name) if isinstance(body, dict) else None
    return body if isinstance(body, str) else ""
