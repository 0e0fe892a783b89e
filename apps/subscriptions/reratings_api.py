"""/v1/re-ratings"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django_filters import rest_framework as filters
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.kernel.errors import NotFound
from apps.rest import inputs
from apps.rest.filters import ResourceFilterSet
from apps.rest.objects import ApiObject, builtins
from apps.rest.viewsets import ResourceViewSet, operation
from apps.subscriptions import rerating_queries as queries
from apps.subscriptions.actions.rerate import begin_rerating, bill_rerating
from apps.subscriptions.models import ReratedSubscription, Rerating
from apps.subscriptions.rules.rerating import RerateStatus

NAMED_AT_MOST = 1000


class RerateInput(inputs.Input):
    """What POST takes: by which version usage was counted, as which it is to be rated, of whom, and which periods."""

    plan_id = inputs.UUIDField()
    version = inputs.IntegerField(min_value=1, max_value=2**31 - 1)
    corrected_version = inputs.IntegerField(min_value=1, max_value=2**31 - 1, required=False, allow_null=True)
    subscription_ids = serializers.ListField(
        child=inputs.UUIDField(), required=False, allow_null=True, allow_empty=False, max_length=NAMED_AT_MOST
    )
    periods_from = inputs.DateField(required=False, allow_null=True)
    periods_until = inputs.DateField(required=False, allow_null=True)
    reason = inputs.CharField(max_length=500)


class ReratingFilter(ResourceFilterSet):
    plan_id = filters.UUIDFilter(field_name="plan_id", label="Re-ratings of this plan.")
    status = filters.ChoiceFilter(choices=[(each.value, each.value) for each in RerateStatus])

    class Meta:
        model = Rerating
        fields: list[str] = []


class ReratedFilter(ResourceFilterSet):
    subscription_id = filters.UUIDFilter(field_name="subscription_id", label="This subscription alone.")
    failed = filters.BooleanFilter(
        field_name="error", method="with_error", label="What could not be rated alone, or none of it."
    )

    class Meta:
        model = ReratedSubscription
        fields: list[str] = []

    def with_error(self, rows: Any, name: str, value: Any) -> Any:
        """Those with an error, or without."""
        return rows.exclude(error="") if value else rows.filter(error="")


class ReratingObject(ApiObject, kw_only=True, frozen=True):
    """Closed periods rated again. `due`, `previewed`, `done` and `failed` count subscriptions.

    `hash`: send it as If-Match when it is to be billed. Empty until all is previewed.
    """

    id: UUID
    plan_id: UUID
    version: int
    corrected_version: int
    periods_from: date | None
    periods_until: date | None
    reason: str
    status: RerateStatus
    due: int
    previewed: int
    done: int
    failed: int
    hash: str
    finished_at: datetime | None
    created_at: datetime
    updated_at: datetime
    url: str


class ReratingSumObject(ApiObject, kw_only=True, frozen=True):
    """What it comes to in one currency, in minor units. `changed`: subscriptions that anything differs for.

    `before`, `after`: usage and minimums that differ, before discounts and tax. `total`: of the invoices, with tax.
    """

    currency: str
    subscriptions: int
    changed: int
    before: int
    after: int
    difference: int
    total: int
    credited: int


class ShownRerating(ReratingObject, kw_only=True, frozen=True):
    """One re-rating with its sums by currency."""

    sums: list[ReratingSumObject]


class BilledByObject(ApiObject, kw_only=True, frozen=True):
    """A line that billed a part of what was billed before."""

    line_id: UUID
    invoice_id: UUID
    invoice_number: str
    kind: str
    description: str
    amount: int


class RerateLineObject(ApiObject, kw_only=True, frozen=True):
    """One charge of one period: what was billed of it, and what it comes to now."""

    charge: str
    kind: str
    period_start: date
    period_end: date
    before: int
    after: int
    difference: int
    billed_by: list[BilledByObject]


class ReratedSubscriptionObject(ApiObject, kw_only=True, frozen=True):
    """A subscription of a re-rating. `total` and `credited`: of the invoice that it makes, with tax; `error`: why none.

    `invoice_id`: that invoice, once it is billed.
    """

    id: UUID
    subscription_id: UUID
    currency: str
    before: int
    after: int
    difference: int
    total: int
    credited: int
    lines: list[RerateLineObject]
    error: str | None
    invoice_id: UUID | None
    previewed_at: datetime | None
    done_at: datetime | None


class ReratingViewSet(ResourceViewSet):
    """Re-ratings of closed periods: previewed, then billed or credited."""

    resource = "reratings"
    queryset = queries.reratings()
    object_class = ReratingObject
    filterset_class = ReratingFilter

    def render(self, rows: Any) -> list[ReratingObject]:
        progress = queries.progress([row.pk for row in rows])
        return [_object(row, progress.get(row.pk, queries.Progress())) for row in rows]

    @operation(input=RerateInput, output=ShownRerating, status=201, summary="Preview a re-rating")
    def create(self, request: Request) -> Response:
        """Rate closed periods again and show what differs, subscription by subscription. Nothing is billed.

        It goes on after the answer: its `status` is PREVIEWING until it is PREVIEWED.
        """
        rerating = begin_rerating(**self.parse(RerateInput), actor=self.actor)
        return self.created(rerating, extra=lambda: _sums(rerating.pk))

    @operation(output=ShownRerating)
    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        """Show one re-rating with its sums by currency."""
        rerating = self.get_object()
        return self.ok(rerating, extra=lambda: _sums(rerating.pk))

    @operation(output=ShownRerating, summary="Bill or credit what a re-rating shows")
    def bill(self, request: Request, **kwargs: Any) -> Response:
        """Invoice or credit each difference that was previewed. Said again it changes nothing.

        A subscription that comes to something else by now is left as it is, with `preview_changed` as its error.
        """
        rerating = bill_rerating(
            rerating_id=self.get_object().pk, expected_preview=self.expected_preview(), actor=self.actor
        )
        return self.ok(rerating, extra=lambda: _sums(rerating.pk))


class ReratedSubscriptionViewSet(ResourceViewSet):
    """The subscriptions of a re-rating, each with its difference."""

    resource = "reratings"
    queryset = ReratedSubscription.objects.none()
    object_class = ReratedSubscriptionObject
    filterset_class = ReratedFilter

    def get_queryset(self) -> Any:
        """Those of the re-rating in the path."""
        if "rerating_id" not in self.kwargs:  # while the OpenAPI document is made
            return self.queryset
        rerating = queries.reratings().filter(pk=self.path_id("rerating_id")).first()
        if rerating is None:
            raise NotFound("not_found", "There is no re-rating with this id.", hint="GET /v1/re-ratings lists them.")
        return queries.pieces(rerating)

    def render(self, rows: Any) -> list[ReratedSubscriptionObject]:
        return [_piece(row) for row in rows]


def _sums(rerating_id: UUID) -> dict[str, Any]:
    found = [
        ReratingSumObject(
            currency=each.currency,
            subscriptions=each.subscriptions,
            changed=each.changed,
            before=each.before,
            after=each.after,
            difference=each.after - each.before,
            total=each.total,
            credited=each.credited,
        )
        for each in queries.sums(rerating_id)
    ]
    return {"sums": builtins(found)}


def _object(row: Rerating, progress: queries.Progress) -> ReratingObject:
    return ReratingObject(
        id=row.pk,
        plan_id=row.plan_id,
        version=row.plan_version.version,
        corrected_version=row.corrected_version.version,
        periods_from=row.periods_from,
        periods_until=row.periods_until,
        reason=row.reason,
        status=RerateStatus(row.status),
        due=row.due,
        previewed=progress.previewed,
        done=progress.done,
        failed=progress.failed,
        hash=row.hash,
        finished_at=row.finished_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
        url=f"/v1/re-ratings/{row.pk}",
    )


def _piece(row: ReratedSubscription) -> ReratedSubscriptionObject:
    return ReratedSubscriptionObject(
        id=row.pk,
        subscription_id=row.subscription_id,
        currency=row.currency,
        before=row.before,
        after=row.after,
        difference=row.after - row.before,
        total=row.total,
        credited=row.credited,
        lines=[_line(each) for each in row.lines],
        error=row.error or None,
        invoice_id=row.invoice_id,
        previewed_at=row.previewed_at,
        done_at=row.done_at,
    )


def _line(told: dict[str, Any]) -> RerateLineObject:
    return RerateLineObject(
        **{
            **told,
            "period_start": date.fromisoformat(told["period_start"]),
            "period_end": date.fromisoformat(told["period_end"]),
            "billed_by": [
                BilledByObject(**{**old, "line_id": UUID(old["line_id"]), "invoice_id": UUID(old["invoice_id"])})
                for old in told["billed_by"]
            ],
        }
    )
