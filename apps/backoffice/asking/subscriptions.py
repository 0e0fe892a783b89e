"""What may be done to a subscription."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Prefetch

from apps.accounts.models import Account
from apps.backoffice.asking.fields import DayField, reason
from apps.backoffice.asking.question import Outcome, Question, QuestionForm
from apps.coupons.queries import standing
from apps.kernel.actors import Actor
from apps.kernel.columns import amount
from apps.plans.models import Plan, PlanVersion, Price
from apps.subscriptions.actions.cancel import cancel, uncancel
from apps.subscriptions.actions.change import change
from apps.subscriptions.actions.detach import detach
from apps.subscriptions.actions.pause import pause
from apps.subscriptions.actions.resume import resume
from apps.subscriptions.actions.unschedule import unschedule
from apps.subscriptions.models import Subscription
from apps.subscriptions.rules.lifecycle import LIVE, Status
from apps.subscriptions.rules.proration import Behavior
from apps.subscriptions.rules.scheduled import ChangeKind, Effective
from apps.subscriptions.rules.scheduled import Outcome as Become

LIFE = "subscriptions.life"
PLANS = 500
PRORATIONS = {
    Behavior.ALWAYS_INVOICE: "Invoice the difference now",
    Behavior.CREATE_PRORATIONS: "Put the difference on the next invoice",
    Behavior.NONE: "No difference for this period",
}
WHEN = {Effective.NOW: "Today", Effective.PERIOD_END: "At the end of the paid period"}


class ChangeForm(QuestionForm):
    """The plan, its version and the seats as they are to be."""

    plan = forms.ChoiceField()
    version = forms.IntegerField(
        min_value=1, max_value=2**31 - 1, required=False, label="Version of the plan",
        help_text="Empty: the one it is on, or the newest of another plan.",
    )  # fmt: skip
    quantity = forms.IntegerField(min_value=1, max_value=10**9)
    effective = forms.ChoiceField(choices=[(each.value, text) for each, text in WHEN.items()], label="From")
    proration_behavior = forms.ChoiceField(
        choices=[(each.value, text) for each, text in PRORATIONS.items()], label="What is left of the period"
    )

    def prepare(self) -> None:
        row: Subscription = self.row
        self.fields["plan"].choices = [(str(row.plan_id), f"{row.plan.name} (as it is)"), *_sold(row)]  # type: ignore[attr-defined]
        self.initial = {"plan": str(row.plan_id), "quantity": row.quantity}

    def clean(self) -> dict[str, Any]:
        """What differs alone."""
        given: dict[str, Any] = super().clean() or {}
        row: Subscription = self.row
        wanted = {name: given.get(name) for name in ("effective", "proration_behavior")}
        if given.get("plan") and given["plan"] != str(row.plan_id):
            wanted["plan_id"] = given["plan"]
        if given.get("version"):
            wanted["plan_version"] = given["version"]
        if given.get("quantity") and given["quantity"] != row.quantity:
            wanted["quantity"] = given["quantity"]
        if not self.errors and len(wanted) == 2:
            raise forms.ValidationError("Nothing of this is another than it is: choose what changes.")
        return wanted


class PauseForm(QuestionForm):
    """Until when."""

    resume_at = DayField(
        required=False,
        label="Goes on by itself on",
        help_text="Empty: until somebody resumes it; at the latest 90 days.",
    )


class CancelForm(QuestionForm):
    """Why, and whether unused days are given back."""

    reason = reason(required=False)
    credit_unused = forms.BooleanField(
        required=False, initial=True, label="Give back what is paid for days that are not used"
    )


class EndForm(QuestionForm):
    """Why."""

    reason = reason(required=False)


class DetachForm(QuestionForm):
    """Which of them."""

    coupon_id = forms.TypedChoiceField(coerce=UUID, label="Coupon")

    def prepare(self) -> None:
        on = standing([self.row.pk]).get(self.row.pk, [])
        self.fields["coupon_id"].choices = [  # type: ignore[attr-defined]
            (str(each.coupon_id), f"{each.coupon.code}: {each.coupon.name}") for each in on
        ]


def _sold(row: Subscription) -> list[tuple[str, str]]:
    """Other plans that are sold in the account's currency, with their price."""
    account: Account = row.account
    current = PlanVersion.objects.prefetch_related(
        Prefetch("prices", Price.objects.filter(currency=account.currency), "priced")
    )
    plans = Plan.objects.filter(active=True).exclude(pk=row.plan_id).order_by("name")[:PLANS]
    found = []
    for plan in plans.prefetch_related(Prefetch("versions", current)):
        versions: Any = {each.version: each for each in plan.versions.all()}
        for price in versions[plan.current_version].priced:
            every = versions[plan.current_version]
            unit = every.interval if every.interval_count == 1 else f"{every.interval_count} {every.interval}s"
            found.append((str(plan.pk), f"{plan.name}: {_plain(price.amount, account.currency)} / {unit}"))
    return found


