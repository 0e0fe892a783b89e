"""What the gateway tells us: kept once, then the object it names is fetched and recorded."""

from uuid import UUID

import structlog

from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.doorbell import ring_after_commit
from apps.kernel.transactions import unit_of_work
from apps.payments.actions import lease
from apps.payments.actions.charge import record
from apps.payments.gateway import GatewayRefused, GatewayUnavailable, Outcome, current
from apps.payments.models import GatewayNotice, Payment
from apps.payments.queries import unread_notices
from apps.payments.rules import NoticeStatus

logger = structlog.get_logger(__name__)

HEARD = ("payment_intent.succeeded", "payment_intent.payment_failed", "payment_intent.canceled")
"""Types of the gateway's events that say how a charge stands. The others are kept by dj-stripe alone."""


def keep(*, gateway_event_id: str, event_type: str, object_id: str, actor: Actor) -> None:
    """Write down that the gateway told us something; a repetition changes nothing."""
    if event_type not in HEARD:
        return
    with unit_of_work(actor):
        GatewayNotice.objects.bulk_create(
            [
                GatewayNotice(
                    gateway_event_id=gateway_event_id,
                    event_type=event_type,
                    object_id=object_id,
                    next_call_at=clock.wall(),
                )
            ],
            ignore_conflicts=True,
        )
        ring_after_commit("payments.sweep", "payments")


def look_into_due(*, limit: int, actor: Actor) -> int:
    """Look into up to `limit` notices whose turn it is; returns how many were taken."""
    token, notices = lease.take(unread_notices(), limit=limit, actor=actor)
    for notice in notices:
        _look_into(notice, token, actor)
    return len(notices)


def _look_into(notice: GatewayNotice, token: UUID, actor: Actor) -> None:
    """Fetch the charge that the notice names and record how it stands now, whatever the notice said."""
    try:
        result = current().fetch(notice.object_id)
    except GatewayUnavailable as error:
        lease.put_back(notice, token, reason=error.reason, calls=notice.calls, actor=actor)
        return
    except GatewayRefused as error:
        logger.warning("notice_of_unknown_charge", notice_id=str(notice.pk), code=error.code)
        _done(notice, error.code, actor)
        return
    known = result.payment_id is not None and Payment.objects.filter(pk=result.payment_id).exists()
    if not known:
        _done(notice, "not a charge of ours", actor)
        return
    if result.payment_id is not None and result.outcome is not Outcome.PROCESSING:
        record(payment_id=result.payment_id, result=result, actor=actor)
    _done(notice, "", actor)


def _done(notice: GatewayNotice, remark: str, actor: Actor) -> None:
    with unit_of_work(actor):
        GatewayNotice.objects.filter(pk=notice.pk).update(
            status=NoticeStatus.DONE, lease_token=None, lease_until=None, last_error=remark
        )
