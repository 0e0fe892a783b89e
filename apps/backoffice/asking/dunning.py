"""What may be done about customers who do not pay, and to the policies by which that is judged."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms

from apps.accounts.models import Account
from apps.accounts.queries import accounts
from apps.backoffice.asking.chosen import Chosen
from apps.backoffice.asking.fields import reason
from apps.backoffice.asking.question import Outcome, Question, QuestionForm
from apps.backoffice.tables import Table
from apps.dunning import queries
from apps.dunning.actions import policies
from apps.dunning.actions.hold import hold_many, release_many
from apps.dunning.actions.remind import remind_many
from apps.dunning.forecast import SHOWN, Forecast, concerned, forecast
from apps.dunning.models import Policy
from apps.dunning.rules import Action, Message, OnExhausted, Step, Terms
from apps.kernel.actors import Actor
from apps.kernel.columns import amount, label, link, on
from apps.kernel.errors import Conflict
from apps.kernel.membership import among

STEPS = 6
DOES = {Action.REMIND: "remind", Action.WARN: "warn", Action.BLOCK: "block the account",
        Action.CANCEL: "cancel all subscriptions"}  # fmt: skip
SAYS = {
    Message.REMINDER: "Friendly reminder", Message.WARNING: "The account will be blocked",
    Message.BLOCKED: "The account is blocked",
}  # fmt: skip
DEFAULT = "default"


class HoldForm(QuestionForm):
    """Why."""

    reason = reason(max_length=500)


class NoteForm(QuestionForm):
    """What came of it."""

    note = reason(required=False, max_length=500)


class PolicyForm(QuestionForm):
    """Up to six steps in the order of their days, and what exhausted retries mean."""

    on_retries_exhausted = forms.ChoiceField(
        choices=[(OnExhausted.BLOCK.value, "The account is blocked"), (OnExhausted.NONE.value, "Nothing by itself")],
        label="When all retries have failed",
    )

    def prepare(self) -> None:
        now = queries.policies()[0].get(self.row.pk) if self.row else None
        said = now.terms if now else Terms(())
        self.fields["on_retries_exhausted"].initial = said.on_retries_exhausted.value
        actions = [("", ""), *((each.value, text) for each, text in DOES.items())]
        messages = [("", "say nothing"), *((each.value, text) for each, text in SAYS.items())]
        for number in range(STEPS):
            step = said.steps[number] if number < len(said.steps) else None
            new: dict[str, forms.Field] = {
                f"days_{number}": forms.IntegerField(
                    min_value=1, max_value=365, required=False, label=f"Step {number + 1}: days overdue",
                    initial=step and step.days,
                ),
                f"action_{number}": forms.ChoiceField(
                    choices=actions, required=False, label="do this", initial=step and step.action.value
                ),
                f"message_{number}": forms.ChoiceField(
                    choices=messages, required=False, label="and say", initial=step and step.message
                ),
            }  # fmt: skip
            for name, field in new.items():
                field.widget.attrs["class"] = "bo-input"
                self.fields[name] = field

    def clean(self) -> dict[str, Any]:
        """The policy's terms; steps that are empty are left out."""
        given: dict[str, Any] = super().clean() or {}
        steps = []
        for number in range(STEPS):
            days, action = given.get(f"days_{number}"), given.get(f"action_{number}")
            if bool(days) != bool(action) and not self.errors:
                self.add_error(f"{'action' if days else 'days'}_{number}", "A step needs both: days, and what to do.")
            if days and action:
                steps.append(Step(days, Action(action), given.get(f"message_{number}") or ""))
        when = OnExhausted(given.get("on_retries_exhausted") or OnExhausted.BLOCK)
        return {"name": given.get("name"), "terms": Terms(tuple(steps), when)}


class NewPolicyForm(PolicyForm):
    """The same with a name."""

    name = forms.CharField(max_length=100)


class AssignForm(QuestionForm):
    """Which one."""

    policy = forms.ChoiceField()

    def prepare(self) -> None:
        choice: Any = self.fields["policy"]
        named = [(str(pk), name) for pk, name in Policy.objects.order_by("name").values_list("pk", "name")]
        choice.choices = [(DEFAULT, "The default, whichever that is"), *named]


def listed(ids: Sequence[UUID], title: str) -> Table:
    """These customers with what they owe."""
    rows = {row.pk: row for row in accounts().filter(among("pk", ids))}
    oldest = queries.oldest_unpaid(ids)
    cells = [
        (link(row, row.name), label(row.overdue_status), *_owed(oldest.get(row.pk)))
        for row in sorted(rows.values(), key=lambda each: each.name)
    ]
    return Table(title, ("Customer", "State", "Oldest unpaid", "Due"), cells)


def _owed(invoice: Any) -> tuple[object, object]:
    return (link(invoice), on(invoice.due_date)) if invoice else ("nothing", "-")


def _ids(row: Account | Chosen) -> tuple[UUID, ...]:
    return row.ids if isinstance(row, Chosen) else (row.pk,)


def _hold(row: Any, given: dict[str, Any], at: datetime, actor: Actor) -> Outcome:
    before = listed(_ids(row), "Customers")
    done = hold_many(account_ids=_ids(row), reason=given["reason"], actor=actor)
    return Outcome(f"Dunning is held for {done} of {len(_ids(row))}: days do not count until it is released.", [before])


