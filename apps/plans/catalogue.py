"""A catalogue as a file says it, and what it would change: pure, no database.

A file says a plan in full: what it leaves out has its default, whatever the plan has now.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from apps.kernel.changes import changed
from apps.kernel.errors import Problem
from apps.plans.rules import TaxBehavior, TrialUsage, checked
from apps.plans.rules.charges import CHARGE, PRICE, RATES, TIER
from apps.plans.rules.reading import Member
from apps.plans.rules.thresholds import THRESHOLD

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
    """One plan: what it is and what the file wants. `fields` holds old and new values, one by one."""

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
    """The plan that this document means, every member present and in its one form."""
    return checked({**DEFAULTS, **document})[0]


def written(plan: Mapping[str, Any]) -> dict[str, Any]:
    """A plan object as a catalogue writes it: without what is a default."""
    said = {
        name: plan[name]
        for name in FIELDS
        if name not in DEFAULTS or changed({name: DEFAULTS[name]}, {name: plan[name]})
    }
    if "charges" in said:
        said["charges"] = [brief(charge) for charge in said["charges"]]
    return said


def brief(charge: Mapping[str, Any]) -> dict[str, Any]:
    """A charge without what is a default; what a tier costs is always said."""
    price = "rate_percent" if charge["model"] in RATES else "unit_price"
    prices = {
        currency: {
            **_said(each, PRICE),
            "tiers": [_said(tier, TIER, price) for tier in each["tiers"]],
        }
        for currency, each in charge["prices"].items()
    }
    said = {**_said(charge, CHARGE), "prices": prices}
    if "thresholds" in said:
        said["thresholds"] = [_said(each, THRESHOLD) for each in said["thresholds"]]
    return said


def _said(value: Mapping[str, Any], members: Mapping[str, Member], *always: str) -> dict[str, Any]:
    return {name: each for name, each in value.items() if name in always or each != members[name].absent()}


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
        if name == "charges":
            fields.update(_members_of_charges(plan[name], value))
        elif isinstance(value, Mapping) and isinstance(plan[name], Mapping):
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


def _members_of_charges(
    old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[str, tuple[Any, Any]]]:
    """Every value in which the charges differ, and their order where that is all."""
    before, after = ([(each["key"], brief(each)) for each in charges] for charges in (old, new))
    leaves = [
        dict(leaf for key, each in charges for leaf in _leaves(f"charges[{key}]", each)) for charges in (before, after)
    ]
    found = False
    for name in dict.fromkeys([*leaves[0], *leaves[1]]):
        one, other = leaves[0].get(name, _MISSING), leaves[1].get(name, _MISSING)
        if one is _MISSING or other is _MISSING or changed({"": one}, {"": other}):
            found = True
            yield name, (shown(one), shown(other))
    if not found:
        yield "charges", ([key for key, _ in before], [key for key, _ in after])


def _leaves(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """The values inside of `value`, each with its path."""
    if isinstance(value, Mapping):
        for member, each in value.items():
            yield from _leaves(f"{name}.{member}", each)
    elif isinstance(value, list) and value and isinstance(value[0], Mapping):
        for index, each in enumerate(value, 1):
            yield from _leaves(f"{name}[{index}]", each)
    else:
        yield name, value


def shown(value: Any) -> Any:
    """A value for the eye; nothing where there is none."""
    return None if value is _MISSING else value
