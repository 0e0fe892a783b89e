"""Admin pages of the outbox: what happened, who was told, and a button for what was given up."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.events.actions import retry_delivery
from apps.events.models import Delivery, Event
from apps.kernel import clock
from apps.kernel.admin import RecordAdmin
from apps.kernel.errors import DomainError


@admin.register(Event)
class EventAdmin(RecordAdmin):
    resource = "events"
    list_display = ("event_type", "position", "created_at", "effective_at", "account_id", "object_id", "lane")
    list_filter = ("lane",)
    search_fields = ("id",)
    exact_ids = ("pk", "object_id", "account_id")
    exact = ()
    empty_hint = "Each change that somebody may want to hear of is an event."
    search_help_text = "The whole id of an event, an object or an account"


@admin.register(Delivery)
class DeliveryAdmin(RecordAdmin):
    resource = "deliveries"
    list_display = ("subscriber", "event_id", "lane", "status", "attempts", "next_attempt_at", "last_error")
    list_filter = ("status", "lane")
    autocomplete_fields = ("event",)
    actions = ("retry",)

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.may(self.resource, "write"))

    @admin.action(description="Try again", permissions=["retry"])
    def retry(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        """Put the chosen dead deliveries back to work."""
        actor: Any = request.user.actor  # type: ignore[union-attr]
        for delivery in queryset:
            try:
                retry_delivery(delivery_id=delivery.pk, at=clock.wall(), actor=actor)
            except DomainError as refusal:
                self.message_user(request, f"{refusal} {refusal.hint}", messages.ERROR)
