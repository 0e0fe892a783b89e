"""What upper apps know of invoices, without invoices knowing them: how much of each is being collected right now."""

from collections.abc import Callable, Collection, Mapping
from uuid import UUID

Load = Callable[[Collection[UUID]], Mapping[UUID, int]]

_collectors: list[Load] = []


def collects(load: Load) -> Load:
    """Let `load(invoice_ids)` say what may still arrive for each invoice, in minor units; those left out: nothing."""
    _collectors.append(load)
    return load


def under_way(invoice_ids: Collection[UUID]) -> dict[UUID, int]:
    """What is being collected of these invoices; it counts as paid, for nobody knows yet that it is not."""
    found = dict.fromkeys(invoice_ids, 0)
    for load in _collectors:
        for invoice_id, amount in load(invoice_ids).items():
            found[invoice_id] += amount
    return found