def _release(row: Any, given: dict[str, Any], at: datetime, actor: Actor) -> Outcome:
    before = listed(_ids(row), "Customers")
    done = release_many(account_ids=_ids(row), note=given["note"], actor=actor)
    return Outcome(f"Dunning goes on for {done} of {len(_ids(row))}.", [before])


def _remind(row: Any, given: dict[str, Any], at: datetime, actor: Actor) -> Outcome:
    before = listed(_ids(row), "Customers")
    done = remind_many(account_ids=_ids(row), actor=actor)
    if isinstance(row, Account) and not done:
        raise Conflict(
            "nothing_to_remind_of", "Nothing is overdue, or a reminder went today.", hint="Try again another day."
        )
    return Outcome(
        f"{done} of {len(_ids(row))} are reminded: whoever was today, or owes nothing late, is not.", [before]
    )


def _assign(row: Any, given: dict[str, Any], at: datetime, actor: Actor) -> Outcome:
    chosen = None if given["policy"] == DEFAULT else UUID(given["policy"])
    before = {each.pk: each.overdue_status for each in accounts().filter(among("pk", _ids(row)))}
    policies.assign(account_ids=_ids(row), policy_id=chosen, actor=actor)
    changed = [
        (link(each, each.name), label(before[each.pk]), label(each.overdue_status))
        for each in accounts().filter(among("pk", _ids(row)))
    ]
    return Outcome("They are judged by it from now on.", [Table("Customers", ("Customer", "Now", "Then"), changed)])


def _changes(found: Forecast) -> list[Table]:
    """How many would change and what they owe, then the first of them by name."""
    counted = [
        (label(before), label(after), f"{found.counts[before, after]:,}", amount(owed, currency))
        for (before, after, currency), owed in sorted(found.amounts.items())
    ]
    named = [
        (link(each.account, each.account.name), label(each.before), label(each.after), each.days,
         amount(each.open, each.account.currency))
        for each in found.first
    ]  # fmt: skip
    title = f"{found.counts.total():,} of {found.looked_at:,} customers who owe something would change state"
    return [
        Table(title, ("Now", "Then", "Customers", "What they owe"), counted, hint="Nobody would change state."),
        Table(f"The first {SHOWN} of them", ("Customer", "Now", "Then", "Days overdue", "Owes"), named, hint="Nobody."),
    ]


def _publish(row: Policy, given: dict[str, Any], at: datetime, actor: Actor) -> Outcome:
    shown = _changes(forecast(given["terms"], concerned(row.pk, default=row.is_default)))
    version = policies.publish(policy_id=row.pk, terms=given["terms"], actor=actor)
    return Outcome(f"Version {version.number} holds; accounts are judged by it within a minute.", shown)


def _make_default(row: Policy, given: dict[str, Any], at: datetime, actor: Actor) -> Outcome:
    terms = queries.policies()[0][row.pk].terms
    shown = _changes(forecast(terms, concerned(None, default=True)))
    policies.make_default(policy_id=row.pk, actor=actor)
    return Outcome(f"{row.name} is the default now.", shown)


def _create(row: None, given: dict[str, Any], at: datetime, actor: Actor) -> Outcome:
    made = policies.create(name=given["name"], terms=given["terms"], actor=actor)
    return Outcome("The policy is there; nobody has it yet.", go_to=made)


HOLD = Question(
    way="hold-dunning", title="Hold dunning", icon="front_hand", resource="dispute_hold", form=HoldForm, perform=_hold,
    meaning="For a customer who disputes what it owes: nothing gets worse, and days do not count until it is released.",
    fits=lambda row: not getattr(row, "dispute_hold", False), refusal="It is on hold already.",
)  # fmt: skip
RELEASE = Question(
    way="release-dunning", title="Release dunning", icon="play_arrow", resource="dispute_hold", form=NoteForm,
    perform=_release, meaning="Dunning goes on from the day on which it was held.",
    fits=lambda row: getattr(row, "dispute_hold", True), refusal="It is not on hold.",
)  # fmt: skip
REMIND = Question(
    way="send-reminder", title="Send reminder", icon="mail", resource="invoices", perform=_remind,
    meaning="A friendly reminder of the oldest unpaid invoice, at most once a day; nobody on hold is reminded.",
)  # fmt: skip
ASSIGN = Question(
    way="dunning-policy", title="Dunning policy", icon="rule", resource="dunning_policies", form=AssignForm,
    perform=_assign, meaning="By which policy it is judged, from now on.",
)  # fmt: skip
CUSTOMER = (HOLD, RELEASE, REMIND, ASSIGN)
NEW_POLICY = Question(
    way="add", title="Add policy", icon="add", resource="dunning_policies", form=NewPolicyForm, perform=_create,
    looks=False, meaning="What happens after how many days overdue. Nobody has it until it is given to somebody.",
)  # fmt: skip
POLICY = (
    Question(
        way="publish", title="Publish a version", icon="publish", resource="dunning_policies", form=PolicyForm,
        perform=_publish, danger=True,
        meaning="It holds at once for all who have this policy. Look first at who would change state.",
    ),
    Question(
        way="make-default", title="Make it the default", icon="star", resource="dunning_policies",
        perform=_make_default, danger=True, fits=lambda row: not row.is_default, refusal="It is the default.",
        meaning="For all who have no policy of their own.",
    ),
)  # fmt: skip
