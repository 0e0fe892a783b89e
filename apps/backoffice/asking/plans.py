"""What may be done to a plan's subscribers."""

from datetime import datetime
from typing import Any

from django import forms

from apps.backoffice.asking.question import Outcome, Question, QuestionForm
from apps.backoffice.asking.subscriptions import PRORATIONS, WHEN
from apps.backoffice.tables import Table
from apps.kernel.actors import Actor
from apps.kernel.columns import amount
from apps.plans.models import Plan
from apps.subscriptions.actions.move import begin_move, preview_move
from apps.subscriptions.rules.scheduled import Effective


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


PLAN = (
    Question(
        way="move-subscribers", title="Move subscribers", icon="move_up", resource="bulk_moves", form=MoveForm,
        meaning="Brings its subscribers to another version of it: each by the change that they could make themselves. "
        "Whoever has a change of their own waiting, or no price in their currency, stays and is listed.",
        perform=_move,
    ),
)  # fmt: skip
