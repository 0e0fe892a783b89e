"""/v1/reconciliation/differences"""

from typing import Any

from django_filters import rest_framework as filters
from rest_framework.request import Request
from rest_framework.response import Response

from apps.payments import reconcile_queries as queries
from apps.payments.actions import bank, differences
from apps.payments.models import Difference
from apps.payments.reconcile_objects import ReconciliationDifferenceObject, difference_objects
from apps.payments.reconcile_rules import DifferenceKind, DifferenceStatus
from apps.rest import inputs
from apps.rest.filters import ResourceFilterSet
from apps.rest.viewsets import ResourceViewSet, operation


class DifferenceFilter(ResourceFilterSet):
    account_id = filters.UUIDFilter(field_name="account_id")
    kind = filters.ChoiceFilter(choices=[(kind.value, kind.value) for kind in DifferenceKind])
    status = filters.ChoiceFilter(choices=[(status.value, status.value) for status in DifferenceStatus])

    class Meta:
        model = Difference
        fields: list[str] = []


class DismissInput(inputs.Input):
    """What POST takes: why nothing is to be done."""

    reason = inputs.CharField(max_length=500)


class AssignInput(inputs.Input):
    """What POST takes: whose money it is. An invoice says so by itself."""

    account_id = inputs.UUIDField(required=False)
    invoice_id = inputs.UUIDField(required=False)


class DifferenceViewSet(ResourceViewSet):
    """What the gateway and our books do not agree on: a task each, until both sides agree or somebody dismisses it."""

    resource = "reconciliation"
    queryset = queries.differences()
    object_class = ReconciliationDifferenceObject
    filterset_class = DifferenceFilter

    def render(self, rows: Any) -> list[ReconciliationDifferenceObject]:
        return difference_objects(rows)

    @operation(output=ReconciliationDifferenceObject)
    def apply(self, request: Request, **kwargs: Any) -> Response:
        """Do what `fix` proposes; LOOK_AGAIN leaves it open until the next look finds that both sides agree."""
        return self.ok(differences.apply(difference_id=self.path_id("id"), actor=self.actor))

    @operation(input=DismissInput, output=ReconciliationDifferenceObject)
    def dismiss(self, request: Request, **kwargs: Any) -> Response:
        """Nothing is to be done, for this reason; it comes back when an amount changes."""
        reason = self.parse(DismissInput)["reason"]
        return self.ok(differences.dismiss(difference_id=self.path_id("id"), reason=reason, actor=self.actor))

    @operation(input=AssignInput, output=ReconciliationDifferenceObject)
    def assign(self, request: Request, **kwargs: Any) -> Response:
        """Record a bank transfer that named nobody: for an invoice, or an account's oldest due first."""
        named = self.parse(AssignInput)
        bank.assign(difference_id=self.path_id("id"), actor=self.actor, **named)
        return self.ok(self.get_object())
