"""API keys: made and rotated, shown once; revoked, one or many."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.conf import settings

from apps.access import actions, rules
from apps.access.models import ApiKey
from apps.backoffice.asking.chosen import Chosen
from apps.backoffice.asking.fields import DayField
from apps.backoffice.asking.question import Outcome, Question, QuestionForm
from apps.backoffice.tables import Table
from apps.kernel.actors import Actor
from apps.kernel.columns import when
from apps.kernel.ids import uuid7

RESOURCE = "api_keys"
HOUR = timedelta(hours=1)
ROLES = [("", ""), *((role.value, role.value.replace("_", " ").title()) for role in rules.Role)]
"""None is chosen before somebody chooses: the first would be the one that may do everything."""


class KeyForm(QuestionForm):
    """What it may do. `key_id` is the key's own id: a form that is sent twice makes one key."""

    key_id = forms.UUIDField(widget=forms.HiddenInput)
    name = forms.CharField(max_length=200, help_text="Which program uses it, and whose it is.")
    role = forms.ChoiceField(choices=ROLES)
    mode = forms.CharField(disabled=True, required=False, help_text="That of this deployment.")
    allowed_cidrs = forms.CharField(
        max_length=5000, required=False, widget=forms.Textarea(attrs={"rows": 3}), label="May be used from",
        help_text="A network a line, 203.0.113.0/24. Empty: any address.",
    )  # fmt: skip
    expires_at = DayField(required=False, label="Last day", help_text="UTC. Empty: until it is revoked.")
    rate_limit = forms.IntegerField(
        min_value=0, max_value=actions.MAX_RATE_LIMIT, initial=rules.DEFAULT_RATE_LIMIT, label="Requests an hour",
        help_text="0: no limit.",
    )  # fmt: skip

    def prepare(self) -> None:
        self.fields["key_id"].initial = uuid7()
        self.fields["mode"].initial = "live" if settings.BILLING_LIVEMODE else "test"

    def clean_allowed_cidrs(self) -> list[str]:
        """One network each."""
        return str(self.cleaned_data["allowed_cidrs"]).replace(",", " ").split()

    def clean_expires_at(self) -> datetime | None:
        """The end of that day."""
        return _end_of(self.cleaned_data["expires_at"])


class RotateForm(QuestionForm):
    """How long both work, and how long the new one does."""

    overlap_hours = forms.IntegerField(
        min_value=0, max_value=rules.LONGEST_OVERLAP // HOUR, initial=actions.OVERLAP_HOURS,
        label="Hours for which both work", help_text="0: the old one ends at once.",
    )  # fmt: skip
    expires_at = DayField(required=False, label="Last day of the new key", help_text="UTC.")

    def prepare(self) -> None:
        ends = self.row.expires_at
        if ends is None:
            self.fields["expires_at"].help_text = "UTC. Empty: until it is revoked, as now."
        else:
            self.fields["expires_at"].help_text = f"UTC. Empty: it ends as this one would, {ends:%-d %b %Y, %H:%M}."

    def clean_expires_at(self) -> datetime | None:
        """The end of that day."""
        return _end_of(self.cleaned_data["expires_at"])


def _end_of(day: date | None) -> datetime | None:
    return datetime.combine(day, time.min, UTC) + timedelta(days=1) if day and day < date.max else None


def _make(row: None, given: dict[str, Any], at: datetime, actor: Actor) -> Outcome:
    fields = {name: value for name, value in given.items() if name != "mode"}
    key, plain = actions.create_api_key(**fields, livemode=settings.BILLING_LIVEMODE, at=at, actor=actor)
    return Outcome(f"The key of {key.name} is made.", go_to=key, secret=plain)


def _rotate(row: ApiKey, given: dict[str, Any], at: datetime, actor: Actor) -> Outcome:
    hours = given["overlap_hours"]
    made, plain = actions.rotate_api_key(
        row.pk, overlap=timedelta(hours=hours), expires_at=given["expires_at"], at=at, actor=actor
    )
    row.refresh_from_db()
    cells = [("New", made.prefix, when(made.expires_at) if made.expires_at else "never"),
             ("Old", row.prefix, when(row.expires_at))]  # fmt: skip
    return Outcome(
        f"The key of {made.name} has a successor with the same settings.",
        [Table("Which works until when", ("", "Begins with", "Ends"), cells)],
        go_to=made,
        secret=plain,
    )


def _revoke(row: Any, given: dict[str, Any], at: datetime, actor: Actor) -> Outcome:
    ids = row.ids if isinstance(row, Chosen) else [row.pk]
    keys = list(ApiKey.objects.filter(pk__in=ids).order_by("pk"))
    for key in keys:
        actions.revoke_api_key(key.pk, at=at, actor=actor)
    cells = [(key.name, key.prefix, key.role.replace("_", " ")) for key in keys]
    said = "The key is revoked." if len(keys) == 1 else f"{len(keys)} keys are revoked."
    return Outcome(said, [Table("Refused from then on", ("Name", "Begins with", "Role"), cells)])


def _works(key: ApiKey) -> bool:
    return key.revoked_at is None


REVOKE = Question(
    way="revoke", title="Revoke", icon="block", resource=RESOURCE, danger=True, perform=_revoke,
    meaning="Whatever uses it is refused at once. It stays in the list, and cannot be brought back.",
    fits=lambda row: isinstance(row, Chosen) or _works(row), refusal="It is revoked already.",
)  # fmt: skip
KEY = (
    Question(
        way="rotate", title="Rotate", icon="autorenew", resource=RESOURCE, form=RotateForm, looks=False,
        meaning="A new key with the same settings takes its place; this one goes on for a while, so that programs can "
        "change over.",
        perform=_rotate, fits=lambda row: _works(row) and row.replaced_by is None,
        refusal="It is revoked, or another key has taken its place already.",
    ),
    REVOKE,
)  # fmt: skip
NEW_KEY = Question(
    way="add", title="Make a key", icon="add", resource=RESOURCE, form=KeyForm, looks=False,
    meaning="For a program that calls the API. It is shown once, when it is made.", perform=_make,
)  # fmt: skip
