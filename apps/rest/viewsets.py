"""The base of every resource: parse, one domain call, render. What is the same for all of them is here."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any, ClassVar
from uuid import UUID

from django.db import models
from django.db.models import Model, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from apps.kernel.actors import Actor
from apps.kernel.errors import DomainError, Invalid, NotFound, Problem
from apps.kernel.prepared import by_key, prepared
from apps.rest import bodies, card_guard, etags, inputs, query, writes
from apps.rest.deprecation import Deprecation
from apps.rest.filters import ResourceFilterSet
from apps.rest.objects import ApiObject, builtins
from apps.rest.operations import operation
from apps.rest.pagination import CursorPagination
from apps.rest.renderers import JSONRenderer, Negotiation

__all__ = ["ResourceViewSet", "operation"]

SAFE = ("GET", "HEAD", "OPTIONS")
PREPARED = ("retrieve", "create")
"""Actions on single objects, by key; of a list it depends on the filters which plan is good."""
Extra = Mapping[str, Any] | Callable[[], Mapping[str, Any]]


class ResourceViewSet(GenericViewSet[Any]):
    """Lists and shows `queryset`; subclasses add `create`, `partial_update`, `destroy` and verbs of their own.

    `resource`: the row of the role table; `action_resources`: other rows for some actions.
    `calls_outside`: actions that call the outside, so no transaction is held around them.
    `expandable`: what `?expand=` may name: a function of the row that gives the object to put there.
    `action_parameters`: query parameters of actions beside those of lists and `expand`.
    `filtered_actions`: actions beside `list` that take the filters of the list.
    `files`: actions whose answer is a file, by the types it may have; who of the staff gets one is in the audit log.
    `deprecations`: actions that are to go, which their answers say.
    `customer_actions`, `customer_expandable`: what a customer's token may ask; all of it goes by `of_account`.
    """

    resource: ClassVar[str]
    action_resources: ClassVar[Mapping[str, str]] = {}
    object_class: ClassVar[type[ApiObject]]
    filterset_class: type[ResourceFilterSet] | None = None
    cursor_field: ClassVar[str] = "pk"
    calls_outside: ClassVar[frozenset[str] | set[str]] = frozenset()
    expandable: ClassVar[Mapping[str, Callable[[Any], Any]]] = {}
    action_parameters: ClassVar[Mapping[str, Sequence[str]]] = {}
    filtered_actions: ClassVar[frozenset[str] | set[str]] = frozenset()
    files: ClassVar[Mapping[str, Sequence[type[JSONRenderer]]]] = {}
    deprecations: ClassVar[Mapping[str, Deprecation]] = {}
    customer_actions: ClassVar[frozenset[str] | set[str]] = frozenset()
    customer_expandable: ClassVar[frozenset[str] | set[str]] = frozenset()
    account_lookup: ClassVar[str] = ""
    max_body_bytes: ClassVar[int | None] = None
    takes_gzip: ClassVar[bool] = False

    http_method_names = ["get", "post", "put", "patch", "delete", "head"]
    content_negotiation_class = Negotiation
    metadata_class = None
    lookup_url_kwarg = "id"

    rerender: Callable[[], Any] | None = None
    """Makes the body anew after `Prefer: wait`; set by `created` and `ok`, a view may set its own."""

    # Reading

    def render(self, rows: Sequence[Any]) -> Sequence[ApiObject]:
        """The objects of `rows`, in their order, in a fixed number of queries."""
        raise NotImplementedError

    def list(self, request: Request, **kwargs: Any) -> Response:
        """One page, newest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        with prepared():
            return self.get_paginated_response(self.render(page or []))

    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        """One object."""
        return self.ok(self.get_object())

    def get_queryset(self) -> QuerySet[Any]:
        """The view's rows; of a customer's token those of its account."""
        rows: QuerySet[Any] = super().get_queryset()
        account_id = self._customer()
        return rows if account_id is None else self.of_account(rows, account_id)

    def of_account(self, rows: QuerySet[Any], account_id: Any) -> QuerySet[Any]:
        """The rows that belong to an account, by the column `account_lookup`."""
        return rows.filter(**{self.account_lookup: account_id})

    def get_object(self) -> Any:
        """The row that the path names, or 404."""
        key = self.path_id()
        row = by_key(self.get_queryset(), key)
        if row is None:
            raise self._missing()
        return row

    def path_id(self, name: str | None = None) -> Any:
        """The id in the path; what cannot be one of ours is 404."""
        text = str(self.kwargs[name or ("id" if "id" in self.kwargs else "pk")])
        # Sub-resources have ids of their own; the object's own id has the type of the table's key.
        key = models.UUIDField() if name not in (None, "id", "pk") else self.get_queryset().model._meta.pk
        if isinstance(key, models.UUIDField):
            try:
                found = UUID(text)
            except ValueError:
                raise self._missing() from None
            if str(found) != text.lower():
                raise self._missing()
            return found
        if not (text.isascii() and text.isdigit() and len(text) < 19):
            raise self._missing()
        return int(text)

    # Writing

    def parse(self, input_class: type[inputs.Input], *, partial: bool | None = None, **context: Any) -> dict[str, Any]:
        """The body, validated; on PATCH only what was sent. `context` reaches the serializer's `self.context`."""
        changes = self.request.method == "PATCH" if partial is None else partial
        return inputs.parse(input_class, self.request.data, partial=changes, context={"view": self, **context})

    @property
    def actor(self) -> Actor:
        """Who is calling, for actions and the audit log."""
        actor: Actor = self.request.user.actor  # type: ignore[union-attr]
        return actor

    def expected_version(self) -> int | None:
        """The version that If-Match asks for, if any; check it on the locked row with `etags.demand`."""
        return etags.expected_version(self.request.headers.get("If-Match"))

    def expected_preview(self) -> str | None:
        """The preview hash that If-Match asks for, if any."""
        return etags.expected_preview(self.request.headers.get("If-Match"))

    # Answering

    def created(self, row: Model, extra: Extra | None = None, *, shown: ApiObject | None = None) -> Response:
        """201 with the object, `shown` where it is at hand. `extra` adds members.

        After `Prefer: wait` the object is read, and a function is asked again.
        """
        return self._shown(row, extra, 201, shown)

    def ok(self, row: Model, extra: Extra | None = None, *, status: int = 200) -> Response:
        """200 with the object, its ETag and what `?expand=` asks for."""
        return self._shown(row, extra, status)

    def gone(self) -> Response:
        """204: done, nothing to show."""
        return Response(status=204)

    # What happens around every call

    def get_renderers(self) -> Any:
        """Files by their own types, all else as JSON."""
        kinds = self.files.get(getattr(self, "action", None) or "")
        return [kind() for kind in kinds] if kinds else super().get_renderers()

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Authenticate, permit, throttle, look at the request; then the guard around a write; then the wait."""
        self.args, self.kwargs = args, kwargs
        self.request = self.initialize_request(bodies.unchunked(request, self.max_body_bytes), *args, **kwargs)
        self.headers = self.default_response_headers
        try:
            self.initial(self.request, *args, **kwargs)
            response = self._handled()
        except Exception as error:  # noqa: BLE001 - every refusal leaves as a problem document
            response = self.handle_exception(error)
        if going := self.deprecations.get(str(getattr(self, "action", None))):
            self.headers.update(going.headers)
        self.response = self.finalize_response(self.request, response, *args, **kwargs)
        return self.response

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """DRF's checks, then ours of the query string and the body's outside."""
        super().initial(request, *args, **kwargs)
        if getattr(self, "action", None) is None:
            return
        if card_guard.find([request.headers.get("Idempotency-Key", "")]):
            raise card_guard.refusal([])
        allowed, repeatable, prefixes = self._parameters()
        query.check(request.query_params, allowed, repeatable=repeatable, prefixes=prefixes)
        bodies.check(request, self.max_body_bytes, gzip=self.takes_gzip)

    def _handled(self) -> Response:
        method = str(self.request.method).lower()
        known = method in self.http_method_names
        handler = getattr(self, method, self.http_method_not_allowed) if known else self.http_method_not_allowed

        def run() -> Response:
            with prepared() if getattr(self, "action", None) in PREPARED else nullcontext():
                return handler(self.request, *self.args, **self.kwargs)

        if self.request.method in SAFE or getattr(self, "action", None) is None:
            return run()
        outside = self.action in self.calls_outside
        return writes.guarded(self, run, calls_outside=outside)

    def handle_refusal(self, error: DomainError) -> Response:
        """A refusal as the answer that will leave; for what stores answers."""
        return self.handle_exception(error)

    def _shown(self, row: Model, extra: Extra | None, status: int, shown: ApiObject | None = None) -> Response:
        wanted = self._expansions()

        def body(row: Any, known: ApiObject | None = None) -> Any:
            object_ = known or self.render([row])[0]
            added = extra() if callable(extra) else extra
            if not added and not wanted:
                return object_
            expanded = {name: self.expandable[name](row) for name in wanted}
            return {**builtins(object_), **(added or {}), **expanded}

        def anew() -> Any:
            return body(self.get_queryset().get(pk=row.pk))

        self.rerender = anew
        headers = {"ETag": etags.etag(row.version)} if hasattr(row, "version") else {}
        return Response(body(row, shown), status=status, headers=headers)

    def _expansions(self) -> Sequence[str]:
        names = [name for name in self.request.query_params.get("expand", "").split(",") if name]
        offered = self.expandable if self._customer() is None else self.customer_expandable
        if unknown := [name for name in names if name not in offered]:
            known = ", ".join(offered) or "nothing"
            raise Invalid(
                "expand_unknown",
                "An expansion is asked for that this object does not have.",
                hint=f"This object expands: {known}.",
                errors=[
                    Problem("?expand", "expand_unknown", f"{name[:100]!r} cannot be expanded.") for name in unknown
                ],
            )
        return list(dict.fromkeys(names))

    def _parameters(self) -> tuple[set[str], set[str], tuple[str, ...]]:
        """Which parameters may stand in the query string, which of them repeat, and prefixes of further ones."""
        allowed = set(self.action_parameters.get(self.action, ()))
        if self.action == "list":
            allowed |= set(CursorPagination.parameters)
        elif self.action not in self.filtered_actions:
            return allowed | {"expand"}, set(), ()
        if self.filterset_class is None:
            return allowed, set(), ()
        declared = self.filterset_class.base_filters
        repeatable = {name for name, each in declared.items() if "Multiple" in type(each).__name__}
        return allowed | set(declared), repeatable, tuple(getattr(self.filterset_class, "parameter_prefixes", ()))

    def _customer(self) -> Any:
        """The one account that the caller's token shows; None for everybody else."""
        return getattr(getattr(getattr(self, "request", None), "user", None), "account_id", None)

    def _missing(self) -> NotFound:
        noun = getattr(getattr(self, "object_class", None), "__name__", "object").removesuffix("Object").lower()
        return NotFound(
            "not_found",
            f"There is no {noun or 'object'} with this id.",
            hint="Check the id; the list of the resource shows those that exist.",
        )
