"""What a test clock waits for here: deliveries to our own apps about its accounts, whoever announced them."""

from datetime import datetime

from apps.accounts.models import Account
from apps.events.models import Delivery
from apps.events.rules import Status
from apps.kernel.doorbell import ring
from apps.kernel.schedule import DueWork, Scope, register


def due(at: datetime, scope: Scope) -> datetime | None:
    """Deliveries wait for the relay, not for a date."""
    return None


def run(at: datetime, scope: Scope) -> int:
    """Nothing: see `due`."""
    return 0


def pending(scope: Scope) -> int:
    """Deliveries to be made, of events about the accounts of that scope. A dead one waits for a person, not a clock."""
    owners = Account.objects.filter(test_clock_id=scope.clock_id)
    return Delivery.objects.filter(status=Status.PENDING.value, event__account_id__in=owners.values("pk")).count()


def wake() -> None:
    """Have the relay look for all that is due."""
    ring("events.sweep", "events")


WORK = register(DueWork(name="accounts.deliveries", due=due, run=run, pending=pending, ring=wake))
