"""What staff do about alerts: take them on, hand them over, end them; and what the platform costs, entered."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms

from apps.access.models import User
from apps.backoffice.asking.fields import DayField, MoneyField, reason
from apps.backoffice.asking.question import Outcome, Question, QuestionForm
from apps.kernel.actors import Actor
from apps.monitoring.actions import alerts, reports
from apps.monitoring.models import Alert

RESOURCE = "pending_work"


class AssignForm(QuestionForm):
    """To whom."""

    user = forms.ModelChoiceField(queryset=User.objects.filter(is_active=True, is_staff=True).order_by("username"))


class ResolveForm(QuestionForm):
    """What was done."""

    note = reason(max_length=500)


class CostForm(QuestionForm):
    """What, how much, from when."""

    item = forms.CharField(max_length=100, help_text="Database, web servers, monitoring...")
    monthly_cents = MoneyField(label="Dollars a month", min_value=Decimal(0), help_text="0 when it is no more")
    valid_from = DayField(label="From")
    note = forms.CharField(max_length=255, required=False)


def _acknowledge(row: Alert, given: dict[str, Any], at: datetime, actor: Actor) -> Outcome:
    user = User.objects.get(pk=actor.id)
    alerts.acknowledge(alert_id=row.pk, user=user, at=at, actor=actor)
    return Outcome("It is known that you look after it.")


def _assign(row: Alert, given: dict[str, Any], at: datetime, actor: Actor) -> Outcome:
    alerts.assign(alert_id=row.pk, user=given["user"], at=at, actor=actor)
    return Outcome(f"{given['user']} looks after it.")


def _resolve(row: Alert, given: dict[str, Any], at: datetime, actor: Actor) -> Outcome:
    alerts.resolve(alert_id=row.pk, note=given["note"], at=at, actor=actor)
    return Outcome("Resolved. If its cause goes on, it fires again.")


def _price(row: None, given: dict[str, Any], at: datetime, actor: Actor) -> Outcome:
    made = reports.priced(**given, at=at, actor=actor)
    return Outcome(f"{made.item} costs that from {made.valid_from} on.", go_to=made)


def _is_open(row: Alert) -> bool:
    return row.resolved_at is None


ALERT = (
    Question(
        way="acknowledge", title="Acknowledge", icon="visibility", resource=RESOURCE,
        meaning="Others see that you look after it; it becomes yours if it is nobody's.",
        perform=_acknowledge, fits=lambda row: _is_open(row) and row.acknowledged_at is None,
        refusal="It is acknowledged or resolved.",
    ),
    Question(
        way="assign", title="Assign", icon="person_add", resource=RESOURCE, form=AssignForm, looks=False,
        meaning="Who looks after it from now on.", perform=_assign, fits=_is_open, refusal="It is resolved.",
    ),
    Question(
        way="resolve", title="Resolve", icon="task_alt", resource=RESOURCE, form=ResolveForm, looks=False,
        meaning="It is over, or was none. Alertmanager resolves by itself what has stopped.",
        perform=_resolve, fits=_is_open, refusal="It is resolved already.",
    ),
)  # fmt: skip
NEW_COST = Question(
    way="new", title="Add a cost", icon="add", resource=RESOURCE, form=CostForm, looks=False,
    meaning="It holds from that day on, until a later row for the same item. Rows stay as they are.", perform=_price,
)  # fmt: skip
