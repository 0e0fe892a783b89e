"""What falls due here: charges that nobody has asked for yet, or that got no answer."""

from datetime import datetime

from apps.kernel.doorbell import ring
from apps.kernel.schedule import DueWork, Scope, register
from apps.payments.models import GatewayNotice, Payment, PaymentMethod
from apps.payments.queries import pending as charges_pending
from apps.payments.rules import MethodStatus, NoticeStatus


def earliest(at: datetime, scope: Scope) -> datetime | None:
    """Charges wait for the worker, not for a date: nothing falls due by the account's time yet."""
    return None


def run(at: datetime, scope: Scope) -> int:
    """Nothing: see `earliest`."""
    return 0


def pending(scope: Scope) -> int:
    """Charges under way, methods that the gateway is to verify, and what it told us about these accounts' charges."""
    attaching = PaymentMethod.objects.filter(
        status=MethodStatus.PENDING, next_call_at__isnull=False, account__test_clock_id=scope.clock_id
    )
    # A charge that has not ended is counted as such, so those that have their id at the gateway are enough.
    ended = Payment.objects.filter(account__test_clock_id=scope.clock_id, gateway_transaction_id__isnull=False)
    unread = GatewayNotice.objects.filter(
        status=NoticeStatus.PENDING, object_id__in=ended.values("gateway_transaction_id")
    )
    return charges_pending(scope) + attaching.count() + unread.count()


def wake() -> None:
    """Have a worker ask the gateway about whatever waits."""
    ring("payments.sweep", "payments")


WORK = register(DueWork(name="payments.charge", due=earliest, run=run, pending=pending, ring=wake))
