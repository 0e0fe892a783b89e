"""Lists: newest first, by an opaque cursor that stays true while rows are added."""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from apps.kernel.errors import Invalid, Malformed, Problem
from apps.kernel.prepared import listed

DEFAULT_LIMIT = 20
MAX_LIMIT = 100
_SIGNATURE = 8


class CursorPagination(BasePagination):
    """One query a page: rows below the cursor, one more than asked for to know whether there are more.

    A view may set `cursor_field` to another unique column that is never null (a position, say).
    """

    parameters = ("limit", "cursor")

    def __init__(self) -> None:
        self.next_cursor: str | None = None

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """The page that `limit` and `cursor` ask for."""
        field = getattr(view, "cursor_field", "pk")
        scope = f"{getattr(view, 'resource', '')}.{field}"
        limit = _limit(request.query_params.get("limit"))
        rows = queryset.order_by(f"-{field}")
        if (cursor := request.query_params.get("cursor")) is not None:
            rows = rows.filter(**{f"{field}__lt": position_of(cursor, scope, queryset, field)})
        page = listed(rows[: limit + 1])
        self.next_cursor = cursor_at(getattr(page[limit - 1], field), scope) if len(page) > limit else None
        return page[:limit]

    def get_paginated_response(self, data: Any) -> Response:
        """The page as spec/api.md has it."""
        return Response({"data": data, "has_more": self.next_cursor is not None, "next_cursor": self.next_cursor})

    def get_paginated_response_schema(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """The same for the OpenAPI document."""
        return {
            "type": "object",
            "required": ["data", "has_more", "next_cursor"],
            "properties": {
                "data": schema,
                "has_more": {"type": "boolean"},
                "next_cursor": {"type": ["string", "null"], "description": "Pass it as `cursor` for the next page."},
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """`limit` and `cursor` for the OpenAPI document."""
        limit = {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}
        return [
            {"name": "limit", "in": "query", "schema": limit, "description": "Objects a page."},
            {
                "name": "cursor",
                "in": "query",
                "schema": {"type": "string"},
                "description": "`next_cursor` of the page before.",
            },
        ]


class ForwardPagination(CursorPagination):
    """The same, and with `?after=` the other way: rows above a number, the lowest first. For what is numbered without a
    gap and read to the end again and again.
    """

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """The page that `limit` and `cursor`, or `after`, ask for."""
        if (after := request.query_params.get("after")) is None:
            return super().paginate_queryset(queryset, request, view)
        field, limit = view.cursor_field, _limit(request.query_params.get("limit"))
        scope = f"{view.resource}.{field}.after"
        above: Any = whole_number(after, "after")
        if (cursor := request.query_params.get("cursor")) is not None:
            above = position_of(cursor, scope, queryset, field)
        page = listed(queryset.filter(**{f"{field}__gt": above}).order_by(field)[: limit + 1])
        self.next_cursor = cursor_at(getattr(page[limit - 1], field), scope) if len(page) > limit else None
        return page[:limit]

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """`after` beside the others."""
        after = {
            "name": "after",
            "in": "query",
            "schema": {"type": "integer", "minimum": 0},
            "description": f"Those above this {view.cursor_field}, the lowest first: go on from the last one read.",
        }
        return [*super().get_schema_operation_parameters(view), after]


def whole_number(text: str, name: str) -> int:
    """What a parameter says, or a refusal."""
    if text.isascii() and text.isdigit() and len(text) < 19:
        return int(text)
    raise Invalid(
        "parameter_invalid",
        f"{name} is a whole number from 0 on.",
        hint=f"Send {name}=0 to begin at the beginning.",
        errors=[Problem(f"?{name}", "invalid", "Not a whole number from 0 on.")],
    )


def _limit(text: str | None) -> int:
    if text is None:
        return DEFAULT_LIMIT
    if text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= MAX_LIMIT:
        return int(text)
    raise Invalid(
        "limit_invalid",
        f"limit is a whole number from 1 to {MAX_LIMIT}.",
        hint=f"Send ?limit={MAX_LIMIT} at most and follow next_cursor for the rest.",
        errors=[Problem("?limit", "limit_invalid", f"Not a whole number from 1 to {MAX_LIMIT}.")],
    )


def cursor_at(position: UUID | int, scope: str) -> str:
    """The cursor behind the row at that position of the list that `scope` names."""
    text = str(position).encode()
    return urlsafe_b64encode(_sign(text, scope) + text).rstrip(b"=").decode()


def position_of(cursor: str, scope: str, queryset: QuerySet[Model], field: str) -> Any:
    """The position that a cursor of ours holds; another is refused."""
    try:
        raw = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        signature, text = raw[:_SIGNATURE], raw[_SIGNATURE:]
        if not hmac.compare_digest(signature, _sign(text, scope)):
            raise ValueError("signature")
        meta = queryset.model._meta
        return (meta.pk if field == "pk" else meta.get_field(field)).to_python(text.decode())  # type: ignore[union-attr]
    except (ValueError, ValidationError) as error:
        raise Malformed(
            "cursor_invalid",
            "The cursor is not one of this list.",
            hint="Pass next_cursor of the page before as it is, or leave cursor out to begin again.",
        ) from error


def _sign(text: bytes, scope: str) -> bytes:
    key = f"cursor:{settings.SECRET_KEY}".encode()
    return hmac.new(key, scope.encode() + b"\0" + text, hashlib.sha256).digest()[:_SIGNATURE]
