"""What falls due here: retries of failed payments, payments whose customers did not confirm them in time, cards that
expire, and every hour a look at whether the gateway says what we say.

Charges wait for the worker, not for a date; a test clock waits for them.
"""

from datetime import datetime

from apps.clocks.queries import now_by_clock
from apps.kernel import clock
from apps.kernel.actors import system
from apps.kernel.doorbell import ring
from apps.kernel.schedule import DueWork, Scope, register
from apps.kernel.transactions import unit_of_work
from apps.payments.actions.reconcile import begin
from apps.payments.actions.renewal import tell_expiring
from apps.payments.actions.retry import retry_due
from apps.payments.models import GatewayNotice, Payment, PaymentMethod
from apps.payments.queries import pending as charges_pending
from apps.payments.queries import to_expire, to_give_up, to_refund, to_retry
from apps.payments.reconcile_queries import look_is_due
from apps.payments.rules import MethodStatus, NoticeStatus

RETRIER = system("payments.retry")
EXPIRER = system("payments.expiring")
RECONCILER = system("payments.reconcile")


def earliest(at: datetime, scope: Scope) -> datetime | None:
    """When the longest due retry fell due."""
    return to_retry(at, scope).values_list("next_retry_at", flat=True).first()


def run(at: datetime, scope: Scope) -> int:
    """Open a payment for each retry that is due; the worker charges."""
    return retry_due(at=at, scope=scope, actor=RETRIER)


def following(after: datetime, until: datetime, scope: Scope) -> datetime | None:
    """The next retry."""
    return to_retry(until, scope).filter(next_retry_at__gt=after).values_list("next_retry_at", flat=True).first()


def earliest_unconfirmed(at: datetime, scope: Scope) -> datetime | None:
    """When the time of the first of them ran out."""
    return to_give_up(at, scope, wall=clock.wall()).values_list("action_until", flat=True).first()


def give_up_unconfirmed(at: datetime, scope: Scope) -> int:
    """Send the worker to those whose time has run out."""
    with unit_of_work(RETRIER):
        return to_give_up(at, scope, wall=clock.wall()).update(next_call_at=clock.wall())


def earliest_expiring(at: datetime, scope: Scope) -> datetime | None:
    """When the last month of the first of them began."""
    return to_expire(at, scope).values_list("tell_expiry_at", flat=True).first()


def run_expiring(at: datetime, scope: Scope) -> int:
    """Announce them."""
    return tell_expiring(at=at, scope=scope, actor=EXPIRER)


def following_expiring(after: datetime, until: datetime, scope: Scope) -> datetime | None:
    """The next card."""
    return to_expire(until, scope).filter(tell_expiry_at__gt=after).values_list("tell_expiry_at", flat=True).first()


def earliest_look(at: datetime, scope: Scope) -> datetime | None:
    """`at`, once an hour; the gateway lives on the wall's time, so test clocks have no part in it."""
    return at if scope.clock_id is None and look_is_due(at) else None


def begin_look(at: datetime, scope: Scope) -> int:
    """Begin a look; the worker goes on with it."""
    return begin(at=at, actor=RECONCILER) if scope.clock_id is None else 0


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
    now = now_by_clock([scope.clock_id])[scope.clock_id]
    refunding = to_refund().filter(account__test_clock_id=scope.clock_id)
    return charges_pending(scope, now) + refunding.count() + attaching.count() + unread.count()


def wake() -> None:
    """Have a worker ask the gateway about whatever waits."""
    ring("payments.sweep", "payments")


WORK = register(DueWork(name="payments.charge", due=earliest, run=run, pending=pending, ring=wake, following=following))
EXPIRING = register(
    DueWork(
        name="payments.expiring",
        due=earliest_expiring,
        run=run_expiring,
        pending=lambda scope: 0,
        following=following_expiring,
    )
)
UNCONFIRMED = register(
    DueWork(
        name="payments.unconfirmed",
        due=earliest_unconfirmed,
        run=give_up_unconfirmed,
        pending=lambda scope: 0,
        ring=wake,
    )
)
RECONCILE = register(
    DueWork(name="payments.reconcile", due=earliest_look, run=begin_look, pending=lambda scope: 0, ring=wake)
)
