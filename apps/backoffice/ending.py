"""Ending a subscription from its page: now, at the end of the paid period, and taking that back; each is confirmed."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from apps.backoffice.pages import Button
from apps.clocks.queries import now_for
from apps.kernel.admin import allowed
from apps.kernel.columns import page_of
from apps.kernel.errors import DomainError
from apps.subscriptions.actions.cancel import cancel, uncancel
from apps.subscriptions.models import Subscription
from apps.subscriptions.rules.lifecycle import LIVE
from apps.subscriptions.rules.scheduled import Outcome

LIFE = "subscriptions.life"
WAYS = {
    "cancel": ("Cancel now", "It ends today: today is the first day that is not paid for."),
    "cancel-at-period-end": ("Cancel at period end", "It goes on until all that is billed has passed, and then ends."),
    "uncancel": ("Keep it going", "The cancellation that waits for the end of the period is taken back."),
}


class EndingForm(forms.Form):
    """What is asked before a subscription ends."""

    reason = forms.CharField(max_length=500, required=False, help_text="For colleagues: who asked, and why.")
    credit_unused = forms.BooleanField(
        required=False, initial=True, label="Give back what is paid for days that are not used"
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


def ways_now(subscription: Subscription) -> tuple[str, ...]:
    """What can be done now; one query, for what is scheduled."""
    if subscription.status not in LIVE:
        return ()
    scheduled = subscription.scheduled_changes.filter(outcome=Outcome.WAITING).exists()
    return ("uncancel", "cancel") if scheduled else ("cancel-at-period-end", "cancel")


def ending_buttons(request: HttpRequest, subscription: Subscription) -> Sequence[Button]:
    """What can be done now by who asks."""
    if not allowed(request, LIFE, "write"):
        return ()
    icons = {"uncancel": "undo", "cancel": "cancel", "cancel-at-period-end": "event_busy"}
    return [Button(WAYS[way][0], address(subscription, way), icons[way]) for way in ways_now(subscription)]


def address(subscription: Subscription, way: str) -> str:
    """The page that asks before it is done."""
    return reverse(f"admin:subscriptions_subscription_{way.replace('-', '_')}", args=[subscription.pk])


class EndingViews:
    """The three pages, for the admin of subscriptions."""

    admin_site: Any

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.ending)
        return [
            *(
                path(f"<uuid:pk>/{way}", view, {"way": way}, name=f"subscriptions_subscription_{way.replace('-', '_')}")
                for way in WAYS
            ),
            *super().get_urls(),  # type: ignore[misc]
        ]

    def ending(self, request: HttpRequest, pk: UUID, way: str) -> HttpResponse:
        if not allowed(request, LIFE, "write"):
            raise PermissionDenied
        subscription = get_object_or_404(Subscription.objects.select_related("account", "plan"), pk=pk)
        form = EndingForm(request.POST or None, initial={"version": subscription.version, "credit_unused": True})
        if request.method == "POST" and form.is_valid():
            try:
                done = _do(request, subscription, way, form.cleaned_data)
            except DomainError as refusal:
                messages.error(request, f"{refusal} {refusal.hint}")
            else:
                messages.success(request, done)
            return redirect(page_of(subscription))
        title, meaning = WAYS[way]
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "subtitle": str(subscription),
            "meaning": meaning,
            "way": way,
            "possible": way in ways_now(subscription),
            "subscription": subscription,
            "form": form,
            "back": page_of(subscription),
        }
        return TemplateResponse(request, "backoffice/ending.html", context)


def _do(request: HttpRequest, subscription: Subscription, way: str, given: dict[str, Any]) -> str:
    """The one call, under the name of who asks, against the version that they looked at."""
    actor: Any = request.user.actor  # type: ignore[union-attr]
    known: dict[str, Any] = {
        "subscription_id": subscription.pk,
        "expected_version": given["version"],
        "at": now_for(subscription.account),
        "actor": actor,
    }
    if way == "uncancel":
        uncancel(**known)
        return "The subscription goes on."
    at_period_end = way == "cancel-at-period-end"
    cancel(at_period_end=at_period_end, credit_unused=given["credit_unused"], reason=given["reason"].strip(), **known)
    if at_period_end:
        return "The subscription ends when all that is billed has passed."
    return "The subscription is cancelled. What is given back, if anything, is on its newest invoice."
