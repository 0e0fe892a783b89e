"""What may be done to a plan's subscribers, and to what was billed of their usage."""

from datetime import datetime
from typing import Any

from django import forms

from apps.backoffice.asking.fields import DayField, reason
from apps.backoffice.asking.question import Outcome, Question, QuestionForm
from apps.backoffice.asking.subscriptions import PRORATIONS, WHEN
from apps.backoffice.tables import Table
from apps.kernel.actors import Actor
from apps.kernel.columns import NOTHING, amount, link
from apps.plans.models import Plan
from apps.subscriptions import rerating_queries
from apps.subscriptions.actions.move import begin_move, preview_move
from apps.subscriptions.actions.rerate import begin_rerating, bill_rerating
from apps.subscriptions.models import Rerating
from apps.subscriptions.rules.rerating import RerateStatus
from apps.subscriptions.rules.scheduled import Effective

SHOWN = 100


class MoveForm(QuestionForm):
    """From which version to which, and from when."""

    to_version = forms.TypedChoiceField(coerce=int, label="To version")
    from_version = forms.TypedChoiceField(coerce=int, required=False, empty_value=None, label="From version")
    effective = forms.ChoiceField(choices=[(each.value, text) for each, text in reversed(WHEN.items())], label="From")
    proration_behavior = forms.ChoiceField(
        choices=[(each.value, text) for each, text in PRORATIONS.items()], label="What is left of the period"
    )

    def prepare(self) -> None:
        versions = [
            (each, str(each)) for each in self.row.versions.order_by("-version").values_list("version", flat=True)
        ]
        to, of = (self.fields[name] for name in ("to_version", "from_version"))
        to.choices, of.choices = versions, [("", "all others"), *versions]  # type: ignore[attr-defined]


def _move(row: Plan, given: dict[str, Any], at: datetime, actor: Actor) -> Outcome:
    figures = preview_move(plan_id=row.pk, to_version=given["to_version"], from_version=given["from_version"])
    move = begin_move(plan_id=row.pk, actor=actor, **given)
    cells = [
        (each.currency, f"{each.subscriptions:,}", amount(each.before, each.currency),
         "no price: they stay" if each.after is None else amount(each.after, each.currency))
        for each in figures
    ]  # fmt: skip
    columns = ("Currency", "Subscriptions", "They pay an interval", "They will pay, at list prices")
    when = "at the end of their periods" if given["effective"] == Effective.PERIOD_END else "from today on"
    return Outcome(f"{move.due:,} are moved, {when}.", [Table("Who is moved", columns, cells)], go_to=move)


class RerateForm(QuestionForm):
    """Which version was wrong, which is right, and which periods."""

    version = forms.TypedChoiceField(coerce=int, label="Counted by version")
    corrected_version = forms.TypedChoiceField(coerce=int, required=False, empty_value=None, label="Rated as version")
    periods_from = DayField(required=False, label="Periods that begin on or after")
    periods_until = DayField(required=False, label="Periods that begin before")
    reason = reason(max_length=500)

    def prepare(self) -> None:
        versions = [
            (each, str(each)) for each in self.row.versions.order_by("-version").values_list("version", flat=True)
        ]
        counted, rated = (self.fields[name] for name in ("version", "corrected_version"))
        counted.choices, rated.choices = versions, [("", "the same"), *versions]  # type: ignore[attr-defined]


def _rate_again(row: Plan, given: dict[str, Any], at: datetime, actor: Actor) -> Outcome:
    rerating = begin_rerating(plan_id=row.pk, actor=actor, **given)
    return Outcome(f"{rerating.due:,} subscriptions are rated again, to be looked at.", go_to=rerating)


def rerating_tables(row: Rerating) -> list[Table]:
    """What it comes to by currency, and the first subscriptions that differ."""
    cells = [
        (each.currency, f"{each.changed:,} of {each.subscriptions:,}", amount(each.before, each.currency),
         amount(each.after, each.currency), amount(each.after - each.before, each.currency),
         amount(each.total, each.currency), amount(each.credited, each.currency))
        for each in rerating_queries.sums(row.pk)
    ]  # fmt: skip
    pieces = rerating_queries.pieces(row).exclude(lines=[], error="").select_related("subscription").order_by("pk")
    found = [
        (link(each.subscription), amount(each.before, each.currency), amount(each.after, each.currency),
         amount(each.after - each.before, each.currency), amount(each.total, each.currency),
         amount(each.credited, each.currency), each.error or NOTHING)
        for each in pieces[:SHOWN]
    ]  # fmt: skip
    sums = ("Billed before", "Comes to", "Difference", "Invoices, with tax", "Credited")
    return [
        Table("What it comes to", ("Currency", "Subscriptions that differ", *sums), cells),
        Table(f"Subscriptions: the first {SHOWN} that differ", ("Subscription", *sums, "Left as it is for"), found,
              hint="Nothing differs."),
    ]  # fmt: skip


def _bill(row: Rerating, given: dict[str, Any], at: datetime, actor: Actor) -> Outcome:
    tables = rerating_tables(row)
    bill_rerating(rerating_id=row.pk, expected_preview=row.hash, actor=actor)
    return Outcome(f"The differences of {row.due:,} subscriptions are billed or credited.", tables, go_to=row)


PLAN = (
    Question(
        way="move-subscribers", title="Move subscribers", icon="move_up", resource="bulk_moves", form=MoveForm,
        meaning="Brings its subscribers to another version of it: each by the change that they could make themselves. "
        "Whoever has a change of their own waiting, or no price in their currency, stays and is listed.",
        perform=_move,
    ),
    Question(
        way="rate-again", title="Rate usage again", icon="calculate", resource="reratings", form=RerateForm,
        looks=False,
        meaning="Periods that are over are rated again, by the version that has the right prices if these were wrong. "
        "What differs is shown for each subscription first; nothing is billed until you say so.",
        perform=_rate_again,
    ),
)  # fmt: skip

RERATING = (
    Question(
        way="bill", title="Bill the difference", icon="receipt_long", resource="reratings",
        meaning="Each subscription gets an invoice of what it owes beyond what was billed, or a credit of what it was "
        "billed too much. Whoever comes to something else by then is left as they are.",
        perform=_bill, fits=lambda row: row.status == RerateStatus.PREVIEWED,
        refusal="Its differences are not there yet, or are billed already.",
    ),
)  # fmt: skip
