"""Plans for staff: each with its versions, prices and charges; forms for new plans and versions are in `editing`."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from apps.kernel.admin import PartInline, RecordAdmin, allowed
from apps.kernel.columns import NOTHING, amount, structure
from apps.plans.editing import PlanForms, described
from apps.plans.models import Plan, PlanVersion
from apps.plans.queries import charge_document


def price_list(version: PlanVersion) -> SafeString:
    """The prices of a version whose prices are prefetched."""
    return format_html_join(", ", "{}", ((amount(price.amount, price.currency),) for price in version.prices.all()))


class VersionInline(PartInline):
    """The terms of a plan over time."""

    model = PlanVersion
    fields = (
        "version", "interval", "interval_count", "trial_days", "tax_behavior", "tax_code", "prices", "least", "charges",
        "granted", "created_at",
    )  # fmt: skip
    ordering = ("-version",)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[PlanVersion]:
        return super().get_queryset(request).prefetch_related("prices", "charges")

    @admin.display(description="prices")
    def prices(self, version: PlanVersion) -> SafeString:
        return price_list(version)

    @admin.display(description="commitment")
    def least(self, version: PlanVersion) -> SafeString:
        if not version.commitment:
            return NOTHING
        amounts = ((amount(least, currency),) for currency, least in sorted(version.commitment.items()))
        return format_html_join(", ", "{}", amounts)

    @admin.display(description="metered charges")
    def charges(self, version: PlanVersion) -> SafeString:
        charges = described([charge_document(row) for row in version.charges.all()])
        return SafeString(render_to_string("plans/charges.html", {"charges": charges})) if charges else NOTHING

    @admin.display(description="features")
    def granted(self, version: PlanVersion) -> SafeString:
        return structure(version.features)


@admin.register(Plan)
class PlanAdmin(PlanForms, RecordAdmin):
    resource = "plans"
    list_display = ("name", "key", "active", "current_version", "terms", "metered", "created_at")
    list_filter = ("active",)
    search_fields = ("name", "key")
    search_help_text = "Part of a name or key"
    empty_hint = "Add a plan here, by POST /v1/plans, or many by `manage.py catalog apply`."
    fields = ("id", "name", "key", "active", "current_version", "metadata", "version", "created_at", "updated_at")
    inlines = (VersionInline,)
    change_form_outer_before_template = "plans/buttons.html"

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Plan]:
        current = PlanVersion.objects.filter(version=models.F("plan__current_version"))
        current = current.prefetch_related("prices", "charges")
        return super().get_queryset(request).prefetch_related(models.Prefetch("versions", current, "current"))

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return allowed(request, self.resource, "write")

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,  # noqa: FBT001, FBT002 - Django's signature
        change: bool = False,  # noqa: FBT001, FBT002
        form_url: str = "",
        obj: Plan | None = None,
    ) -> HttpResponse:
        """With what may be done to the plan above it."""
        if obj is not None and allowed(request, self.resource, "write"):
            context["plan_buttons"] = [
                ("New version", reverse("admin:plans_plan_new_version", args=[obj.pk]), "add"),
                (
                    "Stop selling" if obj.active else "Sell again",
                    reverse("admin:plans_plan_selling", args=[obj.pk]),
                    "remove_shopping_cart" if obj.active else "add_shopping_cart",
                ),
                *self.more_buttons(request, obj),
            ]
        return super().render_change_form(request, context, add, change, form_url, obj)

    def more_buttons(self, request: HttpRequest, row: Plan) -> Sequence[tuple[str, str, str]]:
        """What other apps add: text, address and icon."""
        return ()

    @admin.display(description="terms")
    def terms(self, plan: Any) -> SafeString:
        version = plan.current[0]
        every = (
            f"every {version.interval_count} {version.interval}s" if version.interval_count > 1 else version.interval
        )
        return format_html("{} / {}", price_list(version), every)

    @admin.display(description="metered")
    def metered(self, plan: Any) -> SafeString:
        keys = [charge.key for charge in plan.current[0].charges.all()]
        return format_html("{}", ", ".join(keys)) if keys else NOTHING
