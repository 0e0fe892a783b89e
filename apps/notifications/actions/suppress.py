"""Addresses that get no mail: because it came back, because somebody said so; and lifted again."""

from uuid import UUID

import structlog
from django.db.models import F

from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.errors import Conflict, NotFound
from apps.kernel.transactions import after_commit, unit_of_work
from apps.notifications.metrics import messages_sent_total
from apps.notifications.models import Message, Suppression
from apps.notifications.rules import OPTIONAL, Cause, Scope, Status

logger = structlog.get_logger(__name__)


def suppress(
    *, address: str, scope: Scope, cause: Cause, detail: str = "", message: Message | None = None, actor: Actor
) -> None:
    """Send an address nothing any more, or none of what it may do without. Again: nothing changes."""
    with unit_of_work(actor):
        Suppression.objects.bulk_create(
            [
                Suppression(
                    address=address.lower(), scope=scope, cause=cause, detail=detail[:500], message=message,
                    actor=str(actor),
                )
            ],
            ignore_conflicts=True,
        )  # fmt: skip


def lift(*, suppression_id: UUID, actor: Actor) -> Suppression:
    """Send it everything again. Errors: suppression_not_found (404), suppression_lifted (409)."""
    with unit_of_work(actor):
        found = Suppression.objects.select_for_update().filter(pk=suppression_id).first()
        if found is None:
            raise NotFound("suppression_not_found", "There is no such suppression.", hint="Check the id.")
        if found.lifted_at:
            raise Conflict("suppression_lifted", "It is lifted already.", hint="The address gets mail again.")
        found.lifted_at, found.lifted_by = clock.wall(), str(actor)
        found.save(update_fields=["lifted_at", "lifted_by"])
        return found


def bounce(*, message_id: UUID, detail: str, cause: Cause = Cause.BOUNCED, actor: Actor) -> bool:
    """A message has come back, or its receiver called it spam: its address gets nothing any more.

    False if the message is not known. Whoever takes several reports of one has one suppression.
    """
    with unit_of_work(actor):
        message = Message.objects.select_for_update(no_key=True).filter(pk=message_id).first()
        if message is None:
            return False
        suppress(address=message.to, scope=Scope.ALL, cause=cause, detail=detail, message=message, actor=actor)
        if message.status in (Status.PENDING, Status.SENT):
            Message.objects.filter(pk=message_id).update(
                status=Status.BOUNCED, last_error=detail[:1000], next_call_at=None, lease_token=None, lease_until=None,
                updated_at=clock.wall(), version=F("version") + 1,
            )  # fmt: skip
            after_commit(messages_sent_total.labels(message.kind, "bounced").inc, name="messages_sent_total")
        logger.warning("message_bounced", message_id=str(message_id), cause=cause.value)
        return True


def unsubscribe(*, message: Message, actor: Actor) -> bool:
    """One click: no more of what the receiver may do without. False for what is always sent."""
    if message.kind not in OPTIONAL:
        return False
    suppress(
        address=message.to, scope=Scope.OPTIONAL, cause=Cause.UNSUBSCRIBED, detail="by a link in a mail",
        message=message, actor=actor,
    )  # fmt: skip
    return True
