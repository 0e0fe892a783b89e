"""The dunning queue with what may be done to many at once, and policies with their versions."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.http import HttpRequest
from django.urls import reverse
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from apps.backoffice.asking.chosen import AskingMany
from apps.backoffice.asking.dunning import ASSIGN, DOES, HOLD, NEW_POLICY, POLICY, RELEASE, REMIND, SAYS
from apps.backoffice.asking.question import Adding, Asking, Question
from apps.backoffice.filters import ClockFilter
from apps.backoffice.pages import Button, Surrounded
from apps.backoffice.tables import Table
from apps.dunning.admin import CUSTOMER, HELD, BehindFilter, HoldFilter, PolicyAdmin, StandingAdmin
from apps.dunning.models import History, Policy, PolicyVersion, Standing
from apps.invoices.models import Invoice
from apps.invoices.queries import with_balances
from apps.invoices.rules import Status
from apps.kernel.columns import NOTHING, amount, column, label, link, page_of, when

VERSIONS = 20

HISTORY_COLUMNS = ("What", "State", "Invoice", "Days", "Told", "Why", "By", "When")


class QueuePage(AskingMany, Surrounded, StandingAdmin):
    """Who is behind, the longest first."""

    many, chosen_by = (HOLD, RELEASE, REMIND, ASSIGN), "account_id"

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

    def many_name(self, question: Question) -> str:
        return f"dunning_standing_{question.way.replace('-', '_')}"

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


admin.site.unregister([Standing, Policy])
admin.site.register(Standing, QueuePage)
admin.site.register(Policy, PolicyPage)
