"""Which events a metered charge counts, and by which of their properties it tells them apart."""

from collections.abc import Mapping
from typing import Any

from apps.kernel.errors import Problem
from apps.plans.rules.reading import Reading, name, pointer

MAX_FILTERS, MAX_VALUES, MAX_GROUPS = 20, 100, 5
METRIC_LENGTH, VALUE_LENGTH = 100, 255


def read_filter(reading: Reading, value: Any, at: str) -> dict[str, Any]:
    """Property -> the values that count."""
    if not isinstance(value, Mapping):
        reading.add(Problem(at, "wrong_type", 'Expected an object such as {"region": ["eu", "us"]}.'))
        return {}
    if len(value) > MAX_FILTERS:
        reading.add(Problem(at, "too_long", f"At most {MAX_FILTERS} properties."))
        return {}
    found: dict[str, Any] = {}
    for prop, wanted in value.items():
        place = pointer(at, prop)
        name(METRIC_LENGTH)(reading, prop, place)
        values = wanted if isinstance(wanted, list | tuple) else [wanted]
        if not 0 < len(values) <= MAX_VALUES or not all(_scalar(each) for each in values):
            text = f"Expected 1 to {MAX_VALUES} strings of up to {VALUE_LENGTH} characters, whole numbers or booleans."
            reading.add(Problem(place, "wrong_type", text))
        found[str(prop)] = list(wanted) if isinstance(wanted, list | tuple) else wanted
    return found


def _scalar(value: Any) -> bool:
    return type(value) in (bool, int) or (isinstance(value, str) and 0 < len(value) <= VALUE_LENGTH)


def read_groups(reading: Reading, value: Any, at: str) -> list[Any]:
    """The properties by which usage is told apart, each once."""
    found = reading.listed(value, at, name(METRIC_LENGTH), longest=MAX_GROUPS)
    reading.once((f"{at}/{index}", each) for index, each in enumerate(found))
    return found
