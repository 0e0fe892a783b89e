"""The dunning queue with what may be done to many at once, and policies with their versions."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from apps.backoffice.asking.dunning import ASSIGN, DOES, HOLD, NEW_POLICY, POLICY, RELEASE, REMIND, SAYS, Chosen
from apps.backoffice.asking.question import Adding, Asking, Question, ask
from apps.backoffice.filters import ClockFilter
from apps.backoffice.pages import Button, Surrounded
from apps.backoffice.tables import Table
from apps.dunning.admin import CUSTOMER, HELD, BehindFilter, HoldFilter, PolicyAdmin, StandingAdmin
from apps.dunning.models import History, Policy, PolicyVersion, Standing
from apps.invoices.models import Invoice
from apps.invoices.queries import with_balances
from apps.invoices.rules import Status
from apps.kernel.admin import allowed
from apps.kernel.columns import NOTHING, amount, column, label, link, page_of, when

MANY: tuple[Question, ...] = (HOLD, RELEASE, REMIND, ASSIGN)
MOST = 200
"""So many at once: a page of the queue has fewer."""
VERSIONS = 20

HISTORY_COLUMNS = ("What", "State", "Invoice", "Days", "Told", "Why", "By", "When")


class QueuePage(Surrounded, StandingAdmin):
    """Who is behind, the longest first."""

    list_display = (
        CUSTOMER, "status", "reason", "due_date", "invoice",
        column("owes", lambda row: amount(row.owed or 0, row.account.currency)), HELD, "policy", "since",
    )  # fmt: skip
    list_filter = (
        BehindFilter, "status", "reason", HoldFilter, ("policy", AutocompleteSelectFilter), ClockFilter,
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Standing]:
        open_ones = with_balances(Invoice.objects.filter(account=OuterRef("account"), status=Status.OPEN)).order_by()
        owed = open_ones.values("account_id").annotate(owed=Sum("balance")).values("owed")
        return super().get_queryset(request).annotate(owed=Subquery(owed))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.many)
        return [
            *(path(f"many/{each.way}", view, {"way": each.way}, name=many_name(each)) for each in MANY),
            *super().get_urls(),
        ]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """What who asks may do to those that are ticked: each leads to its page, where it is asked first."""
        return {
            each.way: (_going_to(each), each.way, each.title)
            for each in MANY
            if allowed(request, each.resource, "write")
        }

    def many(self, request: HttpRequest, way: str) -> HttpResponse:
        """Ask, show, do: for all whose ids are in the address."""
        question = next(each for each in MANY if each.way == way)
        if not allowed(request, question.resource, "write"):
            raise PermissionDenied
        back = reverse("admin:dunning_standing_changelist")
        ids = _chosen(request)
        if not ids:
            messages.error(request, "Nobody is chosen: tick customers in the queue.")
            return redirect(back)
        return ask(self.admin_site, request, question, Chosen(ids), back=back)

    def buttons(self, request: HttpRequest, row: Standing) -> Sequence[Button]:
        return (Button("Everything of this customer", page_of(row.account), "group"),)

    def tables(self, request: HttpRequest, row: Standing) -> Sequence[Table]:
        return (history_table(row.account_id),)


class PolicyPage(Adding, Asking, Surrounded, PolicyAdmin):
    """A policy with its versions, the one that holds first."""

    adding, questions = NEW_POLICY, POLICY

    def tables(self, request: HttpRequest, row: Policy) -> Sequence[Table]:
        versions = PolicyVersion.objects.filter(policy=row).prefetch_related("steps").order_by("-number")[:VERSIONS]
        holds = next(iter(versions), None)
        found = [_steps(holds)] if holds else []
        return [
            *found,
            Table(
                "Versions",
                ("Version", "Steps", "When retries are exhausted", "By", "Published"),
                [
                    (each.number, ", ".join(f"{step.days}: {step.action}" for step in each.steps.all()),
                     each.on_retries_exhausted, each.actor, when(each.created_at))
                    for each in versions
                ],
            ),
        ]  # fmt: skip


def many_name(question: Question) -> str:
    """The name of the route for many."""
    return f"dunning_standing_{question.way.replace('-', '_')}"


def history_table(account_id: UUID, shown: int = 20) -> Table:
    """What happened to an account: one query."""
    rows = History.objects.filter(account_id=account_id).select_related("invoice").order_by("-pk")[:shown]
    return Table(
        "Dunning",
        HISTORY_COLUMNS,
        [
            (label(row.kind), label(row.status_after), link(row.invoice), NOTHING if row.days is None else row.days,
             row.message.replace("_", " ") or NOTHING, row.note or row.reason.replace("_", " ") or NOTHING, row.actor,
             when(row.at))
            for row in rows
        ],
        hint="It was never behind with paying.",
        more=f"{reverse('admin:dunning_history_changelist')}?q={account_id}",
    )  # fmt: skip


def _steps(version: PolicyVersion) -> Table:
    does, says = ({key.value: text for key, text in words.items()} for words in (DOES, SAYS))
    rows = [(step.days, does[step.action], says.get(step.message, "nothing")) for step in version.steps.all()]
    return Table(f"Version {version.number} holds", ("Days overdue", "What happens", "What is said"), rows)


def _going_to(question: Question) -> Any:
    def go(page: Any, request: HttpRequest, chosen: QuerySet[Standing]) -> HttpResponse:
        ids = ",".join(str(each) for each in chosen.values_list("account_id", flat=True)[:MOST])
        return redirect(f"{reverse(f'admin:{many_name(question)}')}?ids={ids}")

    return go


def _chosen(request: HttpRequest) -> tuple[UUID, ...]:
    """The ids of the address; what is none is nobody."""
    found = []
    for text in request.GET.get("ids", "").split(",")[:MOST]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return tuple(dict.fromkeys(found))


admin.site.unregister([Standing, Policy])
admin.site.register(Standing, QueuePage)
admin.site.register(Policy, PolicyPage)
