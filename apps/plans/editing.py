"""Staff's form of a plan: a new one, a new version of one, and whether it is sold. The same actions as the API's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from apps.kernel import clock
from apps.kernel.admin import allowed
from apps.kernel.columns import page_of
from apps.kernel.currencies import CURRENCIES
from apps.kernel.errors import DomainError, Invalid
from apps.kernel.periods import Unit
from apps.plans import actions
from apps.plans.catalogue import Difference, compare
from apps.plans.inputs import PlanChange, PlanInput
from apps.plans.models import Plan
from apps.plans.objects import plan_objects
from apps.plans.rules import Aggregation, CapBehavior, ChargeModel, TaxBehavior, TrialUsage, charge
from apps.plans.sheet import KINDS, PLAN, ROWS, Sheet, blank, read, sheet_of, with_row, without_row
from apps.plans.sheet_document import document
from apps.plans.words import MODELS, about, price_lines
from apps.rest import inputs
from apps.rest.objects import builtins

FORM = "plans/form.html"
LABELS: Mapping[str, str] = {
    "interval": "Billed every", "interval_count": "How many of them", "trial_days": "Trial days",
    "trial_usage": "Usage in the trial", "tax_behavior": "Tax", "tax_code": "Tax category", "amount": "Price",
    "commitment": "Commitment", "value": "Value", "kind": "Kind", "up_to": "Up to and including",
    "unit_price": "Price each", "flat_price": "Flat price", "rate_percent": "Percent", "package_size": "Package of",
    "cap": "Cap", "cap_behavior": "Above the cap", "group_by": "A line for each", "filter": "Only where",
    "fee_per_event": "Fee per event", "minimum": "At least", "maximum": "At most",
    "per_event_minimum": "At least per event", "per_event_maximum": "At most per event", "model": "Priced",
    "aggregation": "Counted by", "metric": "Metric", "unique_by": "Unique by", "thresholds": "Announced at",
}  # fmt: skip
HINTS: Mapping[str, str] = {
    "key": "Its name in the API, for ever. Empty: made from the name.",
    "tax_code": "standard, or a category of your tax rates.",
    "metric": "What your product reports, such as api_calls.",
    "filter": "One property a line: region = eu, us",
    "group_by": "Properties, such as region.",
    "unique_by": "The property whose values a unique count counts; empty: quantities.",
    "thresholds": "Such as 80 %; 1000000; 500.00 USD. Percent of the cap, or else of the free units.",
}
CHOICES: Mapping[str, Sequence[tuple[str, str]]] = {
    "interval": [(unit.value, unit.value) for unit in Unit],
    "trial_usage": [(TrialUsage.FREE, "is free"), (TrialUsage.BILL, "is billed")],
    "tax_behavior": [
        (TaxBehavior.EXCLUSIVE, "comes on top of prices"), (TaxBehavior.INCLUSIVE, "is inside of prices"),
    ],
    "kind": [(kind, kind) for kind in KINDS],
    "aggregation": [(each.value, each.value.replace("_", " ")) for each in Aggregation],
    "model": [(each.value, MODELS[each]) for each in ChargeModel],
    "cap_behavior": [(CapBehavior.BILL, "is billed too"), (CapBehavior.REJECT, "is refused")],
}  # fmt: skip
PLAINLY: Mapping[str, str] = {
    "last_tier_open": "Leave it empty in the last tier of a currency: that goes on for ever.",
    "blank": "This is needed.",
    "required": "This is needed.",
}


@dataclass(frozen=True)
class Cell:
    """One field as the template shows it."""

    name: str
    label: str
    value: str
    errors: Sequence[str]
    choices: Sequence[tuple[str, str]]
    hint: str
    many_lines: bool = False
    fixed: bool = False


class PlanForms:
    """The pages, for the admin of plans."""

    admin_site: Any

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<uuid:pk>/new-version", view(self.new_version), name="plans_plan_new_version"),
            path("<uuid:pk>/selling", view(self.selling), name="plans_plan_selling"),
            *super().get_urls(),  # type: ignore[misc]
        ]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """A new plan."""
        _demand_writer(request)
        return self._form(request, None)

    def new_version(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Other terms for those who come."""
        _demand_writer(request)
        return self._form(request, get_object_or_404(Plan, pk=pk))

    def selling(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Asks whether a plan is to be sold no more, or again."""
        _demand_writer(request)
        plan = get_object_or_404(Plan, pk=pk)
        if request.method == "POST":
            wanted = request.POST.get("active") == "yes"
            known: dict[str, Any] = {
                "plan_id": pk,
                "expected_version": None,
                "at": clock.wall(),
                "actor": _actor(request),
            }
            if wanted:
                actions.update(changes={"active": True}, **known)
            else:
                actions.delete(**known)
            messages.success(request, f"{plan.name} is sold {'again' if wanted else 'no more'}.")
            return redirect(page_of(plan))
        context = {**self.admin_site.each_context(request), "plan": plan, "back": page_of(plan)}
        context["title"] = "Stop selling" if plan.active else "Sell again"
        return TemplateResponse(request, "plans/selling.html", context)

    def _form(self, request: HttpRequest, plan: Plan | None) -> HttpResponse:
        """Shown, changed by a row, checked or saved; what is wrong stands beside its field."""
        current = builtins(plan_objects([plan])[0]) if plan else None
        if request.method != "POST":
            return self._page(request, plan, sheet_of(current) if current else blank())
        sheet = read((name, str(text)) for name, text in request.POST.items())
        for verb, change in (("add", with_row), ("remove", without_row)):
            if where := request.POST.get(verb):
                return self._page(request, plan, change(sheet, where))
        if current:
            sheet["key"] = current["key"]
        else:
            sheet["key"] = sheet["key"] or "-".join(sheet["name"].lower().split())
        return self._done(request, plan, current, sheet)

    def _done(self, request: HttpRequest, plan: Plan | None, current: Any, sheet: Sheet) -> HttpResponse:
        try:
            fields, faults = _parsed(sheet, current)
            if faults:
                return self._page(request, plan, sheet, faults=faults)
            if "save" not in request.POST:
                return self._page(request, plan, sheet, preview=_preview(fields, current))
            if plan is None:
                saved = actions.create(fields=fields, at=clock.wall(), actor=_actor(request))
            else:
                seen = request.POST.get("seen", "")
                saved = actions.update(
                    plan_id=plan.pk,
                    changes=fields,
                    expected_version=int(seen) if seen.isdecimal() else plan.version,
                    at=clock.wall(),
                    actor=_actor(request),
                )
        except DomainError as refusal:
            return self._page(request, plan, sheet, faults={"": [f"{refusal} {refusal.hint}"]})
        messages.success(request, _outcome(saved, current))
        return redirect(page_of(saved))

    def _page(
        self,
        request: HttpRequest,
        plan: Plan | None,
        sheet: Sheet,
        *,
        faults: Mapping[str, Sequence[str]] | None = None,
        preview: Any = None,
    ) -> HttpResponse:
        faults = faults or {}
        context = {
            **self.admin_site.each_context(request),
            "title": f"New version of {plan.name}" if plan else "New plan",
            "plan": plan,
            "seen": request.POST.get("seen") or (plan.version if plan else ""),
            "back": page_of(plan) if plan else reverse("admin:plans_plan_changelist"),
            "cells": [_cell(name, name, sheet, faults, fixed=bool(plan) and name == "key") for name in PLAN],
            "prices": _rows("prices", sheet, faults),
            "features": _rows("features", sheet, faults),
            "charges": [
                {
                    "place": f"charges-{index}",
                    "number": index + 1,
                    "errors": faults.get(f"charges-{index}", ()),
                    "cells": [_cell(f"charges-{index}-{name}", name, each, faults) for name in ROWS["charges"]],
                    "tiers": _rows("tiers", each, faults, f"charges-{index}-"),
                    "bounds": _rows("bounds", each, faults, f"charges-{index}-"),
                }
                for index, each in enumerate(sheet["charges"])
            ],
            "faults": sum(map(len, faults.values())),
            "at_large": [*faults.get("", ()), *faults.get("prices", ()), *faults.get("features", ())],
            "preview": preview,
            "currencies": list(CURRENCIES),
        }
        return TemplateResponse(request, FORM, context)


def described(charges: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, list[tuple[str, list[str]]]]]:
    """Each charge in words: its key, what it is, and per currency its lines."""
    read_charges = [charge(each) for each in charges]
    return [
        (each.key, about(each), [(currency, price_lines(each, currency)) for currency in each.prices])
        for each in read_charges
    ]


def _parsed(sheet: Sheet, current: Any) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """The checked document, or what is wrong by the field where it is to be mended."""
    found = document(sheet)
    faults: dict[str, list[str]] = {}
    for name, text in found.faults:
        faults.setdefault(name, []).append(text)
    given = found.document
    if current:
        given = {name: value for name, value in given.items() if name != "key"}
    try:
        fields = inputs.parse(
            PlanChange if current else PlanInput, given, partial=bool(current), context={"current": current}
        )
    except Invalid as refusal:
        fields = {}
        for problem in refusal.errors:
            place = found.place(problem.pointer)
            if place not in faults:
                faults[place] = [PLAINLY.get(problem.code, problem.detail)]
            elif not any(place == name for name, _ in found.faults):
                faults[place].append(PLAINLY.get(problem.code, problem.detail))
    return fields, faults


def _preview(fields: Mapping[str, Any], current: Any) -> dict[str, Any]:
    """What saving would do, in words."""
    difference: Difference | None = None
    if current:
        (difference,) = compare({current["key"]: current}, [{**current, **fields}])
    return {
        "difference": difference,
        "next": difference.version + 1 if difference else 1,
        "charges": described(fields.get("charges", ())),
    }


def _outcome(saved: Plan, current: Any) -> str:
    if current is None:
        return f"{saved.name} can be sold."
    if saved.current_version != current["version"]:
        return f"Version {saved.current_version} is what new subscriptions get; the others stay on theirs."
    return "Saved." if saved.name != current["name"] else "Nothing was changed."


def _rows(kind: str, sheet: Sheet, faults: Mapping[str, Sequence[str]], above: str = "") -> list[dict[str, Any]]:
    return [
        {
            "place": f"{above}{kind}-{index}",
            "cells": [_cell(f"{above}{kind}-{index}-{name}", name, each, faults) for name in ROWS[kind]],
        }
        for index, each in enumerate(sheet[kind])
    ]


def _cell(name: str, member: str, row: Sheet, faults: Mapping[str, Sequence[str]], *, fixed: bool = False) -> Cell:
    return Cell(
        name=name,
        label=LABELS.get(member, member.capitalize()),
        value=row.get(member, ""),
        errors=faults.get(name, ()),
        choices=CHOICES.get(member, ()),
        hint=HINTS.get(member, ""),
        many_lines=member == "filter",
        fixed=fixed,
    )


def _actor(request: HttpRequest) -> Any:
    return request.user.actor  # type: ignore[union-attr]


def _demand_writer(request: HttpRequest) -> None:
    if not allowed(request, "plans", "write"):
        raise PermissionDenied
