"""What falls due here: charges that nobody has asked for yet, or that got no answer."""

from datetime import datetime

from apps.kernel.schedule import DueWork, Scope, register
from apps.payments import queries


def earliest(at: datetime, scope: Scope) -> datetime | None:
    """Charges wait for the worker, not for a date: nothing falls due by the account's time yet."""
    return None


def run(at: datetime, scope: Scope) -> int:
    """Nothing: see `earliest`."""
    return 0


WORK = register(DueWork(name="payments.charge", due=earliest, run=run, pending=queries.pending))
