"""All invariants, and what breaks them now."""

from collections.abc import Sequence

from django.db import connection

from apps.monitoring.invariants.accounts import ACCOUNTS
from apps.monitoring.invariants.documents import DOCUMENTS
from apps.monitoring.invariants.invariant import Broken, Invariant
from apps.monitoring.invariants.money import MONEY

INVARIANTS: Sequence[Invariant] = (*MONEY, *DOCUMENTS, *ACCOUNTS)


def broken() -> list[Broken]:
    """The invariants that do not hold now, in one snapshot each; empty when all is well."""
    found: list[Broken] = []
    with connection.cursor() as cursor:
        for invariant in INVARIANTS:
            cursor.execute(f"SELECT * FROM ({invariant.faults}) AS faults LIMIT 20", [])  # noqa: S608
            if faults := tuple(str(row[0]) for row in cursor.fetchall()):
                found.append(Broken(invariant, faults))
    return found
