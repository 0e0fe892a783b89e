"""What the gateway tells us: kept once, then the object it names is fetched and recorded."""

from collections.abc import Sequence

import structlog

from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.doorbell import ring_after_commit
from apps.kernel.tracing import traceparent, working_off
from apps.kernel.transactions import correlation, unit_of_work
from apps.payments.actions import dispute, lease, refund
from apps.payments.actions.record import record
from apps.payments.actions.renewal import look_again
from apps.payments.gateway import ChargeResult, GatewayRefused, Outcome, current
from apps.payments.models import GatewayNotice, Payment
from apps.payments.queries import unread_notices
from apps.payments.rules import NoticeStatus, Status

logger = structlog.get_logger(__name__)

CHARGES = ("payment_intent.succeeded", "payment_intent.payment_failed", "payment_intent.canceled")
METHODS = ("payment_method.updated", "payment_method.automatically_updated", "payment_method.detached")
REFUNDS = ("refund.created", "refund.updated", "refund.failed")
DISPUTES = (
    "charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed", "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
)  # fmt: skip
HEARD = (*CHARGES, *METHODS, *REFUNDS, *DISPUTES)
"""Types of the gateway's events that say something of a row of ours. The others are kept by dj-stripe alone."""


def keep(*, gateway_event_id: str, event_type: str, object_id: str, actor: Actor) -> None:
    """Write down that the gateway told us something; a repetition changes nothing."""
    keep_all([(gateway_event_id, event_type, object_id)], actor=actor)


def keep_all(told: Sequence[tuple[str, str, str]], *, actor: Actor) -> None:
    """The same for many: the id of what was told, its type, the gateway's id of the object it names."""
    now = clock.wall()
    rows = [
        GatewayNotice(
            gateway_event_id=event_id[:255],
            event_type=event_type,
            object_id=object_id[:255],
            next_call_at=now,
            correlation=correlation.get(),
            traceparent=traceparent(),
        )
        for event_id, event_type, object_id in told
        if event_type in HEARD and event_id and object_id
    ]
    if not rows:
        return
    with unit_of_work(actor):
        GatewayNotice.objects.bulk_create(rows, ignore_conflicts=True)
        ring_after_commit("payments.sweep", "payments")


def look_into_next(*, actor: Actor) -> lease.Turn:
    """Look into the notice whose turn it is."""

    def look_into(notice: GatewayNotice) -> None:
        with working_off(f"look into {notice.event_type}", [notice]):
            _look_into(notice, actor)

    return lease.turn(unread_notices(), look_into, actor=actor)


def _look_into(notice: GatewayNotice, actor: Actor) -> None:
    """Fetch the object that the notice names and record how it stands now, whatever the notice said."""
    try:
        remark = _fetched(notice, actor)
    except GatewayRefused as error:
        remark = f"not at the gateway: {error.code}"
    if remark:
        logger.warning("notice_changes_nothing", notice_id=str(notice.pk), remark=remark)
    lease.finish(notice, remark=remark, actor=actor, status=NoticeStatus.DONE)


def _fetched(notice: GatewayNotice, actor: Actor) -> str:
    """Record what the notice is about; returns why not, if it cannot be."""
    if notice.event_type in METHODS:
        return look_again(notice.object_id, actor)
    if notice.event_type in REFUNDS:
        return _refund(notice.object_id, actor)
    if notice.event_type in DISPUTES:
        result = current().fetch_dispute(notice.object_id)
        return _charge_first(result.charge_id, actor) or dispute.record(result, actor=actor)
    return _take(current().fetch(notice.object_id), actor)


def _refund(gateway_id: str, actor: Actor) -> str:
    """A refund of ours, or one that somebody made at the gateway itself."""
    result = current().fetch_refund(gateway_id)
    row = refund.known(gateway_id, result.refund_id)
    if row is not None:
        refund.record(refund_id=row.pk, result=result, actor=actor)
        return ""
    return _charge_first(result.charge_id, actor) or refund.adopt(result, actor=actor)


def _charge_first(charge_id: str, actor: Actor) -> str:
    """What goes back came in before: record that, whichever we heard of first."""
    if Payment.objects.filter(gateway_transaction_id=charge_id, status=Status.SUCCEEDED).exists():
        return ""
    return _take(current().fetch(charge_id), actor) if charge_id else "not a charge of ours"


def _take(result: ChargeResult, actor: Actor) -> str:
    """Record a fetched charge; returns why not, if it cannot be taken as one of ours."""
    payment = Payment.objects.filter(pk=result.payment_id).first() if result.payment_id else None
    if payment is None:
        return "not a charge of ours"
    if result.outcome in (Outcome.PROCESSING, Outcome.REQUIRES_ACTION):
        return ""  # not its end; what is to be done about it is the worker's that holds the row
    succeeded = result.outcome is Outcome.SUCCEEDED
    if succeeded and (result.amount, result.currency) != (payment.amount, payment.currency):
        return f"charged {result.amount} {result.currency}, not {payment.amount} {payment.currency}: see to it by hand"
    if record(payment_id=payment.pk, result=result, actor=actor) or not succeeded:
        return ""
    payment.refresh_from_db()
    if (payment.status, payment.gateway_transaction_id) == (Status.SUCCEEDED, result.gateway_id):
        return ""
    return f"charged as {result.gateway_id}, though the payment had ended: see to it by hand"
