"""/v1/plans"""

from collections.abc import Iterator
from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.request import Request
from rest_framework.response import Response

from apps.kernel import clock
from apps.kernel.errors import Problem
from apps.kernel.money import MAX_AMOUNT
from apps.kernel.periods import Unit
from apps.plans import actions, queries
from apps.plans.models import Plan
from apps.plans.objects import PlanObject, plan_objects
from apps.plans.rules import MAX_TRIAL_DAYS, TaxBehavior, TrialUsage, interval_problems, price_problems
from apps.rest import inputs
from apps.rest.filters import MetadataFilterMixin, ResourceFilterSet
from apps.rest.viewsets import ResourceViewSet, operation

NON_FIELD = "non_field_errors"


@extend_schema_field(
    {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": {"type": "integer", "format": "int64", "minimum": 0, "maximum": MAX_AMOUNT},
        "description": "Currency -> minor units per interval and unit of quantity. The whole list, also in a PATCH.",
        "examples": [{"USD": 4900, "EUR": 4500}],
    }
)
class PricesField(serializers.Field[dict[str, int], Any, Any, Any]):
    """An object: currency -> minor units."""

    def to_internal_value(self, data: Any) -> dict[str, int]:
        """The price list; every bad entry is a fault of its own."""
        faults: dict[str, list[ErrorDetail]] = {}
        for problem in price_problems(data):
            name = problem.pointer.removeprefix("/prices").removeprefix("/") or NON_FIELD
            faults.setdefault(name, []).append(ErrorDetail(problem.detail, problem.code))
        if faults:
            raise serializers.ValidationError(faults)
        return dict(data)


class PlanChange(inputs.Input):
    """What PATCH takes: terms, prices and the rest. `amount` and `currency` stand for a price list of one."""

    name = inputs.CharField(max_length=255)
    interval = inputs.ChoiceField(choices=[unit.value for unit in Unit])
    interval_count = inputs.IntegerField(min_value=1, required=False)
    trial_days = inputs.IntegerField(min_value=0, max_value=MAX_TRIAL_DAYS, required=False)
    trial_usage = inputs.ChoiceField(choices=[usage.value for usage in TrialUsage], required=False)
    prices = PricesField(required=False)
    amount = inputs.AmountField(min_value=0, required=False)
    currency = inputs.CurrencyField(required=False)
    tax_behavior = inputs.ChoiceField(choices=[behavior.value for behavior in TaxBehavior], required=False)
    tax_code = inputs.CharField(max_length=64, required=False)
    features = inputs.MetadataField()
    active = inputs.BooleanField(required=False)
    metadata = inputs.MetadataField()

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """The document; faults between members are told beside those of single ones."""
        faults: dict[str, Any] = {}
        values: dict[str, Any] = {}
        try:
            values = super().to_internal_value(data)
        except serializers.ValidationError as error:
            faults = dict(error.detail) if isinstance(error.detail, dict) else {NON_FIELD: error.detail}
        for problem in self._between(data) if isinstance(data, dict) else ():
            faults.setdefault(problem.pointer.removeprefix("/"), [ErrorDetail(problem.detail, problem.code)])
        if faults:
            raise serializers.ValidationError(faults)
        amount, currency = values.pop("amount", None), values.pop("currency", None)
        if amount is not None:
            values["prices"] = {currency: amount}
        return values

    def _between(self, data: dict[str, Any]) -> Iterator[Problem]:
        current: PlanObject | None = self.context.get("current")
        known = {"interval": current.interval.value, "interval_count": current.interval_count} if current else {}
        yield from interval_problems({**known, **data})
        if "amount" in data and "prices" in data:
            yield Problem("/amount", "ambiguous", "Give either prices, or amount and currency.")
        elif "amount" in data and current and len(current.prices) > 1:
            yield Problem(
                "/amount", "ambiguous", f"There are prices in {', '.join(current.prices)}: give all as prices."
            )
        elif "amount" in data and "currency" not in data:
            yield Problem("/currency", "required", "An amount needs its currency.")
        if "currency" in data and "amount" not in data:
            yield Problem("/amount", "required", "A currency needs an amount.")
        if not self.partial and "prices" not in data and "amount" not in data and "currency" not in data:
            yield Problem("/prices", "required", "Give prices, or amount and currency.")


class PlanInput(PlanChange):
    """What POST takes."""

    key = inputs.ExternalKeyField()


class PlanFilter(MetadataFilterMixin, ResourceFilterSet):
    id = filters.UUIDFilter()
    key = filters.CharFilter()
    active = filters.BooleanFilter()

    class Meta:
        model = Plan
        fields: list[str] = []


class PlanViewSet(ResourceViewSet):
    """Plans: a recurring price per currency. A price change makes a new version; subscriptions stay on theirs."""

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
            changes=self.parse(PlanChange, current=plan_objects([plan])[0]),
            expected_version=self.expected_version(),
            at=clock.wall(),
            actor=self.actor,
        )
        return self.ok(changed)
