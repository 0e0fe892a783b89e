"""Pages of endpoints, their deliveries and attempts: read, and sent again."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.kernel import clock
from apps.kernel.admin import RecordAdmin, allowed
from apps.kernel.errors import DomainError
from apps.webhooks.actions.redo import send_now
from apps.webhooks.models import Attempt, Delivery, Endpoint, Resend


@admin.register(Endpoint)
class EndpointAdmin(RecordAdmin):
    resource = "webhooks"
    list_display = ("__str__", "url", "status", "disabled_reason", "event_types", "format", "created_at")
    list_filter = ("status", "format")
    search_fields = ("url",)
    exact = ("url",)
    search_help_text = "A whole URL, or id of an endpoint"
    empty_hint = "Endpoints are made by POST /v1/webhook-endpoints."
    exclude = ("likes",)


@admin.register(Delivery)
class DeliveryAdmin(RecordAdmin):
    resource = "deliveries"
    list_display = ("sequence", "endpoint", "event_id", "status", "attempts", "next_attempt_at", "last_error")
    list_filter = ("status", "endpoint")
    list_select_related = ("endpoint",)
    search_fields = ("event",)
    exact = ()
    exact_ids = ("event_id", "endpoint_id")
    search_help_text = "The whole id of an event or an endpoint"
    empty_hint = "An event is sent to each endpoint that listens to its type."
    actions = ("send_again",)

    def has_send_permission(self, request: HttpRequest) -> bool:
        return allowed(request, self.resource, "write")

    @admin.action(description="Send again", permissions=["send"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        """Send the chosen ones again, delivered or given up."""
        actor: Any = request.user.actor  # type: ignore[union-attr]
        sent = 0
        for delivery in queryset:
            try:
                send_now(delivery_id=delivery.pk, at=clock.wall(), actor=actor)
                sent += 1
            except DomainError as refusal:
                self.message_user(request, f"{delivery.sequence}: {refusal} {refusal.hint}", messages.ERROR)
        if sent:
            self.message_user(request, f"{sent} are sent again in a moment.", messages.SUCCESS)


@admin.register(Attempt)
class AttemptAdmin(RecordAdmin):
    resource = "deliveries"
    list_display = ("created_at", "endpoint", "delivery", "outcome", "status_code", "duration_ms", "error")
    list_filter = ("outcome", "endpoint")
    list_select_related = ("endpoint", "delivery")
    search_fields = ("endpoint",)
    exact = ()
    exact_ids = ("endpoint_id",)
    search_help_text = "The whole id of an endpoint"
    empty_hint = "Each call of an endpoint is kept."


@admin.register(Resend)
class ResendAdmin(RecordAdmin):
    resource = "webhooks"
    list_display = ("created_at", "endpoint", "scope", "after", "until", "made", "done_at", "actor")
    list_select_related = ("endpoint",)
    search_fields = ("endpoint",)
    exact = ()
    exact_ids = ("pk", "endpoint_id")
    empty_hint = "Nothing was ever asked to be sent again."
