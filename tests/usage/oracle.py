"""What totals must be, as naively as it can be said."""

from collections import defaultdict
from decimal import Decimal
from fractions import Fraction


def counts(filter, properties):
    for name, wanted in filter.items():
        values = wanted if isinstance(wanted, list) else [wanted]
        own = properties.get(name)
        if not any(type(own) is type(value) and own == value for value in values):
            return False
    return True


def text(value):
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else None if value is None else str(value)


def total(meter, events):
    """group -> (quantity, number of events) of these, each (timestamp, key, quantity, properties)."""
    groups = defaultdict(list)
    for event in events:
        if counts(meter.filter, event[3]):
            groups[tuple(text(event[3].get(name)) for name in meter.group_by)].append(event)
    found = {}
    for group, own in groups.items():
        quantities = [Fraction(each[2]) for each in own]
        if meter.aggregation == "unique_count":
            names = [text(each[3].get(meter.unique_by)) for each in own] if meter.unique_by else quantities
            quantity = len({name for name in names if name is not None})
        else:
            quantity = {
                "sum": sum(quantities),
                "count": len(own),
                "max": max(quantities),
                "last": Fraction(max(own, key=lambda each: (each[0], each[1]))[2]),
            }[str(meter.aggregation)]
        found[group] = (Fraction(quantity), len(own))
    return found


def histogram(events):
    values = defaultdict(int)
    for event in events:
        values[Decimal(event[2])] += 1
    return dict(values)
