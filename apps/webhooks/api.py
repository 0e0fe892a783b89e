"""/v1/webhook-endpoints, and /v1/events/{id}/resend"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django_filters import rest_framework as filters
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.access.idempotency import store_instead
from apps.events.models import Event
from apps.kernel import clock
from apps.kernel.errors import Invalid, Problem
from apps.rest import inputs
from apps.rest.filters import ResourceFilterSet
from apps.rest.objects import builtins
from apps.rest.operations import Many
from apps.rest.viewsets import ResourceViewSet, operation
from apps.webhooks import queries
from apps.webhooks.actions import endpoints, resend
from apps.webhooks.actions.try_out import try_out
from apps.webhooks.look_ahead import leads_inside
from apps.webhooks.models import Delivery, Endpoint
from apps.webhooks.objects import (
    AttemptObject,
    CreatedWebhookEndpointObject,
    ResendObject,
    WebhookDeliveryObject,
    WebhookEndpointObject,
    attempt_object,
    delivery_objects,
    endpoint_objects,
    resend_object,
)
from apps.webhooks.rules.states import EndpointStatus, Format, Scope, Status

LONGEST_OVERLAP = 7 * 24


class WebhookEndpointChange(inputs.Input):
    """What PATCH takes. `status`: ENABLED sends what it missed, unless `catch_up` is false."""

    name = inputs.CharField(max_length=200, allow_blank=True, required=False)
    url = inputs.CharField(max_length=2048)
    event_types = serializers.ListField(child=inputs.CharField(max_length=121), max_length=50, required=False)
    redact = serializers.ListField(child=inputs.CharField(max_length=60), max_length=50, required=False)
    concurrency = inputs.IntegerField(min_value=1, max_value=50, required=False)
    owner_email = inputs.EmailField(required=False, allow_blank=True)
    metadata = inputs.MetadataField()
    status = inputs.ChoiceField(choices=[EndpointStatus.ENABLED.value, EndpointStatus.DISABLED.value], required=False)
    catch_up = inputs.BooleanField(required=False)


class WebhookEndpointInput(inputs.Input):
    """What POST takes. `api_version` stays as it is from then on. `secret` is the write key of a `segment` endpoint."""

    name = inputs.CharField(max_length=200, allow_blank=True, required=False)
    url = inputs.CharField(max_length=2048)
    event_types = serializers.ListField(child=inputs.CharField(max_length=121), max_length=50, required=False)
    api_version = inputs.CharField(max_length=10, required=False)
    format = inputs.ChoiceField(choices=[each.value for each in Format], required=False)
    secret = inputs.CharField(max_length=200, required=False)
    redact = serializers.ListField(child=inputs.CharField(max_length=60), max_length=50, required=False)
    concurrency = inputs.IntegerField(min_value=1, max_value=50, required=False)
    owner_email = inputs.EmailField(required=False, allow_blank=True)
    metadata = inputs.MetadataField()


class RotateInput(inputs.Input):
    """How long the secrets before go on signing beside the new one."""

    overlap_hours = inputs.IntegerField(min_value=0, max_value=LONGEST_OVERLAP, required=False)


class ResendInput(inputs.Input):
    """From where: `after` a position, or `since` a time. `scope` FAILED: only what was given up."""

    after = inputs.IntegerField(min_value=0, required=False)
    since = inputs.DateTimeField(required=False)
    scope = inputs.ChoiceField(choices=[each.value for each in Scope], required=False)


class EventResendInput(inputs.Input):
    """To whom: one endpoint, else all that listen to the event's type."""

    endpoint_id = inputs.UUIDField(required=False)


class WebhookEndpointFilter(ResourceFilterSet):
    status = filters.ChoiceFilter(
        choices=[(each.value, each.value) for each in EndpointStatus if each is not EndpointStatus.DELETED]
    )

    class Meta:
        model = Endpoint
        fields = ("status",)


class WebhookDeliveryFilter(ResourceFilterSet):
    status = filters.ChoiceFilter(choices=[(each.value, each.value) for each in Status])
    event_id = filters.UUIDFilter(label="What became of this event.")

    class Meta:
        model = Delivery
        fields = ("status", "event_id")


