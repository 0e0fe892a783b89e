"""What mail servers send back."""

import io
import sys
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command

from apps.notifications.models import Message, Suppression
from apps.notifications.reports import report
from apps.notifications.rules import Cause
from tests.factories.dunning import clocked, debtor

ID = UUID("01a22272-2851-74ee-a57a-7ce510a0eeb4")
BOUNCE = """From: MAILER-DAEMON@mx.example.com
To: billing@localhost
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type={kind}; boundary="b"

--b
Content-Type: text/plain

I am sorry.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com

Final-Recipient: rfc822; gone@example.com
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 no such user

--b
Content-Type: message/rfc822

Message-ID: <{id}@localhost>
To: gone@example.com
Subject: Invoice

Hello
--b--
"""


def mail(kind: str = "delivery-status", action: str = "failed", status: str = "5.1.1", id: object = ID) -> bytes:
    return BOUNCE.format(kind=kind, action=action, status=status, id=id).encode()


def test_a_failure_names_its_message() -> None:
    for raw in (mail(), mail().replace(b"\n", b"\r\n")):
        found = report(raw)
        assert found is not None
        assert (found.message_id, found.cause) == (ID, Cause.BOUNCED)
        assert found.detail == "5.1.1 smtp; 550 5.1.1 no such user"


def test_a_complaint() -> None:
    found = report(mail(kind="feedback-report"))
    assert found is not None
    assert found.cause is Cause.COMPLAINED


@pytest.mark.parametrize(
    "raw",
    [
        mail(action="delayed"), mail(status="4.2.2"), mail(id="someone-else"), b"", b"\xff\xfe",
        b"Subject: Re: Invoice\n\nHi!",
        mail().replace(b"multipart/report", b"multipart/mixed"),
    ],
)  # fmt: skip
def test_what_is_not_final_or_not_ours_is_nothing(raw: bytes) -> None:
    assert report(raw) is None


@pytest.mark.django_db
def test_the_command_silences_the_address_once(monkeypatch: Any, capsys: Any) -> None:
    account, _ = debtor(clocked(), email="Gone@example.com")
    message = Message.objects.get(account=account)
    Message.objects.filter(pk=message.pk).update(status="SENT", sent_at=message.created_at)

    def take(raw: bytes) -> str:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
        call_command("take_bounce")
        # What it says comes after what it logs.
        return str(capsys.readouterr().err).strip().splitlines()[-1]

    assert take(mail(id=message.pk)) == take(mail(id=message.pk)) == f"bounced: {message.pk}"
    message.refresh_from_db()
    assert (message.status, Suppression.objects.get().address) == ("BOUNCED", "gone@example.com")
    assert take(mail()) == "this message is not known here"
    assert take(b"hello").startswith("nothing final")
