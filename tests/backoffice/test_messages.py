"""Staff word messages, look at them, try them out on themselves; addresses get mail again."""

from typing import Any

import pytest
from django.core import mail as outbox
from django.urls import reverse

from apps.access.models import User
from apps.access.rules import Role
from apps.notifications.actions.suppress import bounce
from apps.notifications.models import Message, Suppression, Wording
from tests.accounts.test_admin import staff
from tests.backoffice.asking import Asked, asked
from tests.backoffice.desk import detail, said
from tests.factories.dunning import ACTOR, clocked, days_later, debtor
from tests.notifications.sink import Sink

pytestmark = pytest.mark.django_db


def wording(browser: Any, way: str, kind: str = "payment_reminder", language: str = "de") -> Asked:
    return Asked(browser, reverse(f"admin:notifications_wording_{way}", args=[kind, language]))


OURS = {
    "subject": "Kleine Erinnerung an {number}",
    "body": "Hallo {customer},\r\n\r\n{open} fehlen noch.\r\n\r\n[Zahlen](pay)",
}


@pytest.mark.fr("FR-090")
def test_staff_word_a_message_in_one_language_and_take_it_back() -> None:
    browser, clock = staff(Role.BILLING_ADMIN), clocked()
    page = wording(browser, "say").look(**OURS)
    assert "Kleine Erinnerung an INV-2026-000042" in page.page
    assert not Wording.objects.exists(), "looking says nothing yet"
    assert page.confirm(**OURS) == "It is said so from now on."
    german, _ = debtor(clock, locale="de_DE", name="Grete", currency="EUR", country="DE")
    english, _ = debtor(clock, name="Ada")
    days_later(clock, 3)
    told = Message.objects.get(account=german, kind="payment_reminder")
    assert told.subject.startswith("Kleine Erinnerung an INV-")
    assert told.text.startswith("Hallo Grete,\n\n49,00\u00a0€ fehlen noch.\n\n[Zahlen](pay)")
    assert Message.objects.get(account=english, kind="payment_reminder").subject.startswith("A friendly reminder")
    assert "your own" in browser.get(reverse("admin:notifications_wording_words")).content.decode()
    assert wording(browser, "reset").do() == "It is said as it is shipped."
    assert not Wording.objects.exists()


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"subject": "{card}"}, "{card} is not known here"),
        ({"body": "{customer.__class__}"}, "is not known here"),
        ({"body": "{customer"}, "A brace stands alone"),
        ({"body": "[Pay](javascript)"}, "leads nowhere"),
        ({"body": ""}, "This field is required"),
        ({"subject": "x" * 201}, "at most 200"),
    ],
)
def test_what_cannot_be_sent_is_not_saved(given: dict[str, str], fault: str) -> None:
    page = wording(staff(Role.BILLING_ADMIN), "say").look(**{**OURS, **given})
    assert fault in page.page
    assert page.seen == ""
    assert not Wording.objects.exists()


def test_markup_in_words_stays_words() -> None:
    browser = staff(Role.BILLING_ADMIN)
    evil = {"subject": "Hi", "body": "<script>alert(1)</script> {customer}"}
    wording(browser, "say", "welcome_back", "en").do(**evil)
    clock = clocked()
    account, _ = debtor(clock, name="<b>Eve</b>")
    page = browser.get(detail(Message.objects.get(account=account))).content.decode()
    assert "<b>Eve" not in page
    assert "&amp;lt;b&amp;gt;Eve" in page, "escaped in the mail, and again in the frame that shows it"


def test_a_test_goes_to_who_asks_and_is_nobodys_message(sink: Sink) -> None:
    browser = staff(Role.BILLING_ADMIN)
    path = wording(browser, "try").path
    User.objects.update(email="")
    assert "no e-mail address" in said(browser.post(path))
    User.objects.update(email="me@example.com")
    assert said(browser.post(path)) == "Sent to me@example.com, with example names."
    [raw] = sink.mails
    assert b"To: me@example.com" in raw
    assert not Message.objects.exists()
    sink.refuse = "550 5.7.1 no"
    assert "did not take it (SMTPRecipientsRefused)" in said(browser.post(path))
    assert browser.get(path).status_code == 405
    assert browser.post(path.replace("payment_reminder", "none")).status_code == 404
    assert outbox.outbox == []


@pytest.mark.parametrize("role", [Role.SUPPORT_REP, Role.FINANCE_VIEWER])
def test_who_may_only_read(role: Role) -> None:
    browser = staff(role)
    page = browser.get(reverse("admin:notifications_wording_words"))
    assert page.status_code == 200
    assert "/say" not in page.content.decode()
    for way in ("say", "reset", "try"):
        assert browser.post(wording(browser, way).path, OURS).status_code == 403


def test_an_address_that_works_again_gets_mail_again() -> None:
    clock = clocked()
    account, _ = debtor(clock, email="ada@example.com")
    message = Message.objects.get(account=account)
    assert bounce(message_id=message.pk, detail="550 5.1.1 unknown", actor=ACTOR)
    browser = staff(Role.SUPPORT_REP)
    assert "bounced" in browser.get(detail(account)).content.decode()
    row = Suppression.objects.get()
    assert asked(browser, "notifications_suppression_lift", row).do() == "ada@example.com gets mail again."
    row.refresh_from_db()
    assert row.lifted_by.startswith("user:")
    assert "It gets mail already" in asked(browser, "notifications_suppression_lift", row).open().page
