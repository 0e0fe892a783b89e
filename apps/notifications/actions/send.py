"""Send messages in three steps: take rows, talk to the mail server with no transaction open, record what came of it.

A worker that dies between a talk and its record has that message sent again once its lease runs out: at least once
across a crash, else exactly once. That is the last one, and where the mail server is fast, those of the last tenth of a
second. The Message-ID stays the same, so a mail program can tell the two are one.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from enum import Enum
from smtplib import SMTPRecipientsRefused
from typing import Any
from uuid import UUID, uuid4

import structlog
from django.core.mail import get_connection
from django.db import connection
from django.db.models import F, Q, QuerySet

from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.doorbell import ring_after_commit
from apps.kernel.errors import Conflict, NotFound
from apps.kernel.membership import among
from apps.kernel.transactions import after_commit, unit_of_work
from apps.notifications.actions.mail import Known, known_of, mail, why_not
from apps.notifications.actions.suppress import bounce
from apps.notifications.metrics import message_send_seconds, messages_sent_total
from apps.notifications.models import Message
from apps.notifications.queries import to_send
from apps.notifications.rules import GIVE_UP_AFTER, LEASE, Status, back_off, refused_for_good

logger = structlog.get_logger(__name__)


AT_ONCE = 16
"""Messages that are taken, and read for, together. A worker that dies keeps them waiting until its lease runs out."""


TOGETHER = 0.1
"""Seconds for which what was sent may wait to be recorded with what is sent next; a statement costs more than a row."""

KNOWN = 1.0
"""Seconds for which what was read of messages is taken to be true: whoever pays meanwhile is not reminded for long."""

_SENT = """
UPDATE notifications_message AS message
SET status = 'SENT', sent_at = sent.at, next_call_at = NULL, lease_token = NULL, lease_until = NULL, updated_at = %s,
    version = version + 1
