"""Filters of lists: declared with django-filter, everything else refused."""

import json
import re
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django_filters import rest_framework as filters
from rest_framework.filters import BaseFilterBackend
from rest_framework.request import Request

from apps.kernel.errors import Invalid, Problem
from apps.rest.pagination import CursorPagination

PAGING = frozenset(CursorPagination.parameters)

_METADATA = re.compile(r"metadata\[(.{1,100})\]", re.DOTALL)


class ResourceFilterBackend(BaseFilterBackend):
    """Applies the view's `filterset_class` to its list. Unknown parameters were refused before."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        """The rows that the parameters ask for."""
        filterset_class = getattr(view, "filterset_class", None)
        if filterset_class is None or request.query_params.keys() <= PAGING:
            return queryset
        filterset = filterset_class(data=request.query_params, queryset=queryset, request=request)
        if not filterset.is_valid():
            raise Invalid(
                "parameter_invalid",
                "A filter has a value that cannot be read.",
                hint="Mend the parameters that `errors` names; /docs shows what each takes.",
                errors=[
                    Problem(f"?{name}", fault.code or "invalid", " ".join(fault.messages))
                    for name, faults in filterset.errors.as_data().items()
                    for fault in faults
                ],
            )
        return filterset.qs

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """The declared filters, for the OpenAPI document."""
        filterset_class = getattr(view, "filterset_class", None)
        declared = filterset_class.base_filters if filterset_class else {}
        found = [
            {"name": name, "in": "query", "schema": _schema(each), "description": str(each.label or "")}
            for name, each in declared.items()
        ]
        if getattr(filterset_class, "parameter_prefixes", ()):
            found.append(
                {
                    "name": "metadata",
                    "in": "query",
                    "style": "deepObject",
                    "schema": {"type": "object", "additionalProperties": {"type": "string"}},
                    "description": "`metadata[key]=value`: objects whose metadata holds this.",
                }
            )
        return found


class InstantField(forms.Field):
    """An RFC 3339 instant with its offset."""

    default_error_messages = {"invalid": "Not an RFC 3339 time with an offset, such as 2026-11-01T00:00:00Z."}

    def clean(self, value: Any) -> datetime | None:
        """The instant, None when left out."""
        value = super().clean(value)
        if not value:
            return None
        try:
            # A plus that was not percent-encoded arrives as a space.
            instant = datetime.fromisoformat(str(value).replace(" ", "+"))
            if instant.tzinfo is None:
                raise ValueError("no offset")
            instant.timestamp()
        except (ValueError, OverflowError) as error:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from error
        return instant


class InstantFilter(filters.Filter):
    """Compares with an instant."""

    field_class = InstantField


MOST_FORMS = 256
"""Kept at once: whoever asks for all sets of filters there are fills no memory."""
_FORMS: dict[tuple[type, frozenset[str]], type[forms.Form]] = {}


class ResourceFilterSet(filters.FilterSet):
    """Base of the filters of a resource with `created_at`."""

    created_after = InstantFilter(field_name="created_at", lookup_expr="gte", label="Made at this instant or later.")
    created_before = InstantFilter(field_name="created_at", lookup_expr="lt", label="Made before this instant.")

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        """Of the declared filters those that are asked for: all of them are copied, and made a form of, otherwise."""
        given = data or {}
        asked = {name: each for name, each in type(self).base_filters.items() if name in given}
        self.__dict__["base_filters"] = asked
        super().__init__(data, *args, **kwargs)

    def get_form_class(self) -> type[forms.Form]:
        """One for each set of filters that is asked for: its fields are the declared ones, whoever asks."""
        known = _FORMS.get(key := (type(self), frozenset(self.filters)))
        if known is None:
            if len(_FORMS) >= MOST_FORMS:
                _FORMS.clear()
            known = _FORMS[key] = super().get_form_class()
        return known


class MetadataFilterMixin:
    """`?metadata[key]=value` on a resource with metadata; several must all hold."""

    parameter_prefixes = ("metadata[",)
    data: Any

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow by the declared filters, then by metadata."""
        rows: QuerySet[Any] = super().filter_queryset(queryset)  # type: ignore[misc]
        for name, value in self.data.items():
            if match := _METADATA.fullmatch(name):
                rows = rows.filter(_holds(match.group(1), value))
        return rows


def _holds(key: str, value: str) -> Q:
    """The text itself, or the number or boolean it spells. Containment, so that a GIN index serves it."""
    wanted = Q(metadata__contains={key: value})
    if re.fullmatch(r"true|false|-?[0-9]{1,18}", value):
        wanted |= Q(metadata__contains={key: json.loads(value if value in ("true", "false") else str(int(value)))})
    return wanted


_FORMATS: tuple[tuple[type, dict[str, str]], ...] = (
    (InstantFilter, {"type": "string", "format": "date-time"}),
    (filters.UUIDFilter, {"type": "string", "format": "uuid"}),
    (filters.DateFilter, {"type": "string", "format": "date"}),
    (filters.BooleanFilter, {"type": "boolean"}),
    (filters.NumberFilter, {"type": "number"}),
)


def _schema(declared: Any) -> dict[str, Any]:
    choices = declared.extra.get("choices")
    if choices and not callable(choices):
        return {"type": "string", "enum": [str(value) for value, _ in choices]}
    return next((dict(schema) for kind, schema in _FORMATS if isinstance(declared, kind)), {"type": "string"})
