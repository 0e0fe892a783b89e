"""/v1/subscriptions"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django_filters import rest_framework as filters
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts import queries as accounts
from apps.clocks.queries import now_for
from apps.invoices.actions.issue import collecting
from apps.invoices.objects import InvoiceObject, invoice_objects
from apps.invoices.queries import latest_of
from apps.plans.objects import plan_objects
from apps.rest.filters import MetadataFilterMixin, ResourceFilterSet
from apps.rest.pagination import CursorPagination
from apps.rest.viewsets import ResourceViewSet, operation
from apps.subscriptions import bodies, queries
from apps.subscriptions.actions.cancel import cancel, uncancel
from apps.subscriptions.actions.change import change
from apps.subscriptions.actions.create import NewSubscription, create
from apps.subscriptions.actions.detach import detach
from apps.subscriptions.actions.pause import pause
from apps.subscriptions.actions.preview import Before, committed, preview
from apps.subscriptions.actions.resume import resume
from apps.subscriptions.actions.unschedule import unschedule
from apps.subscriptions.current_usage import CurrentUsageObject, current_usage
from apps.subscriptions.models import Subscription
from apps.subscriptions.objects import SubscriptionObject, subscription_objects
from apps.subscriptions.objects_history import HistoryObject, history_objects
from apps.subscriptions.rules.lifecycle import Status


class SubscriptionFilter(MetadataFilterMixin, ResourceFilterSet):
    account_id = filters.UUIDFilter(field_name="account_id")
    plan_id = filters.UUIDFilter(field_name="plan_id")
    status = filters.ChoiceFilter(choices=[(status.value, status.value) for status in Status])
    external_key = filters.CharFilter()

    class Meta:
        model = Subscription
        fields: list[str] = []


class SubscriptionViewSet(ResourceViewSet):
    """Subscriptions: an account on a plan. Creation bills at once, and wants to be paid at once."""

    resource = "subscriptions"
    queryset = queries.subscriptions()
    object_class = SubscriptionObject
    filterset_class = SubscriptionFilter
    customer_actions = frozenset({"list", "retrieve", "usage"})
    customer_expandable = frozenset({"latest_invoice"})
    account_lookup = "account_id"
    action_resources = dict.fromkeys(("cancel", "uncancel", "pause", "resume"), "subscriptions.life")
    expandable = {
        "plan": lambda row: plan_objects([row.plan])[0],
        "latest_invoice": lambda row: _latest_invoice(row.pk),
    }

    def render(self, rows: Any) -> list[SubscriptionObject]:
        return subscription_objects(rows)

    @operation(output=bodies.ShownSubscription)
    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        """Show one subscription."""
        row = self.get_object()
        latest = latest_of(row.pk)
        return self.ok(row, extra={"latest_invoice": latest and latest.pk})

    @operation(input=bodies.SubscriptionInput, output=bodies.CreatedSubscription, status=201)
    def create(self, request: Request) -> Response:
        """Subscribe an account to a plan: subscription, first invoice and payment attempt are recorded as one."""
        body = self.parse(bodies.SubscriptionInput)
        hashed, done = self.expected_preview(), []

        def subscribed(at: datetime | None = None) -> Subscription:
            done.append(create(new=NewSubscription(**body), at=at, actor=self.actor))
            return done[0].subscription

        with collecting() as issued:
            if hashed is None:
                made = subscribed()
            else:
                account = accounts.one(body["account_id"])
                at = now_for(account)
                before = Before.of(None, account, at)
                made = committed(partial(subscribed, at), expected=hashed, before=before, actor=self.actor)
        # What was issued a moment ago need not be read. After a wait it is; and where a preview was made beside it.
        newest = issued[-1:] if hashed is None else []
        return self.created(
            made,
            extra=lambda: {"latest_invoice": newest.pop() if newest else _latest_invoice(made.pk)},
            shown=done[0].shown,
        )

    @operation(input=bodies.SubscriptionInput, output=bodies.PreviewObject, name="subscriptions_preview_new")
    def preview_new(self, request: Request) -> Response:
        """Preview a creation: what it would bill now, and next. Nothing is written."""
        body = self.parse(bodies.SubscriptionInput)
        account = accounts.one(body["account_id"])
        at = now_for(account)
        found = preview(
            lambda: create(new=NewSubscription(**body), at=at, actor=self.actor).subscription,
            before=Before.of(None, account, at),
            actor=self.actor,
        )
        return Response(bodies.preview_object(found))

    @operation(input=bodies.SubscriptionChange, output=bodies.CreatedSubscription)
    def partial_update(self, request: Request, **kwargs: Any) -> Response:
        """Change plan, version, quantity or metadata: the rest of the period is credited, and charged anew.

        With effective period_end it is written down for the end of the period, and can be taken back until then.
        """
        return self._done(change, self.parse(bodies.SubscriptionChange))

    @operation(input=bodies.SubscriptionChange, output=bodies.PreviewObject)
    def preview_change(self, request: Request, **kwargs: Any) -> Response:
        """Preview a change: what PATCH with this body would bill now, and what comes next. Nothing is written."""
        return self._done(change, {**self.parse(bodies.SubscriptionChange, partial=True), "preview": True})

    @operation(input=bodies.Cancellation, output=bodies.CreatedSubscription)
    def cancel(self, request: Request, **kwargs: Any) -> Response:
        """Cancel now, with credit for the unused days unless credit_unused is false, or at the end of the period.

        With `preview: true` it answers what that would bill instead.
        """
        return self._done(cancel, self.parse(bodies.Cancellation))

    @operation(input=bodies.NoFields, output=bodies.CreatedSubscription)
    def uncancel(self, request: Request, **kwargs: Any) -> Response:
        """Take back a cancellation at the end of the period."""
        return self._done(uncancel, self.parse(bodies.NoFields))

    @operation(input=bodies.PauseInput, output=bodies.CreatedSubscription)
    def pause(self, request: Request, **kwargs: Any) -> Response:
        """Pause: days from today on are credited and not billed until it is resumed, at the latest after 90 days.

        With `preview: true` it answers what that would bill instead.
        """
        body = self.parse(bodies.PauseInput)
        if "resume_at" in body:
            body["resume_at"] = bodies.local_day(body["resume_at"], self.get_object().account.timezone)
        return self._done(pause, body)

    @operation(input=bodies.ResumeInput, output=bodies.CreatedSubscription)
    def resume(self, request: Request, **kwargs: Any) -> Response:
        """Resume: the rest of the period is billed from today on; the anchor stays.

        With `preview: true` it answers what that would bill instead.
        """
        return self._done(resume, self.parse(bodies.ResumeInput))

    @operation(output=bodies.CreatedSubscription)
    def unschedule(self, request: Request, **kwargs: Any) -> Response:
        """Take back the change that waits for the end of the period."""
        return self._done(unschedule, {})

    @operation(output=bodies.CreatedSubscription)
    def detach(self, request: Request, **kwargs: Any) -> Response:
        """Take a coupon off: it comes off nothing that is charged from now on; what is billed stays as it is."""
        return self._done(detach, {"coupon_id": self.path_id("coupon_id")})

    @operation(output=HistoryObject, many=True)
    def history(self, request: Request, **kwargs: Any) -> Response:
        """What happened to it, newest first: each event with the values before and after."""
        row = self.get_object()
        paginator = CursorPagination()
        page = paginator.paginate_queryset(queries.history(row.pk), request, view=self) or []
        return paginator.get_paginated_response(history_objects(page))

    @operation(output=CurrentUsageObject)
    def usage(self, request: Request, **kwargs: Any) -> Response:
        """What it has used in its period so far, charge by charge, and what that would cost by now."""
        row = self.get_object()
        return Response(current_usage(row, row.account, at=now_for(row.account)))

    def _done(self, verb: Callable[..., Subscription], wanted: dict[str, Any]) -> Response:
        """Do it at the account's time, and answer as creation does; or show what it would bill."""
        row = self.get_object()
        at = now_for(row.account)
        looks = wanted.pop("preview", False)
        hashed = self.expected_preview()
        # A hash holds for the version that it was made of.
        version = row.version if hashed else self.expected_version()
        do = partial(verb, subscription_id=row.pk, expected_version=version, at=at, actor=self.actor, **wanted)
        before = Before.of(row, row.account, at)
        if looks:
            return Response(bodies.preview_object(preview(do, before=before, actor=self.actor)))
        changed = committed(do, expected=hashed, before=before, actor=self.actor)
        return self.ok(changed, extra=lambda: {"latest_invoice": _latest_invoice(row.pk)})


def _latest_invoice(subscription_id: UUID) -> InvoiceObject | None:
    latest = latest_of(subscription_id)
    return invoice_objects([latest])[0] if latest else None
