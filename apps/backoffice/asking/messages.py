"""How messages are worded, and whose address gets mail again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString

from apps.backoffice.asking.question import Outcome, Question, QuestionForm
from apps.backoffice.tables import Table
from apps.kernel.actors import Actor
from apps.notifications.actions import wordings
from apps.notifications.actions.suppress import lift
from apps.notifications.layout import bodies
from apps.notifications.markup import BODY_LENGTH
from apps.notifications.models import Message, Suppression
from apps.notifications.queries import wordings as said
from apps.notifications.rules import NAMES, Kind
from apps.notifications.words import LANGUAGES, SUBJECT_LENGTH, shipped
from apps.tax.queries import seller


@dataclass(frozen=True)
class Said:
    """A message in one language, whether staff have worded it or not."""

    kind: Kind
    language: str

    def __str__(self) -> str:
        return f"{self.kind.value.replace('_', ' ')}, {LANGUAGES[self.language]}"


class WordingForm(QuestionForm):
    """Subject and text, from what is said now."""

    subject = forms.CharField(max_length=SUBJECT_LENGTH, widget=forms.TextInput(attrs={"size": 80}))
    body = forms.CharField(max_length=BODY_LENGTH, widget=forms.Textarea(attrs={"rows": 16, "cols": 80}), label="Text")

    def prepare(self) -> None:
        subject, body = said([self.row.kind], [self.row.language])[self.row.kind, self.row.language]
        self.fields["subject"].initial, self.fields["body"].initial = subject, body
        names = ", ".join(f"{{{name}}}" for name in sorted(NAMES[self.row.kind]))
        self.fields["body"].help_text = f"An empty line begins a paragraph; [Words](pay) a button. Names: {names}"


def shown(message: Message) -> SafeString:
    """A mail as its reader sees it, shut off from this page. Escaped once more: it is an attribute here."""
    html = escape(bodies(message, seller())[1])
    return format_html('<iframe class="bo-mail" sandbox title="{}" srcdoc="{}"></iframe>', message.subject, html)


def _example(row: Said, subject: str, body: str) -> Table:
    message = wordings.example(kind=row.kind, language=row.language, subject=subject, body=body)
    return Table("With example names", (message.subject,), [(shown(message),)])


def _save(row: Said, given: dict[str, Any], at: datetime, actor: Actor) -> Outcome:
    wordings.save(kind=row.kind, language=row.language, **given, actor=actor)
    return Outcome("It is said so from now on.", [_example(row, **given)])


def _reset(row: Said, given: dict[str, Any], at: datetime, actor: Actor) -> Outcome:
    subject, body = shipped(row.kind, row.language)
    wordings.reset(kind=row.kind, language=row.language, actor=actor)
    return Outcome("It is said as it is shipped.", [_example(row, subject, body)])


def _lift(row: Suppression, given: dict[str, Any], at: datetime, actor: Actor) -> Outcome:
    lift(suppression_id=row.pk, actor=actor)
    return Outcome(f"{row.address} gets mail again.")


SAY = Question(
    way="say", title="Say it so", icon="edit", resource="dunning_policies", form=WordingForm, perform=_save,
    meaning="How customers who read this language are told. Messages that are written already stay as they are.",
)  # fmt: skip
RESET = Question(
    way="reset", title="As it is shipped", icon="undo", resource="dunning_policies", perform=_reset, danger=True,
    meaning="Your own words are given up; the audit log keeps them.",
)  # fmt: skip
SUPPRESSION = (
    Question(
        way="lift", title="Send it mail again", icon="mark_email_read", resource="invoices", perform=_lift, looks=True,
        meaning="For an address that works again, or whose owner has changed their mind.",
        fits=lambda row: row.lifted_at is None, refusal="It gets mail already.",
    ),
)  # fmt: skip