FROM unnest(%s::uuid[], %s::timestamptz[]) AS sent (id, at)
WHERE message.id = sent.id AND status = 'PENDING'
"""


class Turn(Enum):
    """What came of a message."""

    SENT = "taken by the mail server, to be recorded"
    SKIPPED = "not to be sent any more"
    REFUSED = "refused for good: what was known of its address is not true any more"
    UNSENT = "not sent, to be tried again or given up"


def sweep(*, seconds: float, actor: Actor) -> int:
    """Send until nothing waits, the time is up or a message fails; returns how many were sent. One connection.

    A failure ends the sweep: a server that is away costs one time-out, and the next doorbell tries another message.
    """
    until, sent = clock.monotonic() + seconds, 0
    server = get_connection()
    try:
        while clock.monotonic() < until and (taken := take(actor=actor)):
            came = _sent(taken, server, until=until, actor=actor)
            sent += len(came) - came.count(Turn.UNSENT)
            if Turn.UNSENT in came:
                break
    finally:
        _close(server)
    return sent


def _sent(taken: Sequence[Message], server: Any, *, until: float, actor: Actor) -> list[Turn]:
    """Send these one after another; what is not come to goes back to wait at once."""
    came: list[Turn] = []
    sent: list[tuple[Message, datetime]] = []
    try:
        known = _known(taken)
        read = oldest = clock.monotonic()
        for message in taken:
            came.append(_send(message, known, server, actor=actor))
            if came[-1] is Turn.SENT:
                sent.append((message, clock.wall()))
            # What was known of the rest is to be read anew, and nobody is late for the lease by more than one talk.
            if came[-1] in (Turn.REFUSED, Turn.UNSENT) or clock.monotonic() >= min(until, read + KNOWN):
                break
            if clock.monotonic() - oldest >= TOGETHER:
                _record_sent(sent, actor=actor)
                sent, oldest = [], clock.monotonic()
    finally:
        _record_sent(sent, actor=actor)
        let_go(taken[len(came) :], actor=actor)
    return came


def _known(taken: Sequence[Message]) -> Known | None:
    """What is known of all of them; None if that cannot be read, for it may be one of them alone that is in the way."""
    try:
        return known_of(taken)
    except Exception:
        logger.warning("messages_not_read_together", messages=len(taken), exc_info=True)
        return None


def _send(message: Message, known: Known | None, server: Any, *, actor: Actor) -> Turn:
    """Send a message, unless something speaks against it by now."""
    try:
        known = known or known_of([message])
        if reason := why_not(message, known):
            skipped = {"status": Status.SKIPPED, "last_error": reason, "next_call_at": None}
            _record(message, skipped, "skipped", actor=actor)
            return Turn.SKIPPED
        with message_send_seconds.time():
            server.open()
            server.send_messages([mail(message, known)])
    except SMTPRecipientsRefused as refusal:
        return _refused(message, refusal, server, actor=actor)
    except Exception as error:  # noqa: BLE001 - whatever goes wrong delays this message alone
        _put_back(message, error, actor=actor)
        return Turn.UNSENT
    return Turn.SENT


def send_now(*, message_id: UUID, actor: Actor) -> None:
    """Have a message that waits sent at once; one that was given up begins anew. A lease that has run out is let go of.

    Errors: message_not_waiting (404), message_under_way (409).
    """
    now = clock.wall()
    with unit_of_work(actor):
        rows = Message.objects.filter(pk=message_id, status__in=[Status.PENDING, Status.FAILED])
        message = rows.select_for_update(no_key=True).first()
        if message is None:
            raise NotFound("message_not_waiting", "It does not wait to be sent.", hint="Look at it again.")
        if message.lease_until and message.lease_until >= now:
            raise Conflict(
                "message_under_way",
                f"A worker is sending it, until {message.lease_until.isoformat()} at most.",
                hint="If that worker has died, another takes it over then.",
            )
        anew = {"status": Status.PENDING, "calls": 0} if message.status == Status.FAILED else {}
        rows.update(
            **anew, next_call_at=now, lease_token=None, lease_until=None, updated_at=now, version=F("version") + 1
        )
        ring_after_commit("notifications.sweep", "bulk")
    logger.info("message_asked_for", message_id=str(message_id))


def take(*, actor: Actor) -> list[Message]:
    """Take those that have waited longest and that nobody holds, under a token that shows whose they are."""
    now, token = clock.wall(), uuid4()
    with unit_of_work(actor):
        free = to_send().filter(Q(lease_until__isnull=True) | Q(lease_until__lt=now), next_call_at__lte=now)
        taken = list(free.order_by("next_call_at").select_for_update(skip_locked=True, no_key=True)[:AT_ONCE])
        if taken:
            _rows(taken).update(lease_token=token, lease_until=now + LEASE, calls=F("calls") + 1)
        for message in taken:
            message.lease_token, message.calls = token, message.calls + 1
        return taken


def let_go(messages: Sequence[Message], *, actor: Actor) -> None:
    """Nothing was tried with these after all: others may take them."""
    if messages:
        with unit_of_work(actor):
            mine = _rows(messages).filter(lease_token=messages[0].lease_token)
            mine.update(lease_token=None, lease_until=None, calls=F("calls") - 1)


def _rows(messages: Sequence[Message]) -> QuerySet[Message]:
    return Message.objects.filter(among("id", [each.pk for each in messages]))


def _refused(message: Message, refusal: SMTPRecipientsRefused, server: Any, *, actor: Actor) -> Turn:
    """The mail server takes nothing for this address: for good if it says so, and then nobody asks it again."""
    code, answer = next(iter(refusal.recipients.values()))
    said = answer.decode(errors="replace") if isinstance(answer, bytes) else str(answer)
    if not refused_for_good(code, said):
        _put_back(message, refusal, actor=actor)
        return Turn.UNSENT
    with suppress(Exception):
        server.close()  # what follows begins anew: some servers want that after a refusal
    bounce(message_id=message.pk, detail=f"{code} {said}", actor=actor)
    return Turn.REFUSED


def _put_back(message: Message, error: Exception, *, actor: Actor) -> None:
    # The server's words may hold the address: they are kept in the row, which staff alone read, and not logged.
    given_up = message.calls >= GIVE_UP_AFTER
    changes: dict[str, Any] = {"last_error": f"{type(error).__name__}: {error}"[:1000]}
    changes |= {"status": Status.FAILED, "next_call_at": None} if given_up else {
        "next_call_at": clock.wall() + back_off(message.calls)
    }  # fmt: skip
    outcome = "failed" if given_up else "delayed"
    _record(message, changes, outcome, actor=actor)
    log = logger.error if given_up else logger.warning
    log(f"message_{outcome}", message_id=str(message.pk), calls=message.calls, error=type(error).__name__)


def _record(message: Message, changes: Mapping[str, Any], outcome: str, *, actor: Actor) -> None:
    """Write down what came. A failure counts only while the message is ours."""
    with unit_of_work(actor):
        rows = Message.objects.filter(pk=message.pk, status=Status.PENDING, lease_token=message.lease_token)
        done = {"lease_token": None, "lease_until": None, "updated_at": clock.wall(), "version": F("version") + 1}
        rows.update(**changes, **done)
        after_commit(messages_sent_total.labels(message.kind, outcome).inc, name="messages_sent_total")


def _record_sent(sent: Sequence[tuple[Message, datetime]], *, actor: Actor) -> None:
    """Write down what was sent, and when. Sent is sent, whoever holds the lease by now."""
    if not sent:
        return
    with unit_of_work(actor), connection.cursor() as cursor:
        cursor.execute(_SENT, [clock.wall(), [message.pk for message, _ in sent], [at for _, at in sent]])
        for message, _ in sent:
            after_commit(messages_sent_total.labels(message.kind, "sent").inc, name="messages_sent_total")


def _close(server: Any) -> None:
    try:
        server.close()
    except Exception as error:  # noqa: BLE001 - what was sent is sent
        logger.info("mail_connection_unclosed", error=type(error).__name__)
