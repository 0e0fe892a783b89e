"""Send a test to an endpoint, at once, and say what it answered. No delivery, no sequence: it is of no event."""

from datetime import datetime
from uuid import UUID

from django.conf import settings

from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.errors import NotFound
from apps.kernel.ids import uuid7
from apps.kernel.transactions import unit_of_work
from apps.rest.objects import encode
from apps.webhooks.actions.claim import letter, secrets
from apps.webhooks.models import Attempt, Endpoint
from apps.webhooks.objects import endpoint_objects
from apps.webhooks.payload import Told
from apps.webhooks.rules.states import EndpointStatus
from apps.webhooks.rules.targets import networks
from apps.webhooks.sender import Result, Sender
from apps.webhooks.wire import Resolve, look_up

TYPE = "webhook_endpoint.test"
SECONDS = 10.0
"""Whoever asks waits for the answer."""


def try_out(*, endpoint_id: UUID, at: datetime, actor: Actor, resolve: Resolve = look_up) -> Attempt:
    """Call the endpoint with no transaction open, and write down what came. A disabled one may be tried too.

    Errors: endpoint_unknown (404).
    """
    endpoint = Endpoint.objects.filter(pk=endpoint_id).exclude(status=EndpointStatus.DELETED).first()
    if endpoint is None:
        raise NotFound(
            "endpoint_unknown", "There is no endpoint with this id.", hint="List them: GET /v1/webhook-endpoints."
        )
    result = _sent(endpoint, at, resolve)
    with unit_of_work(actor):
        return Attempt.objects.create(
            endpoint=endpoint,
            created_at=clock.wall(),
            outcome=result.outcome,
            status_code=result.status_code,
            duration_ms=result.milliseconds,
            error=result.error[:500],
            response=result.shown[:1000],
        )


def _sent(endpoint: Endpoint, at: datetime, resolve: Resolve) -> Result:
    shown = {"object": endpoint_objects([endpoint])[0], "previous_attributes": None}
    told = Told(
        event_id=uuid7(),
        event_type=TYPE,
        version=1,
        created_at=at,
        effective_at=at,
        position=None,
        account_id=None,
        sequence=None,
        data=encode(shown).decode(),
    )
    sender = Sender(
        exempt=networks(settings.WEBHOOK_ALLOWED_NETWORKS),
        tls_only=settings.BILLING_LIVEMODE,
        resolve=resolve,
        seconds=SECONDS,
    )
    try:
        sender.submit([letter(endpoint, secrets([endpoint.pk])[endpoint.pk], told)])
        [result] = sender.results(SECONDS + 5)
        return result
    finally:
        sender.close()
