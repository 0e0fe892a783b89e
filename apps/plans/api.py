"""/v1/plans"""

from typing import Any

from django_filters import rest_framework as filters
from rest_framework.request import Request
from rest_framework.response import Response

from apps.kernel import clock
from apps.kernel.errors import NotFound
from apps.plans import actions, queries
from apps.plans.inputs import PlanChange, PlanInput
from apps.plans.models import Plan, PlanVersion
from apps.plans.objects import PlanObject, PlanVersionObject, plan_objects, version_objects
from apps.rest.filters import MetadataFilterMixin, ResourceFilterSet
from apps.rest.objects import builtins
from apps.rest.viewsets import ResourceViewSet, operation


class PlanFilter(MetadataFilterMixin, ResourceFilterSet):
    id = filters.UUIDFilter()
    key = filters.CharFilter()
    active = filters.BooleanFilter()

    class Meta:
        model = Plan
        fields: list[str] = []


class PlanViewSet(ResourceViewSet):
    """Plans: a recurring price per currency and metered charges. Other terms make a new version; subscriptions stay."""

    resource = "plans"
    queryset = queries.plans()
    object_class = PlanObject
    filterset_class = PlanFilter

    def render(self, rows: Any) -> list[PlanObject]:
        return plan_objects(rows)

    @operation(input=PlanInput, output=PlanObject, status=201)
    def create(self, request: Request) -> Response:
        """Create a plan from one document; every problem in it is reported at once."""
        return self.created(actions.create(fields=self.parse(PlanInput), at=clock.wall(), actor=self.actor))

    @operation(input=PlanChange, output=PlanObject)
    def partial_update(self, request: Request, **kwargs: Any) -> Response:
        """Change a plan; new terms or prices make a new version."""
        plan = self.get_object()
        changed = actions.update(
            plan_id=plan.pk,
            changes=self.parse(PlanChange, current=builtins(plan_objects([plan])[0])),
            expected_version=self.expected_version(),
            at=clock.wall(),
            actor=self.actor,
        )
        return self.ok(changed)

    @operation(status=204)
    def destroy(self, request: Request, **kwargs: Any) -> Response:
        """Sell a plan no more. Its subscriptions go on; PATCH with `active: true` takes it back."""
        actions.delete(
            plan_id=self.get_object().pk,
            expected_version=self.expected_version(),
            at=clock.wall(),
            actor=self.actor,
        )
        return self.gone()


class PlanVersionViewSet(ResourceViewSet):
    """The versions of a plan, newest first: the terms that subscriptions stay on."""

    resource = "plans"
    queryset = PlanVersion.objects.none()
    object_class = PlanVersionObject
    cursor_field = "version"

    def get_queryset(self) -> Any:
        """Those of the plan in the path, which is looked up once."""
        if "plan_id" not in self.kwargs:  # while the OpenAPI document is made
            return self.queryset
        plan = queries.plans().filter(pk=self.path_id("plan_id")).first()
        if plan is None:
            raise NotFound("not_found", "There is no plan with this id.", hint="GET /v1/plans lists those that exist.")
        self.plan = plan
        return queries.versions(plan.pk)

    def render(self, rows: Any) -> list[PlanVersionObject]:
        return version_objects(self.plan, rows)
