"""A question before something is done: its form, what would come of it, and the very same in earnest.

What is shown is what the action did, rolled back. Done in earnest it has to come to the same, or it is asked again: so
a page that is out of date and a second press do nothing.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from apps.accounts import queries as accounts
from apps.accounts.models import Account
from apps.backoffice.asking.words import invoice_tables
from apps.backoffice.pages import Button
from apps.backoffice.tables import Table
from apps.clocks.queries import now_for
from apps.events.models import Event
from apps.invoices.actions.issue import collecting
from apps.invoices.fingerprint import fingerprint
from apps.invoices.objects import InvoiceObject
from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.admin import allowed
from apps.kernel.columns import page_of
from apps.kernel.errors import DomainError, PreconditionFailed
from apps.kernel.periods import local_date
from apps.kernel.transactions import preview_of_work, unit_of_work
from apps.subscriptions.actions.day_end import end_day
from apps.subscriptions.actions.preview import at_day_end, following
from apps.subscriptions.models import Subscription


class QuestionForm(forms.Form):
    """What has to be known before it is done. `row`: whose page it is; `account`: whose money, if anybody's."""

    def __init__(self, data: Any = None, *, row: Any, account: Account | None) -> None:
        super().__init__(data)
        self.row, self.account = row, account
        for name, asked in self.fields.items():
            if not isinstance(asked.widget, forms.CheckboxInput):
                asked.widget.attrs["class"] = "bo-input"
            if asked.help_text:
                asked.widget.attrs["aria-describedby"] = f"about_{name}"
        self.prepare()

    def prepare(self) -> None:
        """Fill in choices and first values from the row."""


@dataclass(frozen=True)
class Outcome:
    """What came of it: a sentence, figures beside the invoices that it made, whose next invoice to show, where to go.

    `shown` counts for whether it would come to the same: amounts and states, no ids and no instants. `secret`: what is
    shown this once, on the page that answers, and kept nowhere.
    """

    said: str
    shown: Sequence[Table] = ()
    subscription: Subscription | None = None
    go_to: models.Model | None = None
    secret: str = ""


@dataclass(frozen=True, kw_only=True)
class Question:
    """One thing that may be done to a row. `perform` does it; `resource`: the row of the role table that allows it."""

    way: str
    title: str
    meaning: str
    icon: str
    resource: str
    perform: Callable[[Any, dict[str, Any], datetime, Actor], Outcome]
    form: type[QuestionForm] = QuestionForm
    fits: Callable[[Any], bool] = lambda row: True
    refusal: str = "This cannot be done now."
    danger: bool = False
    looks: bool = True
    """Whether it is shown before it is done: what has no amounts and can be taken back is done at once."""


@dataclass(frozen=True)
class Looked:
    """What it would come to, to be shown, and how to know it again."""

    digest: str
    said: str
    tables: list[Table] = field(default_factory=list)


class Asking:
    """The pages of `questions`, for a model's admin."""

    admin_site: Any
    model: Any
    questions: Sequence[Question] = ()

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.asked)
        asked = [
            path(f"<uuid:pk>/{each.way}", view, {"way": each.way}, name=name_of(self.model, each.way))
            for each in self.questions
        ]
        return [*asked, *super().get_urls()]  # type: ignore[misc]

    def buttons(self, request: HttpRequest, row: Any) -> Sequence[Button]:
        """What can be done now by who asks."""
        return [
            Button(each.title, reverse(f"admin:{name_of(self.model, each.way)}", args=[row.pk]), each.icon)
            for each in self.questions
            if allowed(request, each.resource, "write") and each.fits(row)
        ]

    def asked(self, request: HttpRequest, pk: UUID, way: str) -> HttpResponse:
        """Ask, show, do."""
        question = next(each for each in self.questions if each.way == way)
        if not allowed(request, question.resource, "write"):
            raise PermissionDenied
        return ask(self.admin_site, request, question, get_object_or_404(self.model, pk=pk))


class Adding:
    """The page that adds a row by `adding`, in the place of Django's form."""

    admin_site: Any
    adding: Question

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return allowed(request, self.adding.resource, "write")

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Ask, and make it."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        return ask(self.admin_site, request, self.adding, None)


def name_of(model: type[models.Model], way: str) -> str:
    """The name of the page's route."""
    return f"{model._meta.app_label}_{model._meta.model_name}_{way.replace('-', '_')}"


