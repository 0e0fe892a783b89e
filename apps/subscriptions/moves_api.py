"""/v1/bulk-moves"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django_filters import rest_framework as filters
from rest_framework.request import Request
from rest_framework.response import Response

from apps.rest import inputs
from apps.rest.filters import ResourceFilterSet
from apps.rest.objects import ApiObject, builtins
from apps.rest.viewsets import ResourceViewSet, operation
from apps.subscriptions.actions.move import begin_move, digest, preview_move
from apps.subscriptions.models import BulkMove, MoveRefusal
from apps.subscriptions.rules.proration import Behavior
from apps.subscriptions.rules.scheduled import Effective

SHOWN_REFUSALS = 100


class BulkMoveInput(inputs.Input):
    """What POST takes: the plan, the version its subscribers come to, and the one they are on, if not all are meant."""

    plan_id = inputs.UUIDField()
    to_version = inputs.IntegerField(min_value=1, max_value=2**31 - 1)
    from_version = inputs.IntegerField(min_value=1, max_value=2**31 - 1, required=False, allow_null=True)
    effective = inputs.ChoiceField(choices=[each.value for each in Effective], required=False)
    proration_behavior = inputs.ChoiceField(choices=[each.value for each in Behavior], required=False)
    preview = inputs.BooleanField(required=False)


class BulkMoveFilter(ResourceFilterSet):
    plan_id = filters.UUIDFilter(field_name="plan_id", label="Moves of this plan's subscribers.")

    class Meta:
        model = BulkMove
        fields: list[str] = []


class MovingObject(ApiObject, kw_only=True, frozen=True):
    """Of one currency: how many move, and what they pay an interval at list prices, in minor units.

    `after` is null where the version has no price in the currency: those stay as they are.
    """

    currency: str
    subscriptions: int
    before: int
    after: int | None


class MovePreviewObject(ApiObject, kw_only=True, frozen=True):
    """What would be moved. Send `hash` as If-Match with the same body: 412 if it would be others by then."""

    hash: str
    moving: list[MovingObject]


class MoveRefusalObject(ApiObject, kw_only=True, frozen=True):
    """A subscription that stays as it is, and why."""

    subscription_id: UUID
    reason: str


class BulkMoveObject(ApiObject, kw_only=True, frozen=True):
    """Subscribers of a plan on their way to another version. `due`, `moved` and `refused` count subscriptions."""

    id: UUID
    plan_id: UUID
    from_version: int | None
    to_version: int
    effective: Effective
    proration_behavior: Behavior
    due: int
    moved: int
    refused: int
    finished_at: datetime | None
    created_at: datetime
    updated_at: datetime
    url: str


class ShownBulkMove(BulkMoveObject, kw_only=True, frozen=True):
    """One move with the first 100 that could not be moved."""

    refusals: list[MoveRefusalObject]


class BulkMoveViewSet(ResourceViewSet):
    """Bulk moves of subscribers between versions of a plan."""

    resource = "bulk_moves"
    queryset = BulkMove.objects.select_related("to_version")
    object_class = BulkMoveObject
    filterset_class = BulkMoveFilter

    def render(self, rows: Any) -> list[BulkMoveObject]:
        return [_object(row) for row in rows]

    @operation(input=BulkMoveInput, output=BulkMoveObject, status=201)
    def create(self, request: Request) -> Response:
        """Move the subscribers of a plan to a version of it, at the end of their period unless `effective` is now.

        With `preview: true` it answers who would be moved, and nothing is written.
        """
        body = self.parse(BulkMoveInput)
        if body.pop("preview", False):
            asked = {name: body[name] for name in ("plan_id", "to_version", "from_version") if name in body}
            figures = preview_move(**asked)
            moving = [
                MovingObject(
                    currency=each.currency, subscriptions=each.subscriptions, before=each.before, after=each.after
                )
                for each in figures
            ]
            return Response(MovePreviewObject(hash=digest(figures), moving=moving))
        return self.created(begin_move(**body, expected_preview=self.expected_preview(), actor=self.actor))

    @operation(output=ShownBulkMove)
    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        """Show one move, with the first 100 that could not be moved."""
        move = self.get_object()
        return self.ok(move, extra=lambda: {"refusals": _refusals(move.pk)})


def _refusals(move_id: UUID) -> Any:
    rows = MoveRefusal.objects.filter(move_id=move_id).order_by("pk")[:SHOWN_REFUSALS]
    return builtins([MoveRefusalObject(subscription_id=row.subscription_id, reason=row.reason) for row in rows])


def _object(row: BulkMove) -> BulkMoveObject:
    return BulkMoveObject(
        id=row.pk,
        plan_id=row.plan_id,
        from_version=row.from_version,
        to_version=row.to_version.version,
        effective=Effective(row.effective),
        proration_behavior=Behavior(row.proration_behavior),
        due=row.due,
        moved=row.moved,
        refused=row.refused,
        finished_at=row.finished_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
        url=f"/v1/bulk-moves/{row.pk}",
    )