class WebhookEndpointViewSet(ResourceViewSet):
    """Programs of yours that are told of events."""

    resource = "webhooks"
    queryset = queries.endpoints()
    object_class = WebhookEndpointObject
    filterset_class = WebhookEndpointFilter
    calls_outside = {"try_out"}

    def render(self, rows: Sequence[Endpoint]) -> list[WebhookEndpointObject]:
        return endpoint_objects(rows)

    @operation(input=WebhookEndpointInput, output=CreatedWebhookEndpointObject, status=201)
    def create(self, request: Request, **kwargs: Any) -> Response:
        """Make an endpoint. Its secret is shown this once; a repetition by Idempotency-Key shows null."""
        fields = self._looked_at(self.parse(WebhookEndpointInput))
        endpoint, secret = endpoints.create(fields=fields, at=clock.wall(), actor=self.actor)
        return self._with_secret(self.created(endpoint, {"secret": secret}))

    @operation(input=WebhookEndpointChange, output=WebhookEndpointObject)
    def partial_update(self, request: Request, **kwargs: Any) -> Response:
        """Change an endpoint, disable or enable it. Enabled, it is sent what it missed."""
        fields = self._looked_at(self.parse(WebhookEndpointChange))
        changed = endpoints.change(
            endpoint_id=self.path_id(),
            fields=fields,
            at=clock.wall(),
            actor=self.actor,
            expected=self.expected_version(),
        )
        return self.ok(changed)

    @operation(status=204)
    def destroy(self, request: Request, **kwargs: Any) -> Response:
        """Send it nothing any more. Its log is kept."""
        endpoints.delete(endpoint_id=self.path_id(), at=clock.wall(), actor=self.actor)
        return self.gone()

    @operation(input=RotateInput, output=CreatedWebhookEndpointObject, status=200)
    def rotate(self, request: Request, **kwargs: Any) -> Response:
        """A new secret, shown this once. For `overlap_hours` (24) messages carry the signatures of both."""
        hours = self._optional(RotateInput).get("overlap_hours", settings.WEBHOOK_SECRET_OVERLAP_HOURS)
        endpoint, secret = endpoints.rotate(
            endpoint_id=self.path_id(), overlap=timedelta(hours=hours), at=clock.wall(), actor=self.actor
        )
        return self._with_secret(self.ok(endpoint, {"secret": secret}))

    @operation(output=AttemptObject, status=200, name="webhook_endpoints_test")
    def try_out(self, request: Request, **kwargs: Any) -> Response:
        """Send `webhook_endpoint.test` now, and show what was answered."""
        self._optional(inputs.Input)
        return Response(attempt_object(try_out(endpoint_id=self.path_id(), at=clock.wall(), actor=self.actor)))

    @operation(input=ResendInput, output=ResendObject, status=202)
    def resend(self, request: Request, **kwargs: Any) -> Response:
        """Send everything since a time or position again, under the same ids and numbers. The worker does it."""
        fields = self.parse(ResendInput)
        if ("after" in fields) is ("since" in fields):
            raise Invalid(
                "validation_failed",
                "From where is to be said, once.",
                hint="Send either `after`, a position, or `since`, a time.",
                errors=[Problem("/after", "ambiguous", "Either `after` or `since`.")],
            )
        wanted = resend.resend_since(
            endpoint_id=self.path_id(),
            after=fields.get("after"),
            since=fields.get("since"),
            scope=Scope(fields.get("scope", Scope.ALL)),
            at=clock.wall(),
            actor=self.actor,
        )
        return Response(resend_object(wanted), status=202)

    def _looked_at(self, fields: dict[str, Any]) -> dict[str, Any]:
        """The same, if the URL does not lead inside today."""
        if "url" in fields and (said := leads_inside(fields["url"])):
            raise Invalid(
                "validation_failed",
                "The URL may not be called.",
                hint="Give a URL out in the world, or have its network allowed: WEBHOOK_ALLOWED_NETWORKS.",
                errors=[Problem("/url", "url_refused", said)],
            )
        return fields

    def _optional(self, input_class: type[inputs.Input]) -> dict[str, Any]:
        """The body, which may be missing."""
        return self.parse(input_class) if self.request.META.get("CONTENT_LENGTH") not in (None, "", "0") else {}

    def _with_secret(self, response: Response) -> Response:
        return store_instead(response, {**builtins(response.data), "secret": None})


class WebhookDeliveryViewSet(ResourceViewSet):
    """The log of an endpoint, newest number first."""

    resource = "deliveries"
    queryset = queries.deliveries()
    object_class = WebhookDeliveryObject
    filterset_class = WebhookDeliveryFilter
    cursor_field = "sequence"

    def get_queryset(self) -> QuerySet[Delivery]:
        """Those of the endpoint in the path."""
        rows: QuerySet[Delivery] = super().get_queryset()
        if self.request is None or "endpoint_id" not in self.kwargs:
            return rows
        endpoint_id = self.path_id("endpoint_id")
        if self.action == "list" and not queries.endpoints().filter(pk=endpoint_id).exists():
            raise self._missing()
        return rows.filter(endpoint=endpoint_id)

    def render(self, rows: Sequence[Delivery]) -> list[WebhookDeliveryObject]:
        return delivery_objects(rows)


class EventResendViewSet(ResourceViewSet):
    """Events sent once more."""

    resource = "webhooks"
    queryset = Event.objects.all()
    object_class = WebhookDeliveryObject

    def render(self, rows: Sequence[Delivery]) -> list[WebhookDeliveryObject]:
        return delivery_objects(rows)

    @operation(input=EventResendInput, output=Many(WebhookDeliveryObject), status=202)
    def create(self, request: Request, **kwargs: Any) -> Response:
        """Send one event again, under its own id: to one endpoint, or to all that listen to its type."""
        sent = request.META.get("CONTENT_LENGTH") not in (None, "", "0")
        fields = self.parse(EventResendInput) if sent else {}
        found = resend.resend_event(
            event_id=self.path_id(), endpoint_id=fields.get("endpoint_id"), at=clock.wall(), actor=self.actor
        )
        return Response({"data": delivery_objects(found)}, status=202)
