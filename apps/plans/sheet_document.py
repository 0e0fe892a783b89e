"""What a filled form means: the document of the API, where in the form each part stands, and what cannot be taken.

Pure. Amounts are typed in major units and leave as minor ones, exactly.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from apps.kernel.currencies import CURRENCIES
from apps.plans.rules.reading import plain, pointer
from apps.plans.sheet import BOUNDS, CHARGE, INSIDE, NUMBER, PLAN, ROWS, YES_NO, Sheet, value_of

_COUNTS = ("interval_count", "trial_days")
_TRUTH = {"yes": True, "true": True, "no": False, "false": False}
_FIGURE = re.compile(r"(?:[0-9]{1,3}(?:[, ][0-9]{3})+|[0-9]{1,18})(?:\.[0-9]{1,15})?", re.ASCII)
_VALUE = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[^,]*)\s*(?:,|$)')


@dataclass
class Written:
    """A document, where in the form each part of it stands, and what was no number or word that can be taken."""

    document: dict[str, Any] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    faults: list[tuple[str, str]] = field(default_factory=list)

    def place(self, fault: str) -> str:
        """The field that this pointer means: its own, or that of what it is part of."""
        while fault and fault not in self.places:
            fault = fault.rpartition("/")[0]
        return self.places.get(fault, "")


def document(sheet: Sheet) -> Written:
    """What the form says, as the API takes it. Rows without anything in them are left out."""
    found = Written()
    for name in PLAN:
        if sheet[name]:
            found.document[name] = _whole(found, name, sheet[name]) if name in _COUNTS else sheet[name]
        found.places[f"/{name}"] = name
    _prices(found, sheet["prices"])
    _features(found, sheet["features"])
    found.document["charges"] = []
    only = next(iter(found.document["prices"]), "") if len(found.document["prices"]) == 1 else ""
    for index, each in enumerate(sheet["charges"]):
        if any(each[name] for name in ("metric", "key", "filter")) or any(_filled(tier) for tier in each["tiers"]):
            _charge(found, f"charges-{index}", each, only)
    return found


def _filled(each: Sheet) -> bool:
    return any(text for name, text in each.items() if name != "currency")


def _prices(found: Written, rows: Sequence[Sheet]) -> None:
    prices, commitment = found.document["prices"], found.document["commitment"] = {}, {}
    found.places |= {"/prices": "prices", "/commitment": "prices"}
    for index, each in enumerate(rows):
        currency, place = each["currency"].upper(), f"prices-{index}"
        if not currency and not _filled(each):
            continue
        if currency not in CURRENCIES:
            found.faults.append((f"{place}-currency", "A currency of ISO 4217, such as USD, EUR or JPY."))
        elif currency in prices:
            found.faults.append((f"{place}-currency", f"{currency} stands above already."))
        else:
            found.places[pointer("/prices", currency)] = f"{place}-amount"
            found.places[pointer("/commitment", currency)] = f"{place}-commitment"
            prices[currency] = _minor(found, f"{place}-amount", each["amount"] or "0", currency, whole=True)
            if each["commitment"]:
                name = f"{place}-commitment"
                commitment[currency] = _minor(found, name, each["commitment"], currency, whole=True)


def _features(found: Written, rows: Sequence[Sheet]) -> None:
    features = found.document["features"] = {}
    found.places["/features"] = "features"
    for index, each in enumerate(rows):
        if not each["name"] and not each["value"]:
            continue
        place = f"features-{index}"
        if each["name"] in features:
            found.faults.append((f"{place}-name", "It stands above already."))
        found.places[pointer("/features", each["name"])] = f"{place}-name"
        value: Any = each["value"]
        if each["kind"] == YES_NO:
            value = _TRUTH.get(value.lower() or "yes")
            if value is None:
                found.faults.append((f"{place}-value", "Write yes or no."))
        elif each["kind"] == NUMBER:
            text = _figure(found, f"{place}-value", value.removeprefix("-"))
            number = Decimal(f"-{text}" if value.startswith("-") else text)
            value = int(number) if number == number.to_integral_value() else float(number)
        features[each["name"]] = value


def _charge(found: Written, place: str, each: Sheet, only: str) -> None:
    at = f"/charges/{len(found.document['charges'])}"
    charge: dict[str, Any] = {
        "key": each["key"] or each["metric"],
        "metric": each["metric"],
        "aggregation": each["aggregation"],
        "model": each["model"],
        "cap_behavior": each["cap_behavior"],
        "filter": _filter(found, f"{place}-filter", each["filter"]),
        "group_by": [name.strip() for name in each["group_by"].split(",") if name.strip()],
        "prices": {},
    }
    if each["unique_by"]:
        charge["unique_by"] = each["unique_by"]
    charge["thresholds"] = [
        _threshold(found, f"{place}-thresholds", text.strip()) for text in each["thresholds"].split(";") if text.strip()
    ]
    found.document["charges"].append(charge)
    found.places[at] = place
    found.places |= {f"{at}/{name}": f"{place}-{name}" for name in CHARGE}
    for name in ("package_size", "cap"):
        if each[name]:
            charge[name] = _figure(found, f"{place}-{name}", each[name])
    for kind in INSIDE:
        for index, row in enumerate(each[kind]):
            if _filled(row):
                _price(found, f"{place}-{kind}-{index}", row, f"{at}/prices", charge, only, kind)


def _price(found: Written, place: str, row: Sheet, at: str, charge: dict[str, Any], only: str, kind: str) -> None:
    currency = row["currency"].upper() or only
    if currency not in CURRENCIES:
        found.faults.append((f"{place}-currency", "In which currency? One of those of the prices above."))
        return
    at = pointer(at, currency)
    found.places.setdefault(at, f"{place}-currency")
    price = charge["prices"].setdefault(currency, {"tiers": []})
    target: dict[str, Any]
    names: tuple[str, ...]
    if kind == "bounds":
        target, names = price, tuple(BOUNDS)
    else:
        target, names = {}, ROWS["tiers"][1:]
        found.places.setdefault(f"{at}/tiers", f"{place}-currency")
        at = f"{at}/tiers/{len(price['tiers'])}"
        price["tiers"].append(target)
    for name in names:
        found.places[f"{at}/{name}"] = f"{place}-{name}"
        amounts = name == "up_to" and charge["model"].endswith("percentage")
        if row[name] and name in ("up_to", "rate_percent", "package_size") and not amounts:
            target[name] = _figure(found, f"{place}-{name}", row[name])
        elif row[name]:
            whole = name in ("minimum", "maximum")
            target[name] = _minor(found, f"{place}-{name}", row[name], currency, whole=whole)


def _threshold(found: Written, name: str, text: str) -> dict[str, Any]:
    """80 %, 1000000 or 500.00 USD."""
    figure, _, unit = text.replace("%", " %").rpartition(" ")
    if unit == "%":
        return {"percent": _figure(found, name, figure.strip())}
    if (currency := unit.upper()) in CURRENCIES:
        return {"amount": _minor(found, name, figure.strip(), currency, whole=True), "currency": currency}
    return {"quantity": _figure(found, name, text)}


def _figure(found: Written, name: str, text: str) -> str:
    if _FIGURE.fullmatch(text):
        return text.replace(",", "").replace(" ", "")
    found.faults.append((name, "Write a number such as 1000 or 0.5."))
    return "1"


def _whole(found: Written, name: str, text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    found.faults.append((name, "Write a whole number."))
    return 1


def _minor(found: Written, name: str, text: str, currency: str, *, whole: bool) -> Any:
    """Minor units of an amount in major ones: whole, or a decimal as text."""
    if not _FIGURE.fullmatch(text):
        found.faults.append((name, "Write an amount such as 49 or 0.005."))
        return 1 if whole else "1"
    exponent = CURRENCIES[currency].exponent
    number, _, rest = text.replace(",", "").replace(" ", "").partition(".")
    rest = rest.ljust(exponent, "0")
    if whole and rest[exponent:].strip("0"):
        found.faults.append((name, f"{currency} has {exponent or 'no'} digits after the point."))
        return 1
    minor = f"{number}{rest[:exponent]}.{rest[exponent:]}"
    return int(minor.partition(".")[0]) if whole else plain(Decimal(minor))


def _filter(found: Written, name: str, text: str) -> dict[str, Any]:
    """Lines such as `region = eu, us`. What looks like another type stands in quotation marks."""
    wanted: dict[str, Any] = {}
    for line in filter(None, (each.strip() for each in text.splitlines())):
        prop, sign, rest = (part.strip() for part in line.partition("="))
        values = [value_of(each) for each in _VALUE.findall(rest) if each.strip()]
        if not sign or not values:
            found.faults.append((name, f"Write a line such as region = eu, us; this is none: {line[:60]}"))
        wanted[prop] = values if len(values) != 1 or rest.endswith(",") else values[0]
    return wanted
