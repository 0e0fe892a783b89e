"""/v1/accounts/{id}/access, /dispute-hold and /dunning-history"""

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.queries import accounts
from apps.dunning import queries
from apps.dunning.access import access
from apps.dunning.actions.hold import hold, release
from apps.dunning.objects import AccessObject, DunningStepObject, HoldObject, hold_object, step_objects
from apps.kernel.errors import Invalid, NotFound, Problem
from apps.rest import inputs
from apps.rest.viewsets import ResourceViewSet, operation

_FEATURE = OpenApiParameter("feature", str, description="A feature of its plans; left out: all of them are shown.")


class HoldInput(inputs.Input):
    """What PUT takes."""

    reason = inputs.CharField(max_length=500)


class AccessViewSet(ResourceViewSet):
    """Whether an account may use what it pays for."""

    resource = "accounts"
    queryset = accounts()
    object_class = AccessObject
    action_parameters = {"access": ("feature",)}

    @operation(output=AccessObject, parameters=[_FEATURE])
    def access(self, request: Request, **kwargs: Any) -> Response:
        """Say whether an account may use what it pays for, or one feature of it.

        `allowed` is false while the account is BLOCKED, and where a feature is asked for that none of its live
        subscriptions grants; `reason` says why. `features` holds what they grant, limits too.
        """
        feature = request.query_params.get("feature", "")
        if len(feature) > 100:
            raise Invalid(
                "feature_too_long",
                "No feature has such a name.",
                hint="Ask for a name of the plan's `features`.",
                errors=[Problem("?feature", "feature_too_long", "At most 100 characters.")],
            )
        return Response(access(self.path_id("account_id"), feature))


class DisputeHoldViewSet(ResourceViewSet):
    """A hold on dunning, while a customer disputes what it owes."""

    resource = "dispute_hold"
    queryset = accounts()
    object_class = HoldObject

    @operation(input=HoldInput, output=HoldObject)
    def update(self, request: Request, **kwargs: Any) -> Response:
        """Hold dunning: days do not count and nobody is reminded until it is released."""
        body = self.parse(HoldInput)
        held = hold(account_id=self.path_id("account_id"), reason=body["reason"], actor=self.actor)
        return Response(hold_object(held))

    @operation(status=204)
    def destroy(self, request: Request, **kwargs: Any) -> Response:
        """Release it: dunning goes on from the day on which it was held."""
        release(account_id=self.path_id("account_id"), actor=self.actor)
        return self.gone()


class DunningHistoryViewSet(ResourceViewSet):
    """What happened to an account that was behind with paying, newest first."""

    resource = "accounts"
    queryset = queries.history()
    object_class = DunningStepObject

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return queries.history()
        account_id = self.path_id("account_id")
        if not accounts().filter(pk=account_id).exists():
            raise NotFound("account_not_found", "There is no account with this id.", hint="Check the id in the path.")
        return queries.history().filter(account_id=account_id)

    def render(self, rows: Any) -> list[DunningStepObject]:
        return step_objects(rows)
