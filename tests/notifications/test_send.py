"""Sending: whole mails, once, whatever the mail server or the worker does."""

import email
import email.policy
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail as outbox
from django.core.mail import get_connection
from django.db import IntegrityError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from apps.invoices.document import render
from apps.invoices.models import Invoice
from apps.kernel import clock
from apps.kernel.errors import Conflict, NotFound
from apps.notifications.actions import mail as mailing
from apps.notifications.actions import send
from apps.notifications.actions.write import send_again
from apps.notifications.console import ConsoleBackend
from apps.notifications.models import Message
from apps.notifications.rules import GIVE_UP_AFTER, back_off
from apps.tax import actions as tax
from tests.factories.invoices import ACTOR, invoice, payer
from tests.notifications.sink import Sink

ROOT = Path(__file__).resolve().parents[2]


def waiting(**fields: Any) -> tuple[Invoice, Message]:
    one = invoice(account=payer(**fields))
    return one, send_again(invoice_id=one.pk, actor=ACTOR)


def sweep() -> int:
    return send.sweep(seconds=20, actor=ACTOR)


def lapse() -> None:
    Message.objects.update(lease_until=clock.wall() - timedelta(seconds=1))


@pytest.mark.fr("FR-047")
@pytest.mark.django_db
def test_through_a_real_mail_server(sink: Sink) -> None:
    one, message = waiting(email="ada@example.com", name="Ada Lövelace")
    assert sweep() == 1
    [raw] = sink.mails
    got = email.message_from_bytes(raw, policy=email.policy.default)
    assert (got["To"], got["Subject"]) == ("ada@example.com", "Invoice INV-2026-000001 from Your company")
    assert got["Message-ID"] == f"<{message.pk}@localhost>"
    [part] = list(got.iter_attachments())
    assert (part.get_filename(), part.get_content_type()) == ("INV-2026-000001.pdf", "application/pdf")
    assert part.get_content() == render(one.pk)
    assert "Hello Ada Lövelace," in got.get_body().get_content()  # type: ignore[union-attr]
    message.refresh_from_db()
    assert (message.status, message.calls, message.lease_token) == ("SENT", 1, None)
    assert sweep() == 0
    assert len(sink.mails) == 1


@pytest.mark.django_db
def test_headers_hold_no_line_of_anybodys(sink: Sink) -> None:
    tax.describe_seller(profile={"legal_name": "Evil\r\nBcc: victim@example.com"}, actor=ACTOR)
    _, message = waiting(name="Eve\nX-Header: 1")
    Message.objects.filter(pk=message.pk).update(subject="planted\r\nBcc: victim@example.com")
    assert sweep() == 1
    got = email.message_from_bytes(sink.mails[0], policy=email.policy.default)
    assert got["Bcc"] is None
    assert got["X-Header"] is None
    assert got["Subject"] == "planted Bcc: victim@example.com"


@pytest.mark.django_db
def test_a_refusal_is_tried_again_later_and_given_up_at_last(sink: Sink, caplog: Any, capfd: Any) -> None:
    caplog.set_level(logging.DEBUG)
    sink.refuse = "550 no such mailbox"
    _, message = waiting(email="nobody@example.com")
    for calls in range(1, GIVE_UP_AFTER + 1):
        assert sweep() == 0
        message.refresh_from_db()
        assert (message.calls, message.lease_token) == (calls, None)
        if calls < GIVE_UP_AFTER:
            assert message.status == "PENDING"
            assert message.next_call_at > clock.wall()
            Message.objects.update(next_call_at=clock.wall())
    assert (message.status, message.next_call_at) == ("FAILED", None)
    assert "no such mailbox" in message.last_error
    sink.refuse = ""
    assert sweep() == 0
    assert "nobody@example.com" not in caplog.text + "".join(capfd.readouterr())


@pytest.mark.django_db
def test_nobody_listens(sink: Sink) -> None:
    sink.stop()
    _, message = waiting()
    assert sweep() == 0
    message.refresh_from_db()
    assert (message.status, message.lease_token) == ("PENDING", None)


def test_pauses_grow() -> None:
    pauses = [back_off(calls).total_seconds() for calls in range(1, 9)]
    assert pauses[:3] == [30, 120, 480]
    assert pauses == sorted(pauses)
    assert pauses[-1] == 12 * 3600


@pytest.mark.django_db
def test_the_console_shows_no_address(caplog: Any, capfd: Any, settings: Any) -> None:
    settings.EMAIL_BACKEND = "apps.notifications.console.ConsoleBackend"
    assert isinstance(get_connection(), ConsoleBackend)
    caplog.set_level(logging.DEBUG)
    waiting(email="ada@example.com")
    assert sweep() == 1
    logged = caplog.text + "".join(capfd.readouterr())
    assert "message_shown" in logged
    assert "ada@example.com" not in logged


@pytest.mark.django_db
def test_one_connection_sends_many() -> None:
    for _ in range(3):
        waiting()
    assert sweep() == 3
    assert len(outbox.outbox) == 3


