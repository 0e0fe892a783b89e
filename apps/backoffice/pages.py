"""What pages that cross apps have in common: buttons and figures above the record, tables below it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse

from apps.backoffice.tables import Card, Table


@dataclass(frozen=True, slots=True)
class Button:
    """Something to do from a page, or somewhere to go."""

    text: str
    address: str
    icon: str
    post: bool = False
    new_tab: bool = False


class Surrounded:
    """A record's page with buttons and cards before it, tables after it. For RecordAdmin."""

    change_form_outer_before_template = "backoffice/before.html"
    change_form_outer_after_template = "backoffice/after.html"

    def buttons(self, request: HttpRequest, row: Any) -> Sequence[Button]:
        return ()

    def cards(self, request: HttpRequest, row: Any) -> Sequence[Card]:
        return ()

    def tables(self, request: HttpRequest, row: Any) -> Sequence[Table]:
        return ()

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,  # noqa: FBT001, FBT002 - Django's signature
        change: bool = False,  # noqa: FBT001, FBT002
        form_url: str = "",
        obj: models.Model | None = None,
    ) -> HttpResponse:
        if obj is not None:
            context.update(
                buttons=self.buttons(request, obj), cards=self.cards(request, obj), tables=self.tables(request, obj)
            )
        return super().render_change_form(request, context, add, change, form_url, obj)  # type: ignore[misc]
