"""A plan as a form on paper: rows of text, amounts in major units. Filled from a plan, or from what was sent.

Pure. The names of fields are paths: charges-0-tiers-1-unit_price.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from apps.kernel.currencies import CURRENCIES
from apps.plans.rules.reading import plain

Sheet = dict[str, Any]
"""Text by name; lists of such rows by theirs."""

PLAN = ("name", "key", "interval", "interval_count", "trial_days", "trial_usage", "tax_behavior", "tax_code")
CHARGE = (
    "metric", "key", "aggregation", "unique_by", "model", "package_size", "cap", "cap_behavior", "filter", "group_by",
    "thresholds",
)  # fmt: skip
BOUNDS = ("minimum", "maximum", "fee_per_event", "per_event_minimum", "per_event_maximum")
ROWS: Mapping[str, tuple[str, ...]] = {
    "prices": ("currency", "amount", "commitment"),
    "features": ("name", "kind", "value"),
    "charges": CHARGE,
    "tiers": ("currency", "up_to", "unit_price", "flat_price", "rate_percent", "package_size"),
    "bounds": ("currency", *BOUNDS),
}
INSIDE = ("tiers", "bounds")
MAX_ROWS = 200
YES_NO, NUMBER, TEXT = "yes or no", "number", "text"
KINDS = (YES_NO, NUMBER, TEXT)


def blank() -> Sheet:
    """The form before anything is written in it."""
    plan = {"interval": "month", "interval_count": "1", "trial_days": "0", "trial_usage": "free"}
    rest = {"tax_behavior": "exclusive", "tax_code": "standard"}
    return {**dict.fromkeys(PLAN, ""), **plan, **rest, "prices": [row("prices")], "features": [], "charges": []}


def row(kind: str) -> Sheet:
    """A row with nothing in it; a charge has a tier."""
    empty: Sheet = dict.fromkeys(ROWS[kind], "")
    if kind == "features":
        empty["kind"] = YES_NO
    if kind == "charges":
        empty |= {
            "aggregation": "sum",
            "model": "per_unit",
            "cap_behavior": "bill",
            "tiers": [row("tiers")],
            "bounds": [],
        }
    return empty


def read(pairs: Iterable[tuple[str, str]]) -> Sheet:
    """The sheet that a browser sent; what it does not know is left out."""
    sheet: Sheet = {**dict.fromkeys(PLAN, ""), "prices": {}, "features": {}, "charges": {}}
    for name, text in pairs:
        match name.split("-"):
            case [known] if known in PLAN:
                sheet[known] = text.strip()
            case [("prices" | "features" | "charges") as kind, number, member] if member in ROWS[kind]:
                _row(sheet, kind, number)[member] = text.strip()
            case ["charges", number, ("tiers" | "bounds") as kind, inner, member] if member in ROWS[kind]:
                _row(_row(sheet, "charges", number), kind, inner)[member] = text.strip()
    for charge in sheet["charges"].values():
        charge |= {kind: _in_order(charge[kind]) for kind in INSIDE}
    return {**sheet, **{kind: _in_order(sheet[kind]) for kind in ("prices", "features", "charges")}}


def with_row(sheet: Sheet, path: str) -> Sheet:
    """One row more at `path` (charges-0-tiers), in the currency of the row above it."""
    *_, kind = path.split("-")
    rows = _rows(sheet, path.split("-"))
    if rows is not None and len(rows) < MAX_ROWS:
        rows.append({**row(kind), **({"currency": rows[-1].get("currency", "")} if kind in INSIDE and rows else {})})
    return sheet


def without_row(sheet: Sheet, path: str) -> Sheet:
    """The row at `path` (charges-0-tiers-1) is left out."""
    *above, number = path.split("-")
    rows = _rows(sheet, above)
    if rows is not None and _index(number) < len(rows):
        del rows[_index(number)]
    return sheet


def sheet_of(plan: Mapping[str, Any]) -> Sheet:
    """The form with a plan object written in it."""
    return {
        **{name: str(plan[name]) for name in PLAN},
        "prices": [
            {
                "currency": currency,
                "amount": _major(price, currency),
                "commitment": _major(plan["commitment"].get(currency), currency),
            }
            for currency, price in plan["prices"].items()
        ],
        "features": [{"name": name, **_feature(value)} for name, value in plan["features"].items()],
        "charges": [_charge_row(charge) for charge in plan["charges"]],
    }


def _row(above: Sheet, kind: str, number: str) -> Sheet:
    if _index(number) >= MAX_ROWS:
        return {}
    rows: dict[int, Sheet] = above.setdefault(kind, {})
    empty = {**dict.fromkeys(ROWS[kind], ""), **({inner: {} for inner in INSIDE} if kind == "charges" else {})}
    return rows.setdefault(_index(number), empty)


def _index(text: str) -> int:
    """The number of a row; what is none lies beyond every row."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else MAX_ROWS


