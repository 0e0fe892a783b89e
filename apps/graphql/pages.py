"""Pages of connections, newest first by opaque cursors: at the root, and for many parents at once below objects."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from apps.graphql.asking import Asker, Noun
from apps.kernel.errors import Invalid, Problem
from apps.kernel.membership import array
from apps.kernel.statements import fetch
from apps.rest.objects import ApiObject
from apps.rest.pagination import DEFAULT_LIMIT, MAX_LIMIT, cursor_at, position_of


@dataclass(frozen=True)
class PageInfo:
    """Where a page lies in its list."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@dataclass(frozen=True)
class Edge:
    """An object of a page, and the cursor behind it."""

    node: ApiObject
    cursor: str


@dataclass(frozen=True)
class Page:
    """Some objects of a list. `count` is called where `totalCount` is asked for, and only there."""

    edges: Sequence[Edge]
    page_info: PageInfo
    count: Callable[[], Any]

    @property
    def total_count(self) -> Any:
        """How many the whole list has."""
        return self.count()


def root_page(asker: Asker, noun: Noun, rows: QuerySet[Any], *, first: int | None, after: str | None) -> Page:
    """A page of `rows`, which hold nothing that the caller may not see."""
    most = limit(first)
    found = rows if after is None else rows.filter(pk__lt=position_of(after, _scope(noun), rows, "pk"))
    page = list(found.order_by("-pk")[: most + 1])
    return _page(noun, noun.objects(page[:most]), more=len(page) > most, after=after, count=rows.order_by().count)


@dataclass(frozen=True)
class Children:
    """The rows of `noun` that belong to another object: `parent` is its column in `table`, `key` that of the row's id.

    `distinct`: the table may name a row several times (the lines of an invoice).
    """

    noun: Noun
    table: str
    parent: str
    key: str = "id"
    distinct: bool = False

    def page(
        self, asker: Asker, parent: UUID, *, first: int | None, after: str | None, status: Sequence[str] | None = None
    ) -> Any:
        """A page for one parent; all parents of an operation that ask alike are read together."""
        most = limit(first)
        before = None if after is None else position_of(after, _scope(self.noun), self.noun.rows(), "pk")
        statuses = tuple(sorted(status)) if status else ()
        name = (self, most, after, statuses)

        def batch(parents: Sequence[UUID]) -> list[Page]:
            ids = self._ids(parents, most + 1, before, statuses)
            wanted = {id for each in ids.values() for id in each[:most]}
            rows = self.noun.found(asker, wanted)
            shown = dict(zip([row.pk for row in rows], self.noun.objects(rows), strict=True))
            return [self._made(asker, each, ids.get(each, []), shown, most, after, statuses) for each in parents]

        return asker.loader(name, batch).load(parent)

    def _made(
        self,
        asker: Asker,
        parent: UUID,
        ids: Sequence[UUID],
        shown: Mapping[UUID, ApiObject],
        most: int,
        after: str | None,
        statuses: tuple[str, ...],
    ) -> Page:
        nodes = [shown[id] for id in ids[:most] if id in shown]
        counter = asker.loader((self, "count", statuses), lambda parents: self._counts(parents, statuses))
        return _page(self.noun, nodes, more=len(ids) > most, after=after, count=lambda: counter.load(parent))

    def _ids(
        self, parents: Sequence[UUID], most: int, before: UUID | None, statuses: tuple[str, ...]
    ) -> dict[UUID, list[UUID]]:
        """The newest ids of each parent: by the index of each, so a parent with a million costs no more than one."""
        where, params = self._where(statuses)
        if before is not None:
            where, params = f"{where} AND child.{self.key} < %s", [*params, before]
        sql = (
            "SELECT parent.id, found.id FROM unnest(%s::uuid[]) AS parent (id) CROSS JOIN LATERAL ("  # noqa: S608 - names of columns alone
            f"SELECT {'DISTINCT ' if self.distinct else ''}child.{self.key} AS id FROM {self.table} AS child"
            f" WHERE child.{self.parent} = parent.id{where} ORDER BY child.{self.key} DESC LIMIT %s) AS found"
            " ORDER BY found.id DESC"
        )
        found: dict[UUID, list[UUID]] = {}
        for parent, id in fetch(sql, [array(parents), *params, most]):
            found.setdefault(parent, []).append(id)
        return found

    def _counts(self, parents: Sequence[UUID], statuses: tuple[str, ...]) -> list[int]:
        where, params = self._where(statuses)
        what = f"count(DISTINCT child.{self.key})" if self.distinct else "count(*)"
        sql = (
            f"SELECT child.{self.parent}, {what} FROM {self.table} AS child"  # noqa: S608 - names of columns alone
            f" WHERE child.{self.parent} = ANY(%s::uuid[]){where} GROUP BY child.{self.parent}"
        )
        counts = dict(fetch(sql, [array(parents), *params]))
        return [counts.get(each, 0) for each in parents]

    def _where(self, statuses: tuple[str, ...]) -> tuple[str, list[Any]]:
        return (" AND child.status = ANY(%s)", [list(statuses)]) if statuses else ("", [])


def limit(first: int | None) -> int:
    """Objects a page."""
    if first is None:
        return DEFAULT_LIMIT
    if not 1 <= first <= MAX_LIMIT:
        raise Invalid(
            "limit_invalid",
            f"first is a whole number from 1 to {MAX_LIMIT}.",
            hint=f"Ask for {MAX_LIMIT} at most, and follow pageInfo.endCursor by `after` for the rest.",
            errors=[Problem("/first", "limit_invalid", f"Not a whole number from 1 to {MAX_LIMIT}.")],
        )
    return first


def _page(noun: Noun, nodes: Sequence[Any], *, more: bool, after: str | None, count: Callable[[], Any]) -> Page:
    edges = [Edge(node, cursor_at(node.id, _scope(noun))) for node in nodes]
    info = PageInfo(
        has_next_page=more,
        has_previous_page=after is not None,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges else None,
    )
    return Page(edges, info, count)


def _scope(noun: Noun) -> str:
    """Cursors of REST and GraphQL are the same."""
    return f"{noun.resource}.pk"
