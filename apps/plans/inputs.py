"""The plan as a body of the API, a file and the staff's form say it: parsed, completed, checked as one document."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from apps.kernel.errors import Problem
from apps.kernel.money import MAX_AMOUNT
from apps.kernel.periods import Unit
from apps.plans.rules import MAX_TRIAL_DAYS, Aggregation, CapBehavior, ChargeModel, TaxBehavior, TrialUsage, checked
from apps.plans.rules.charges import KEY_LENGTH
from apps.plans.rules.document import STRUCTURED
from apps.plans.rules.filters import METRIC_LENGTH
from apps.plans.rules.thresholds import MAX_THRESHOLDS
from apps.rest import inputs

NON_FIELD = "non_field_errors"
LICENSED = "licensed"
"""The `usage_type` of a plan without usage."""
SHORT = ("amount", "currency", "usage_type", "tiers")

_AMOUNT = {"type": "integer", "format": "int64", "minimum": 0, "maximum": MAX_AMOUNT}
_EXACT = {"type": ["string", "integer"], "format": "decimal", "examples": ["0.5"]}
_EXACT_OR_NONE = {**_EXACT, "type": ["string", "integer", "null"]}
_TIERS = {
    "type": "array",
    "minItems": 1,
    "description": "Ascending; the last one's up_to is null. Prices in minor units.",
    "items": {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "up_to": _EXACT_OR_NONE,
            "unit_price": _EXACT,
            "flat_price": _EXACT,
            "rate_percent": _EXACT,
            "package_size": _EXACT_OR_NONE,
        },
    },
    "examples": [[{"up_to": "1000", "unit_price": "0"}, {"up_to": None, "unit_price": "0.5"}]],
}
_CHARGE_PRICE = {
    "type": "object",
    "required": ["tiers"],
    "additionalProperties": False,
    "properties": {
        "tiers": _TIERS,
        "fee_per_event": _EXACT,
        "per_event_minimum": _EXACT_OR_NONE,
        "per_event_maximum": _EXACT_OR_NONE,
        "minimum": _AMOUNT,
        "maximum": {**_AMOUNT, "type": ["integer", "null"], "minimum": 1},
    },
}
_THRESHOLDS = {
    "type": "array",
    "maxItems": MAX_THRESHOLDS,
    "description": "Each has one of percent (of the cap, else of the free units), quantity, and amount with currency.",
    "items": {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "percent": _EXACT_OR_NONE,
            "quantity": _EXACT_OR_NONE,
            "amount": {**_AMOUNT, "type": ["integer", "null"], "minimum": 1},
            "currency": {"type": ["string", "null"]},
        },
    },
    "examples": [[{"percent": "80"}, {"amount": 50000, "currency": "USD"}]],
}
_CHARGES = {
    "type": "array",
    "description": "Metered charges, each with a price in every currency of the plan. The whole list, also in a PATCH.",
    "items": {
        "type": "object",
        "required": ["key", "metric", "model", "prices"],
        "additionalProperties": False,
        "properties": {
            "key": {"type": "string", "maxLength": KEY_LENGTH},
            "metric": {"type": "string", "maxLength": METRIC_LENGTH},
            "aggregation": {"type": "string", "enum": list(Aggregation), "default": "sum"},
            "unique_by": {"type": ["string", "null"], "description": "The property that unique_count tells apart by"},
            "filter": {"type": "object", "description": "Property -> value or values that count"},
            "group_by": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
            "model": {"type": "string", "enum": list(ChargeModel)},
            "package_size": _EXACT_OR_NONE,
            "cap": _EXACT_OR_NONE,
            "cap_behavior": {"type": "string", "enum": list(CapBehavior), "default": "bill"},
            "thresholds": _THRESHOLDS,
            "prices": {"type": "object", "minProperties": 1, "additionalProperties": _CHARGE_PRICE},
        },
    },
}


class WholeField(serializers.Field[Any, Any, Any, Any]):
    """A member that is checked with the document around it."""

    def to_internal_value(self, data: Any) -> Any:
        """What was sent."""
        return data


@extend_schema_field(
    {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": _AMOUNT,
        "description": "Currency -> minor units per interval and unit of quantity. The whole list, also in a PATCH.",
        "examples": [{"USD": 4900, "EUR": 4500}],
    }
)
class PricesField(WholeField):
    """Currency -> minor units."""


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": {**_AMOUNT, "minimum": 1},
        "description": "Currency -> minor units that at least are billed per interval.",
        "examples": [{"USD": 100000}],
    }
)
class CommitmentField(WholeField):
    """Currency -> minor units."""


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": {"type": ["boolean", "number", "string"]},
        "description": "What the plan grants: features (true, false), limits (numbers) and words about it.",
        "examples": [{"seats": 5, "sso": True, "support": "business hours"}],
    }
)
class FeaturesField(WholeField):
    """Name -> boolean, number or string."""


@extend_schema_field(_CHARGES)
class ChargesField(WholeField):
    """Metered charges."""


@extend_schema_field(_TIERS)
class TiersField(WholeField):
    """Tiers of the one charge that `usage_type` names."""


class PlanChange(inputs.Input):
    """What PATCH takes: terms, prices and the rest.

    `amount` and `currency` stand for a price list of one, `usage_type` (a metric) and `tiers` for one graduated charge.
    """

    name = inputs.CharField(max_length=255)
    interval = inputs.ChoiceField(choices=[unit.value for unit in Unit])
    interval_count = inputs.IntegerField(min_value=1, required=False)
    trial_days = inputs.IntegerField(min_value=0, max_value=MAX_TRIAL_DAYS, required=False)
    trial_usage = inputs.ChoiceField(choices=[usage.value for usage in TrialUsage], required=False)
    prices = PricesField(required=False)
    amount = inputs.AmountField(min_value=0, required=False)
    currency = inputs.CurrencyField(required=False)
    usage_type = inputs.CharField(max_length=METRIC_LENGTH, required=False)
    tiers = TiersField(required=False)
    tax_behavior = inputs.ChoiceField(choices=[behavior.value for behavior in TaxBehavior], required=False)
    tax_code = inputs.CharField(max_length=64, required=False)
    commitment = CommitmentField(required=False)
    charges = ChargesField(required=False)
    features = FeaturesField(required=False)
    active = inputs.BooleanField(required=False)
    metadata = inputs.MetadataField()

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """The document in its one form; faults between members are told beside those of single ones."""
        faults: dict[str, Any] = {}
        values: dict[str, Any] = {}
        try:
            values = super().to_internal_value(data)
        except serializers.ValidationError as error:
            faults = dict(error.detail) if isinstance(error.detail, dict) else {NON_FIELD: error.detail}
        if isinstance(data, Mapping):
            current: Mapping[str, Any] = self.context.get("current") or {}
            long, found = _completed(data, current, partial=self.partial)
            document, wrong = checked({**current, **long})
            if not self.partial and "prices" not in long:
                wrong = [each for each in wrong if each.pointer != "/prices"]  # told as what is missing
            for name, detail in nested([*found, *_placed(wrong, data, long)]).items():
                faults.setdefault(name, detail)
            values = {name: value for name, value in values.items() if name not in SHORT}
            values |= {name: document[name] for name in STRUCTURED if name in long}
        if faults:
            raise serializers.ValidationError(faults)
        return values


class PlanInput(PlanChange):
    """What POST takes."""

    key = inputs.ExternalKeyField()


def nested(problems: Iterable[Problem]) -> dict[str, Any]:
    """Faults as the serializers of REST framework nest them."""
    tree: dict[str, Any] = {}
    for problem in problems:
        level = tree
        for token in problem.pointer.split("/")[1:]:
            level = level.setdefault(token.replace("~1", "/").replace("~0", "~"), {})
        level.setdefault(NON_FIELD, []).append(ErrorDetail(problem.detail, problem.code))
    return tree


def _completed(
    data: Mapping[str, Any], current: Mapping[str, Any], *, partial: bool
) -> tuple[dict[str, Any], list[Problem]]:
    """The document with what its short forms stand for, and what is wrong in their use."""
    wrong = list(_ambiguities(data, current, partial=partial))
    long = {name: value for name, value in data.items() if name not in SHORT}
    currency = _currency(data, current)
    if wrong or not isinstance(currency, str):
        return long, wrong
    if "amount" in data or ("tiers" in data and not partial and "prices" not in data):
        long["prices"] = {currency: data.get("amount", 0)}
    if "tiers" in data:
        long["charges"] = [
            {
                "key": data["usage_type"],
                "metric": data["usage_type"],
                "model": ChargeModel.GRADUATED.value,
                "prices": {currency: {"tiers": data["tiers"]}},
            }
        ]
    elif "usage_type" in data:
        long["charges"] = []  # licensed: nothing is metered
    return long, []


def _ambiguities(data: Mapping[str, Any], current: Mapping[str, Any], *, partial: bool) -> Iterator[Problem]:
    if "amount" in data and "prices" in data:
        yield Problem("/amount", "ambiguous", "Give either prices, or amount and currency.")
    elif "amount" in data and len(current.get("prices", ())) > 1:
        yield Problem(
            "/amount", "ambiguous", f"There are prices in {', '.join(current['prices'])}: give all as prices."
        )
    if "amount" in data and "currency" not in data and "prices" not in data:
        yield Problem("/currency", "required", "An amount needs its currency.")
    elif "tiers" in data and _currency(data, current) is None:
        yield Problem("/currency", "required", "Tiers need the currency of their prices.")
    if "currency" in data and "amount" not in data and "tiers" not in data:
        yield Problem("/amount", "required", "A currency needs an amount.")
    yield from _usage_ambiguities(data, current)
    if not partial and not {"prices", "amount", "currency", "tiers"} & data.keys():
        yield Problem("/prices", "required", "Give prices, or amount and currency.")


def _usage_ambiguities(data: Mapping[str, Any], current: Mapping[str, Any]) -> Iterator[Problem]:
    short = {"usage_type", "tiers"} & data.keys()
    if short and "charges" in data:
        yield Problem(f"/{min(short)}", "ambiguous", "Give either charges, or usage_type and tiers.")
    elif short and len(current.get("charges", ())) > 1:
        yield Problem(f"/{min(short)}", "ambiguous", "There are several charges: give all as charges.")
    if "tiers" in data and data.get("usage_type", LICENSED) == LICENSED:
        yield Problem("/usage_type", "required", "Which usage do the tiers price? Name the metric, such as api_calls.")
    elif "usage_type" in data and "tiers" not in data and data["usage_type"] != LICENSED:
        yield Problem("/tiers", "required", f"What does the usage cost? {LICENSED} is a plan without usage.")


def _currency(data: Mapping[str, Any], current: Mapping[str, Any]) -> Any:
    """The one that short forms are in: as said, or the only one that there is."""
    prices = data.get("prices", current.get("prices"))
    only = next(iter(prices)) if isinstance(prices, Mapping) and len(prices) == 1 else None
    return data.get("currency", only)


def _placed(problems: Iterable[Problem], data: Mapping[str, Any], long: Mapping[str, Any]) -> Iterator[Problem]:
    """Faults of what a short form stands for, pointed at the short form."""
    moved = {}
    if "prices" in long and "prices" not in data:
        moved["/prices"] = "/amount" if "amount" in data else "/currency"
    if long.get("charges") and "charges" not in data:
        moved[f"/charges/0/prices/{next(iter(long['charges'][0]['prices']))}/tiers"] = "/tiers"
        moved["/charges/0/prices"] = "/currency"
        moved["/charges/0"] = "/usage_type"
    for problem in problems:
        start = next((each for each in moved if f"{problem.pointer}/".startswith(f"{each}/")), "")
        place = moved.get(start, "") + (problem.pointer.removeprefix(start) if moved.get(start) == "/tiers" else "")
        if problem.code == "currency_unknown" and start == "/prices":
            place = "/currency"
        yield Problem(place, problem.code, problem.detail) if start else problem