def _in_order(rows: Mapping[int, Sheet]) -> list[Sheet]:
    return [rows[number] for number in sorted(rows)]


def _rows(sheet: Sheet, path: Sequence[str]) -> list[Sheet] | None:
    match path:
        case [("prices" | "features" | "charges") as kind]:
            return sheet[kind]
        case ["charges", number, ("tiers" | "bounds") as kind] if _index(number) < len(sheet["charges"]):
            return sheet["charges"][_index(number)][kind]
    return None


def value_of(text: str) -> Any:
    """A value of a filter: what looks like another type is one, unless it stands in quotation marks."""
    text = text.strip()
    try:
        meant = json.loads(text)
    except ValueError:
        return text
    return meant if type(meant) in (bool, int, str) else text


def _said(value: Any) -> str:
    plainly = isinstance(value, str) and value == value.strip() and value and not set(value) & set(',"\n\r')
    return value if plainly and value_of(value) == value else json.dumps(value, ensure_ascii=False)


def _lines(wanted: Mapping[str, Any]) -> Iterator[str]:
    for prop, value in wanted.items():
        several = isinstance(value, list)
        values = ", ".join(map(_said, value if several else [value]))
        yield f"{prop} = {values}{',' if several and len(value) == 1 else ''}"


def _major(minor: Any, currency: str) -> str:
    """Minor units as they are typed: two digits of cents, more where there are fractions."""
    if minor in (None, "0", 0) and not isinstance(minor, int):
        return ""
    exponent = CURRENCIES[currency].exponent
    number, _, rest = plain(Decimal(minor)).partition(".")
    number = number.rjust(exponent + 1, "0")
    cut = len(number) - exponent
    digits = number[cut:] + rest
    return f"{number[:cut]}.{digits}" if digits else number


def _threshold(each: Mapping[str, Any]) -> str:
    if each["percent"] is not None:
        return f"{each['percent']} %"
    return each["quantity"] or f"{_major(each['amount'], each['currency'])} {each['currency']}"


def _feature(value: Any) -> dict[str, str]:
    if isinstance(value, bool):
        return {"kind": YES_NO, "value": "yes" if value else "no"}
    if isinstance(value, str):
        return {"kind": TEXT, "value": value}
    return {"kind": NUMBER, "value": plain(Decimal(repr(value)))}


def _charge_row(charge: Mapping[str, Any]) -> Sheet:
    tiers, bounds = [], []
    for currency, price in charge["prices"].items():
        for tier in price["tiers"]:
            amounts = {name: _major(tier[name], currency) for name in ("unit_price", "flat_price")}
            sizes = {name: tier[name] or "" for name in ("up_to", "package_size")}
            if charge["model"].endswith("percentage"):
                sizes["up_to"] = _major(tier["up_to"], currency)
            rate = "" if tier["rate_percent"] == "0" else tier["rate_percent"]
            tiers.append({"currency": currency, **sizes, **amounts, "rate_percent": rate})
            main = "rate_percent" if charge["model"].endswith("percentage") else "unit_price"
            tiers[-1][main] = tiers[-1][main] or "0"
        said = {name: _major(price[name] or None, currency) for name in BOUNDS}
        if any(said.values()):
            bounds.append({"currency": currency, **said})
    return {
        **{name: charge[name] or "" for name in CHARGE},
        "filter": "\n".join(_lines(charge["filter"])),
        "group_by": ", ".join(charge["group_by"]),
        "thresholds": "; ".join(_threshold(each) for each in charge["thresholds"]),
        "tiers": tiers,
        "bounds": bounds,
    }
