"""Send messages in three steps: take a row, talk to the mail server with no transaction open, record what came of it.

A worker that dies between the talk and the record has its message sent again once its lease runs out: at least once
across a crash, else exactly once. The Message-ID stays the same, so a mail program can tell the two are one.
"""

from collections.abc import Mapping
from contextlib import suppress
from enum import Enum
from smtplib import SMTPRecipientsRefused
from typing import Any
from uuid import UUID, uuid4

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db.models import F, Q

from apps.invoices.document import file_name, render
from apps.invoices.document_credit_note import render as render_credit_note
from apps.invoices.rules import Status as InvoiceStatus
from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.doorbell import ring_after_commit
from apps.kernel.errors import Conflict, NotFound
from apps.kernel.transactions import after_commit, unit_of_work
from apps.notifications.actions.suppress import bounce
from apps.notifications.layout import bodies
from apps.notifications.links import unsubscribe
from apps.notifications.metrics import message_send_seconds, messages_sent_total
from apps.notifications.models import Message
from apps.notifications.queries import suppressed, to_send
from apps.notifications.rules import (
    GIVE_UP_AFTER,
    LEASE,
    OPTIONAL,
    WHILE_OPEN,
    WITH_INVOICE,
    Kind,
    Scope,
    Status,
    back_off,
    refused_for_good,
)
from apps.notifications.words import one_line
from apps.payments.queries import waiting_for_customer
from apps.tax.queries import seller

logger = structlog.get_logger(__name__)


class Turn(Enum):
    """What came of looking for a message and sending it."""

    IDLE = "nothing to send"
    SENT = "sent, or not to be sent any more"
    UNSENT = "not sent, to be tried again or given up"


def sweep(*, seconds: float, actor: Actor) -> int:
    """Send until nothing waits, the time is up or a message fails; returns how many were sent. One connection.

    A failure ends the sweep: a server that is away costs one time-out, and the next doorbell tries another message.
    """
    until, sent = clock.monotonic() + seconds, 0
    connection = get_connection()
    try:
        while clock.monotonic() < until and send_next(connection=connection, actor=actor) is Turn.SENT:
            sent += 1
    finally:
        _close(connection)
    return sent


def send_next(*, connection: Any, actor: Actor) -> Turn:
    """Send the message whose turn it is, unless something speaks against it by now."""
    message = take(actor=actor)
    if message is None:
        return Turn.IDLE
    if reason := why_not(message):
        _record(message, {"status": Status.SKIPPED, "last_error": reason, "next_call_at": None}, "skipped", actor=actor)
        return Turn.SENT
    try:
        with message_send_seconds.time():
            connection.open()
            connection.send_messages([mail(message)])
    except SMTPRecipientsRefused as refusal:
        return _refused(message, refusal, connection, actor=actor)
    except Exception as error:  # noqa: BLE001 - whatever goes wrong delays this message alone
        _put_back(message, error, actor=actor)
        return Turn.UNSENT
    _record(message, {"status": Status.SENT, "sent_at": clock.wall(), "next_call_at": None}, "sent", actor=actor)
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


def why_not(message: Message) -> str:
    """Why a message is not sent any more; "" where nothing speaks against it."""
    kind = Kind(message.kind)
    if kind in WHILE_OPEN and message.invoice is not None and message.invoice.status != InvoiceStatus.OPEN:
        return "The invoice is settled by now."
    if kind is Kind.CONFIRM and not waiting_for_customer().filter(pk=message.cause_id).exists():
        return "The payment has ended by now."
    if found := suppressed(message.to, kind):
        return f"The address gets {'nothing' if found.scope == Scope.ALL else 'none of these'}: {found.cause}."
    return ""


def take(*, actor: Actor) -> Message | None:
    """Take the message that has waited longest and that nobody holds, under a token that shows whose it is."""
    now = clock.wall()
    with unit_of_work(actor):
        free = to_send().filter(Q(lease_until__isnull=True) | Q(lease_until__lt=now), next_call_at__lte=now)
        message = free.order_by("next_call_at").select_for_update(skip_locked=True, no_key=True).first()
        if message is None:
            return None
        message.lease_token, message.lease_until, message.calls = uuid4(), now + LEASE, message.calls + 1
        message.save(update_fields=["lease_token", "lease_until", "calls"])
        return message


def mail(message: Message) -> EmailMultiAlternatives:
    """The mail of a message, as text and HTML, with its document as it stands now."""
    _, _, domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")
    headers = {"Message-ID": f"<{message.pk}@{domain.strip('>')}>", "Auto-Submitted": "auto-generated"}
    if message.kind in OPTIONAL:
        headers |= {
            "List-Unsubscribe": f"<{unsubscribe(message)}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }  # fmt: skip
    text, html = bodies(message)
    reply_to = seller().email
    made = EmailMultiAlternatives(
        subject=one_line(message.subject),
        body=text,
        to=[message.to],
        reply_to=[reply_to] if reply_to else None,
        headers=headers,
    )
    made.attach_alternative(html, "text/html")
    if message.invoice is not None and message.kind in WITH_INVOICE:
        made.attach(file_name(message.invoice), render(message.invoice.pk), "application/pdf")
    if message.kind == Kind.CREDIT_NOTE:
        made.attach("credit-note.pdf", render_credit_note(message.cause_id), "application/pdf")
    return made


def _refused(message: Message, refusal: SMTPRecipientsRefused, connection: Any, *, actor: Actor) -> Turn:
    """The mail server takes nothing for this address: for good if it says so, and then nobody asks it again."""
    code, answer = next(iter(refusal.recipients.values()))
    said = answer.decode(errors="replace") if isinstance(answer, bytes) else str(answer)
    if not refused_for_good(code, said):
        _put_back(message, refusal, actor=actor)
        return Turn.UNSENT
    with suppress(Exception):
        connection.close()  # what follows begins anew: some servers want that after a refusal
    bounce(message_id=message.pk, detail=f"{code} {said}", actor=actor)
    return Turn.SENT


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
    """Write down what came. Sent is sent, whoever holds the lease by now; a failure counts only while it is ours."""
    with unit_of_work(actor):
        rows = Message.objects.filter(pk=message.pk, status=Status.PENDING)
        if outcome != "sent":
            rows = rows.filter(lease_token=message.lease_token)
        done = {"lease_token": None, "lease_until": None, "updated_at": clock.wall(), "version": F("version") + 1}
        rows.update(**changes, **done)
        after_commit(messages_sent_total.labels(message.kind, outcome).inc, name="messages_sent_total")


def _close(connection: Any) -> None:
    try:
        connection.close()
    except Exception as error:  # noqa: BLE001 - what was sent is sent
        logger.info("mail_connection_unclosed", error=type(error).__name__)