def test_two_workers_send_each_once(committed_db: str, sink: Sink) -> None:
    sink.hold = 0.05
    one, _ = waiting()
    for _ in range(39):
        send_again(invoice_id=one.pk, actor=ACTOR)
    sent: list[int] = []

    def work() -> None:
        sent.append(sweep())
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(sent) == 40
    assert min(sent) > 0, "the work is shared"
    ids = [email.message_from_bytes(raw)["Message-ID"] for raw in sink.mails]
    assert len(ids) == len(set(ids)) == 40
    assert set(Message.objects.values_list("status", "calls")) == {("SENT", 1)}


@pytest.mark.django_db
def test_as_many_queries_for_many_as_for_one(sink: Sink, monkeypatch: Any) -> None:
    monkeypatch.setattr(send, "TOGETHER", 60)

    def asked(count: int) -> int:
        for _ in range(count):
            waiting()
        with CaptureQueriesContext(connection) as queries:
            assert sweep() == count
        return len(queries)

    assert asked(1) == asked(5)


@pytest.mark.django_db
def test_one_that_cannot_be_read_holds_up_none_beside_it(sink: Sink, monkeypatch: Any) -> None:
    messages = [waiting()[1] for _ in range(3)]
    bad, found = messages[1].invoice_id, mailing.documents

    def documents(ids: Any) -> Any:
        if bad in ids:
            raise ValueError("a document that cannot be made")
        return found(ids)

    monkeypatch.setattr(mailing, "documents", documents)
    assert sweep() == 1, "a failure ends the sweep"
    assert sweep() == 1
    assert [one.status for one in Message.objects.order_by("pk")] == ["SENT", "PENDING", "SENT"]
    waits = Message.objects.get(pk=messages[1].pk)
    assert (waits.calls, waits.lease_token, "ValueError" in waits.last_error) == (1, None, True)


@pytest.mark.django_db
def test_what_a_sweep_does_not_come_to_is_free_at_once(sink: Sink) -> None:
    messages = [waiting()[1] for _ in range(3)]
    assert send.sweep(seconds=1e-6, actor=ACTOR) <= 1, "its time is up after one"
    assert set(Message.objects.filter(status="PENDING").values_list("calls", "lease_token")) == {(0, None)}
    assert sweep() + Message.objects.filter(status="SENT").count() >= len(messages)
    assert len(sink.mails) == 3


@pytest.mark.django_db
def test_what_was_read_is_read_anew_where_sending_takes_long(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        waiting()
    monkeypatch.setattr(send, "KNOWN", 0.0)
    read = []
    known_of = send.known_of
    monkeypatch.setattr(send, "known_of", lambda messages: read.append(len(messages)) or known_of(messages))
    assert sweep() == 3
    assert (read, len(sink.mails)) == ([3, 2, 1], 3)
    assert set(Message.objects.values_list("status", "calls")) == {("SENT", 1)}


@pytest.mark.django_db
def test_an_address_that_is_none_is_asked_for_once_by_those_taken_together(sink: Sink) -> None:
    sink.refuse = "550 5.1.1 no such mailbox"
    one, _ = waiting(email="nobody@example.com")
    send_again(invoice_id=one.pk, actor=ACTOR)
    assert sweep() == 2
    assert sorted(Message.objects.values_list("status", flat=True)) == ["BOUNCED", "SKIPPED"]


@pytest.mark.fr("B-14")
@pytest.mark.django_db
def test_one_that_was_given_up_is_sent_after_all(sink: Sink) -> None:
    _, message = waiting()
    Message.objects.update(status="FAILED", calls=GIVE_UP_AFTER, next_call_at=None, last_error="refused")
    assert sweep() == 0
    send.send_now(message_id=message.pk, actor=ACTOR)
    assert sweep() == 1
    message.refresh_from_db()
    assert (message.status, message.calls, len(sink.mails)) == ("SENT", 1, 1)
    for pk in (message.pk, uuid4()):
        with pytest.raises(NotFound) as refusal:
            send.send_now(message_id=pk, actor=ACTOR)
        assert refusal.value.code == "message_not_waiting"
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE notifications_message SET status = 'PENDING', sent_at = NULL")


@pytest.mark.fr("B-14")
@pytest.mark.django_db
def test_one_that_a_worker_sends_is_left_to_it(sink: Sink) -> None:
    _, message = waiting()
    assert send.take(actor=ACTOR) == [message]
    with pytest.raises(Conflict) as refusal:
        send.send_now(message_id=message.pk, actor=ACTOR)
    assert refusal.value.code == "message_under_way"
    lapse()
    send.send_now(message_id=message.pk, actor=ACTOR)
    assert sweep() == 1
    assert len(sink.mails) == 1


def test_killed_between_the_sending_and_the_record(committed_db: str, sink: Sink) -> None:
    _, message = waiting()
    sink.hold = 20
    told = {"DATABASE_URL": committed_db, "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(sink.port)}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.notifications.sender"], cwd=ROOT, env={**os.environ, **told},
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    until = time.monotonic() + 30
    while not sink.mails:
        assert time.monotonic() < until
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    assert process.wait(timeout=10) == -signal.SIGKILL
    sink.hold = 0
    assert sweep() == 0, "the dead worker's lease still holds"
    lapse()
    assert sweep() == 1
    ids = {email.message_from_bytes(raw)["Message-ID"] for raw in sink.mails}
    assert (len(sink.mails), len(ids)) == (2, 1), "sent again, recognisable as the same"
    message.refresh_from_db()
    assert (message.status, message.calls) == ("SENT", 2)