def _plain(value: int, currency: str) -> str:
    return str(amount(value, currency)).partition(">")[2].partition("<")[0]


def _verb(verb: Any, said: str) -> Any:
    """A verb of subscriptions as a question performs it."""

    def perform(row: Subscription, given: dict[str, Any], at: datetime, actor: Actor) -> Outcome:
        return Outcome(said, subscription=verb(subscription_id=row.pk, at=at, actor=actor, **given))

    return perform


def _change(row: Subscription, given: dict[str, Any], at: datetime, actor: Actor) -> Outcome:
    done = change(subscription_id=row.pk, at=at, actor=actor, **given)
    later = given["effective"] == Effective.PERIOD_END
    said = "The change waits for the end of the paid period." if later else "The subscription is changed."
    return Outcome(said, subscription=done)


def _cancel_now(row: Subscription, given: dict[str, Any], at: datetime, actor: Actor) -> Outcome:
    done = cancel(subscription_id=row.pk, at_period_end=False, at=at, actor=actor, **_stripped(given))
    return Outcome(
        "The subscription is cancelled. What is given back, if anything, is on its newest invoice.", subscription=done
    )


def _cancel_later(row: Subscription, given: dict[str, Any], at: datetime, actor: Actor) -> Outcome:
    done = cancel(subscription_id=row.pk, at_period_end=True, at=at, actor=actor, **_stripped(given))
    return Outcome("The subscription ends when all that is billed has passed.", subscription=done)


def _stripped(given: dict[str, Any]) -> dict[str, Any]:
    return {**given, "reason": given["reason"].strip()}


def _waits(row: Subscription, kind: ChangeKind) -> bool:
    return row.scheduled_changes.filter(kind=kind, outcome=Become.WAITING).exists()


QUESTIONS = (
    Question(
        way="change-plan", title="Change", icon="swap_horiz", resource="subscriptions", form=ChangeForm,
        meaning="Another plan, another version of it, or more or fewer seats.",
        perform=_change, fits=lambda row: row.status in LIVE, refusal="It has ended: nothing of it can be changed.",
    ),
    Question(
        way="unschedule", title="Drop the change", icon="event_repeat", resource="subscriptions",
        meaning="The change that waits for the end of the period is taken back.",
        perform=_verb(unschedule, "The change is taken back."),
        fits=lambda row: row.status in LIVE and _waits(row, ChangeKind.CHANGE), refusal="No change waits.",
    ),
    Question(
        way="detach-coupon", title="Take a coupon off", icon="sell", resource="subscriptions", form=DetachForm,
        meaning="It comes off nothing that is charged from now on. What is billed stays as it is.",
        perform=_verb(detach, "The coupon is taken off."),
        fits=lambda row: row.status in LIVE and bool(standing([row.pk])), refusal="No coupon is on it.",
    ),
    Question(
        way="pause", title="Pause", icon="pause_circle", resource=LIFE, form=PauseForm,
        meaning="From today on its days are not billed; what is paid for them is given back.",
        perform=_verb(pause, "The subscription is paused."),
        fits=lambda row: row.status == Status.ACTIVE, refusal="Only what is active can be paused.",
    ),
    Question(
        way="resume", title="Resume", icon="play_circle", resource=LIFE,
        meaning="It goes on today: the rest of the period is billed by days.",
        perform=_verb(resume, "The subscription goes on."),
        fits=lambda row: row.status == Status.PAUSED, refusal="It is not paused.",
    ),
    Question(
        way="uncancel", title="Keep it going", icon="undo", resource=LIFE,
        meaning="The cancellation that waits for the end of the period is taken back.",
        perform=_verb(uncancel, "The subscription goes on."),
        fits=lambda row: row.status in LIVE and _waits(row, ChangeKind.CANCEL), refusal="No cancellation is scheduled.",
    ),
    Question(
        way="cancel-at-period-end", title="Cancel at period end", icon="event_busy", resource=LIFE, form=EndForm,
        meaning="It goes on until all that is billed has passed, and then ends.",
        perform=_cancel_later, danger=True,
        fits=lambda row: row.status in LIVE and not _waits(row, ChangeKind.CANCEL),
        refusal="It has ended, or its end is scheduled already.",
    ),
    Question(
        way="cancel", title="Cancel now", icon="cancel", resource=LIFE, form=CancelForm,
        meaning="It ends today: today is the first day that is not paid for.",
        perform=_cancel_now, danger=True, fits=lambda row: row.status in LIVE, refusal="It has ended already.",
    ),
)  # fmt: skip
