"""Turns stored objects into answers: private notes removed, lists paged, references expanded on demand."""

import copy
from collections.abc import Callable, Mapping
from typing import Any

from billing_project.stripe_sandbox.change import Change, public
from billing_project.stripe_sandbox.errors import invalid, missing
from billing_project.stripe_sandbox.params import created_range
from billing_project.stripe_sandbox.store import Obj, Row

MAX_EXPANSION = 4
# Lists inside an object that Stripe leaves out unless they are asked for: where their members are found.
INCLUDABLE: dict[tuple[str, str], tuple[str, str]] = {
    ("charge", "refunds"): ("refund", "charge"),
    ("customer", "sources"): ("source", "customer"),
}


def listing(
    change: Change,
    kind: str,
    params: Mapping[str, Any],
    url: str,
    filters: Mapping[str, str | None] | None = None,
    keep: Callable[[Row], bool] | None = None,
) -> Obj:
    """A page, newest first, with Stripe's cursors."""
    limit = params.get("limit")
    limit = 10 if limit is None else limit
    if not 1 <= limit <= 100:
        raise invalid("This value must be between 1 and 100.", "limit", "parameter_invalid_integer")
    after, before = params.get("starting_after"), params.get("ending_before")
    if after and before:
        raise invalid("You cannot give both starting_after and ending_before.", "ending_before")
    for name, cursor in (("starting_after", after), ("ending_before", before)):
        row = change.store.rows.get(cursor) if cursor else None
        if cursor and (row is None or row.kind != kind):
            raise missing(kind, cursor, name)
    low, high = created_range(params.get("created"))
    chosen = {name: value for name, value in (filters or {}).items() if value is not None}
    rows: list[Row] = []
    for row in change.store.page(kind, chosen, after, before):
        outside = (low is not None and row.created < low) or (high is not None and row.created > high)
        if outside or (keep is not None and not keep(row)):
            continue
        rows.append(row)
        if len(rows) > limit:
            break
    page = rows[:limit]
    if before:
        page.reverse()
    return {"object": "list", "data": [row.load() for row in page], "has_more": len(rows) > limit, "url": url}


def answer(change: Change, obj: Obj, paths: list[str]) -> Obj:
    """The object as the caller sees it, with the properties named in `expand[]` filled in."""
    shown = copy.deepcopy(public(obj))
    if shown.get("object") == "list":
        shown["data"] = [public(item) for item in shown["data"]]
    for path in paths:
        steps = path.split(".")
        depth = len(steps) - (steps[0] == "data")
        if depth > MAX_EXPANSION:
            raise invalid(f"You cannot expand more than {MAX_EXPANSION} levels of a property: {path[:100]}", "expand")
        _expand(change, shown, steps, path)
    return shown


def _expand(change: Change, shown: Obj, steps: list[str], path: str) -> None:
    step, rest = steps[0], steps[1:]
    if shown.get("object") == "list" and step == "data":
        for item in shown["data"]:
            if rest:
                _expand(change, item, rest, path)
        return
    source = INCLUDABLE.get((str(shown.get("object")), step))
    if source is not None and step not in shown:
        kind, field = source
        url = f"/v1/{shown['object']}s/{shown['id']}/{step}"
        shown[step] = listing(change, kind, {}, url, {field: shown["id"]})
        shown[step]["data"] = [public(item) for item in shown[step]["data"]]
    if step not in shown:
        raise invalid(f"This property cannot be expanded ({path[:100]}).", "expand")
    value = shown[step]
    if isinstance(value, str):
        found = change.locate(value)
        if found is None:
            raise invalid(f"This property cannot be expanded ({path[:100]}).", "expand")
        value = shown[step] = copy.deepcopy(public(found))
    if rest and isinstance(value, dict):
        _expand(change, value, rest, path)
