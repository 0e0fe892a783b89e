"""A catalogue as a file says it, and what it would change: pure, no database.

A file says a plan in full: what it leaves out has its default, whatever the plan has now.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from apps.kernel.changes import changed
from apps.kernel.errors import Problem
from apps.plans.rules import TaxBehavior, TrialUsage

DEFAULTS: Mapping[str, Any] = {
    "interval_count": 1,
    "trial_days": 0,
    "trial_usage": TrialUsage.FREE.value,
    "tax_behavior": TaxBehavior.EXCLUSIVE.value,
    "tax_code": "standard",
    "features": {},
    "commitment": {},
    "charges": [],
    "active": True,
    "metadata": {},
}
FIELDS = ("key", "name", "interval", "prices", *DEFAULTS)
PLAN_ALONE = frozenset({"name", "active", "metadata"})
"""Members that belong to the plan; a change of any other makes a new version."""

_MISSING = object()


class Fate(StrEnum):
    """What becomes of a plan."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    LEFT_ALONE = "not in the file, left alone"


@dataclass(frozen=True)
class Difference:
    """One plan: what it is and what the file wants. `fields` holds old and new values, each price by itself."""

    key: str
    name: str
    fate: Fate
    fields: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    version: int = 1

    @property
    def new_version(self) -> bool:
        """Whether terms or prices change, so that there is another version for those who come."""
        return self.fate is Fate.CHANGED and not {name.partition(".")[0] for name in self.fields} <= PLAN_ALONE


def whole(document: Mapping[str, Any]) -> dict[str, Any]:
    """The plan that this document means, every member present."""
    return {**DEFAULTS, **document}


def written(plan: Mapping[str, Any]) -> dict[str, Any]:
    """A plan object as a catalogue writes it: without what is a default."""
    return {
        name: plan[name]
        for name in FIELDS
        if name not in DEFAULTS or changed({name: DEFAULTS[name]}, {name: plan[name]})
    }


def compare(now: Mapping[str, Mapping[str, Any]], wanted: Sequence[Mapping[str, Any]]) -> list[Difference]:
    """The fate of every plan in the order of the file, then of those it does not name. `now`: key -> plan object."""
    found = [_difference(now.get(document["key"]), whole(document)) for document in wanted]
    named = {document["key"] for document in wanted}
    found += [
        Difference(key, plan["name"], Fate.LEFT_ALONE, version=plan["version"])
        for key, plan in sorted(now.items())
        if key not in named
    ]
    return found


def repeated_keys(documents: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    """Plans whose key an earlier one has."""
    first: dict[Any, int] = {}
    for index, document in enumerate(documents):
        earlier = first.setdefault(document.get("key"), index)
        if earlier != index and document.get("key") is not None:
            yield Problem(f"/plans/{index}/key", "duplicate", f"The plan at /plans/{earlier} has the same key.")


def _difference(plan: Mapping[str, Any] | None, document: Mapping[str, Any]) -> Difference:
    if plan is None:
        return Difference(document["key"], document["name"], Fate.NEW)
    new = changed(plan, document)
    fields: dict[str, tuple[Any, Any]] = {}
    for name, value in new.items():
        if isinstance(value, Mapping) and isinstance(plan[name], Mapping):
            fields.update(_members(name, plan[name], value))
        else:
            fields[name] = (plan[name], value)
    fate = Fate.CHANGED if new else Fate.UNCHANGED
    return Difference(document["key"], document["name"], fate, fields, plan["version"])


def _members(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, tuple[Any, Any]]]:
    for member in sorted({*old, *new}):
        before, after = old.get(member, _MISSING), new.get(member, _MISSING)
        if before is _MISSING or after is _MISSING or changed({"": before}, {"": after}):
            yield f"{name}.{member}", (shown(before), shown(after))


def shown(value: Any) -> Any:
    """A value for the eye; nothing where there is none."""
    return None if value is _MISSING else value
