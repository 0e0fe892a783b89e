"""What may be done to many rows at once: ticked in their list, asked about on a page of their own, then done."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse

from apps.backoffice.asking.question import Question, ask
from apps.kernel.admin import allowed

MOST = 200
"""So many at once: a page of a list has fewer."""


@dataclass(frozen=True)
class Chosen:
    """Rows that were ticked. `noun`: what they are, many of them."""

    ids: tuple[UUID, ...]
    noun: str = "customers"

    def __str__(self) -> str:
        return f"{len(self.ids)} {self.noun}"


class AskingMany:
    """The list of a model's admin with `many` in the place of Django's actions.

    `chosen_by`: the field whose values are asked about; `nobody`: what is said when none is ticked.
    """

    admin_site: Any
    model: Any
    many: Sequence[Question] = ()
    chosen_by = "pk"
    noun = "customers"
    nobody = "Nobody is chosen: tick customers in the queue."

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.asked_of_many)
        return [
            *(path(f"many/{each.way}", view, {"way": each.way}, name=self.many_name(each)) for each in self.many),
            *super().get_urls(),  # type: ignore[misc]
        ]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """What who asks may do to those that are ticked: each leads to its page, where it is asked first."""
        return {
            each.way: (self._going_to(each), each.way, each.title)
            for each in self.many
            if allowed(request, each.resource, "write")
        }

    def asked_of_many(self, request: HttpRequest, way: str) -> HttpResponse:
        """Ask, show, do: for all whose ids are in the address."""
        question = next(each for each in self.many if each.way == way)
        if not allowed(request, question.resource, "write"):
            raise PermissionDenied
        meta = self.model._meta
        back = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
        ids = _chosen(request)
        if not ids:
            messages.error(request, self.nobody)
            return redirect(back)
        return ask(self.admin_site, request, question, Chosen(ids, self.noun), back=back)

    def many_name(self, question: Question) -> str:
        """The name of the route for many."""
        meta = self.model._meta
        return f"{meta.app_label}_{meta.model_name}_many_{question.way.replace('-', '_')}"

    def _going_to(self, question: Question) -> Any:
        def go(page: Any, request: HttpRequest, chosen: QuerySet[Any]) -> HttpResponse:
            ids = ",".join(str(each) for each in chosen.values_list(self.chosen_by, flat=True)[:MOST])
            return redirect(f"{reverse(f'admin:{self.many_name(question)}')}?ids={ids}")

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