def ask(site: Any, request: HttpRequest, question: Question, row: Any, *, back: str = "") -> HttpResponse:
    """The page: a form; with it sent, what it would come to; with that confirmed, done.

    `back`: where it leads, for rows that have no page of their own.
    """
    account = account_of(row)
    actor: Actor = request.user.actor  # type: ignore[union-attr]
    at = now_for(account) if account else clock.wall()
    form = question.form(request.POST if request.method == "POST" else None, row=row, account=account)
    if not form.visible_fields():
        form = question.form({}, row=row, account=account)
    looked: Looked | None = None
    if form.is_bound and form.is_valid():
        try:
            if request.method == "POST" and (not question.looks or "seen" in request.POST):
                outcome = _done(question, row, form.cleaned_data, at, actor, request.POST.get("seen", ""))
                if outcome.secret:
                    return _once(site, request, question, outcome)
                messages.success(request, outcome.said)
                return redirect(back or page_of(outcome.go_to or row))
            if question.looks:
                looked = _looked(question, row, form.cleaned_data, at, actor)
        except PreconditionFailed as refusal:
            form.add_error(None, f"{refusal} Look at it again.")
            looked = _looked_again(question, row, form, at, actor)
        except DomainError as refusal:
            _refuse(form, refusal)
    context = {
        **site.each_context(request),
        "title": question.title,
        "subtitle": str(row) if row else None,
        "question": question,
        "possible": row is None or question.fits(row),
        "row": row,
        "account": account,
        "form": form,
        "looked": looked,
        "back": back or (page_of(row) if row else reverse("admin:index")),
    }
    return TemplateResponse(request, "backoffice/asking.html", context)


def _once(site: Any, request: HttpRequest, question: Question, outcome: Outcome) -> HttpResponse:
    """The answer itself shows it: a redirect would have to keep it somewhere. Asked again, the question refuses."""
    shown = {"title": question.title, "outcome": outcome, "go_to": page_of(outcome.go_to) if outcome.go_to else ""}
    context = {**site.each_context(request), **shown}
    return TemplateResponse(request, "backoffice/once.html", context, headers={"Cache-Control": "no-store"})


def account_of(row: Any) -> Account | None:
    """Whose money it is about."""
    return row if isinstance(row, Account) else getattr(row, "account", None)


def _looked(question: Question, row: Any, given: dict[str, Any], at: datetime, actor: Actor) -> Looked:
    with preview_of_work(actor):
        outcome, digest, made = _performed(question, row, given, at, actor)
        if outcome.subscription:
            end_day(outcome.subscription.pk, actor=actor)
        next_one = following(outcome.subscription, actor) if outcome.subscription else None
    owner = account_of(row)
    zone = owner.timezone if owner else "UTC"
    return Looked(digest, outcome.said, [*outcome.shown, *invoice_tables(made, next_one, zone)])


def _looked_again(question: Question, row: Any, form: QuestionForm, at: datetime, actor: Actor) -> Looked | None:
    try:
        return _looked(question, row, form.cleaned_data, at, actor)
    except DomainError as refusal:
        _refuse(form, refusal)
        return None


def _refuse(form: QuestionForm, refusal: DomainError) -> None:
    """What is wrong stands beside its field, where it has one."""
    found = [(each.pointer.split("/"), each.detail) for each in refusal.errors]
    for parts, detail in found:
        form.add_error(next((part for part in reversed(parts) if part in form.fields), None), detail)
    if not found:
        form.add_error(None, f"{refusal} {refusal.hint}")


def _done(question: Question, row: Any, given: dict[str, Any], at: datetime, actor: Actor, seen: str) -> Outcome:
    with unit_of_work(actor):
        outcome, digest, _ = _performed(question, row, given, at, actor)
        if question.looks and digest != seen:
            raise PreconditionFailed(
                "preview_changed", "Something has changed since this was shown: it was not done.", hint="Look again."
            )
    return outcome


def _performed(
    question: Question, row: Any, given: dict[str, Any], at: datetime, actor: Actor
) -> tuple[Outcome, str, list[InvoiceObject]]:
    """Do it under the account's lock, from what it stands at: a second press finds another state."""
    account = account_of(row)
    state: list[object] = []
    if account:
        accounts.lock_one(account.pk)
        row = type(row).objects.get(pk=row.pk)
        state = [getattr(row, "version", 0), _last_event(account)]
    with collecting() as made:
        outcome = question.perform(row, given, at, actor)
    if outcome.subscription:
        made += at_day_end(outcome.subscription, actor)
    today = local_date(at, account.timezone if account else "UTC")
    figures = [(table.title, [[str(cell) for cell in each] for each in table.rows]) for table in outcome.shown]
    whole = f"{fingerprint(None, today, made)} {state} {figures}"
    return outcome, hashlib.sha256(whole.encode()).hexdigest(), made


def _last_event(account: Account) -> object:
    """Whatever happens to an account's money is announced in the same transaction."""
    return Event.objects.filter(account_id=account.pk).order_by("-pk").values_list("pk", flat=True).first()
