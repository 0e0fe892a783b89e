"""Every message of the platform comes of what it is about, once, in the customer's language, friendly, by real SMTP."""

import email
import email.policy
import re
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.credits.actions.grant import grant
from apps.dunning.actions.remind import remind_many
from apps.events.publish import publish
from apps.invoices.actions.credit_note import credit_note
from apps.kernel import clock
from apps.kernel.ids import uuid7
from apps.kernel.schedule import Scope
from apps.kernel.transactions import unit_of_work
from apps.notifications import markup
from apps.notifications.actions import send
from apps.notifications.actions.mail import known_of, mail
from apps.notifications.actions.wordings import example
from apps.notifications.actions.write import Occasion, announce
from apps.notifications.layout import bodies
from apps.notifications.models import Message, Suppression
from apps.notifications.rules import NAMES, OPTIONAL, Kind
from apps.notifications.words import LANGUAGES, de, en, fr, shipped
from apps.payments import due as payments
from apps.payments.events import PaymentFailed, PaymentSucceeded
from apps.payments.models import Payment
from apps.payments.objects import payment_objects
from apps.subscriptions import due as subscriptions
from apps.subscriptions.actions.cancel import cancel
from apps.tax.queries import seller
from tests.factories.dunning import ACTOR, clocked, days_later, debtor, pay, told
from tests.factories.invoices import invoice, payer
from tests.factories.payments import known_method
from tests.factories.plans import make_plan
from tests.factories.subscriptions import make_subscription
from tests.notifications.sink import Sink

pytestmark = pytest.mark.django_db
EVERY = [(kind, language) for kind in Kind for language in LANGUAGES]


class Checked(HTMLParser):
    """Every element is closed by its own end; links and everything that would be fetched are kept."""

    VOID = {"meta", "br", "img", "hr"}

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == [], "unclosed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in {"script", "form", "iframe", "link"}
        given = dict(attrs)
        self.links += [given["href"] or ""] if tag == "a" else []
        self.fetched += [given["src"] or ""] if "src" in given else []
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def kinds(account: Any) -> list[str]:
    return list(Message.objects.filter(account=account).order_by("id").values_list("kind", flat=True))


def read(sink: Sink) -> list[EmailMessage]:
    """What the mail server got, in order."""
    send.sweep(seconds=30, actor=ACTOR)
    return [email.message_from_bytes(raw, policy=email.policy.default) for raw in sink.mails]  # type: ignore[misc]


def said(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content())


# What is shipped


@pytest.mark.fr("FR-090")
@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_each_is_whole_in_each_language(kind: Kind, language: str) -> None:
    subject, body = shipped(kind, language)
    assert list(markup.problems(subject, body, NAMES[kind])) == []
    english = shipped(kind, "en")
    names = re.compile(r"\{\w+\}|\]\(\w+\)")
    assert sorted(names.findall(subject + body)) == sorted(names.findall("".join(english))), (
        "the same names and buttons"
    )
    assert language == "en" or body != english[1]
    text, html = bodies(example(kind=kind, language=language, subject=subject, body=body), seller())
    assert "{" not in text
    assert Checked(html).fetched == [], "nothing is fetched: no picture tells when a mail is read"
    assert f'<html lang="{language}">' in html


@pytest.mark.parametrize("words", [en, de, fr])
def test_the_sentences_are_in_every_language(words: Any) -> None:
    assert set(words.SENTENCES) == set(en.SENTENCES)
    assert set(words.MESSAGES) == {kind.value for kind in Kind}


THREATS = re.compile(
    r"immediately|final notice|failure to|legal|collection|penalt|terminat|suspend|warning|must pay|delinquen|overdue|"
    r"unverzüglich|letzte mahnung|mahnung|inkasso|rechtlich|gericht|sperr|verzug|strafe|müssen sie zahlen|"
    r"immédiatement|mise en demeure|dernier avis|contentieux|judiciaire|pénalit|huissier|impayé|!!",
    re.IGNORECASE,
)


@pytest.mark.fr("SC-026", "FR-090")
@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_none_threatens(kind: Kind, language: str) -> None:
    text = " ".join(shipped(kind, language))
    assert THREATS.search(text) is None
    assert not any(word.isupper() and len(word) > 3 for word in re.findall(r"[^\W\d_]+", text)), "nobody is shouted at"
    assert re.search(r"thank|danke|dank|merci|glad|gern|reply|antworten|répond|welcome|willkommen|sorry", text, re.I)


# What brings each about


@pytest.mark.fr("FR-084")
def test_dunning_is_told_step_by_step_and_settled(sink: Sink) -> None:
    clock = clocked()
    account, one = debtor(clock, name="Ada", email="ada@example.com")
    for days in (0, 3, 7, 14):
        days_later(clock, days)
    pay(one, clock.frozen_time)
    told()
    assert kinds(account) == [
        "invoice_created", "payment_method_needed", "payment_reminder", "payment_warning", "account_blocked",
        "welcome_back",
    ]  # fmt: skip
    mails = read(sink)
    assert [mail["Subject"] for mail in mails] == ["Invoice INV-2026-000001 from Your company", "Welcome back!"]
    skipped = Message.objects.filter(account=account, status="SKIPPED")
    assert {row.last_error for row in skipped} == {"The invoice is settled by now."}
    assert skipped.count() == 4, "what was not sent before it was paid is not sent after"


@pytest.mark.fr("FR-084", "FR-090")
@pytest.mark.parametrize(
    ("locale", "subjects"),
    [
        ("en_US", ["Please add a payment method for invoice", "A friendly reminder: invoice", "is still open",
                   "Your account is paused until invoice"]),
        ("de_AT", ["Bitte hinterlegen Sie ein Zahlungsmittel", "Eine freundliche Erinnerung: Rechnung",
                   "ist noch offen", "Ihr Konto ruht, bis die Rechnung"]),
        ("fr_FR", ["Merci d\u2019ajouter un moyen de paiement", "Un petit rappel : facture", "reste à régler",
                   "Votre compte est en pause jusqu\u2019au paiement"]),
        ("ja_JP", ["Please add a payment method for invoice", "A friendly reminder: invoice", "is still open",
                   "Your account is paused until invoice"]),
    ],
)  # fmt: skip
def test_by_real_smtp_in_the_customers_language(sink: Sink, locale: str, subjects: list[str]) -> None:
    clock = clocked()
    _, one = debtor(clock, name="Ada Lövelace", locale=locale)
    for days in (0, 3, 7, 14):
        days_later(clock, days)
    mails = read(sink)[1:]
    assert all(part in got["Subject"] for part, got in zip(subjects, mails, strict=True))
    for got in mails:
        text, html = said(got, "plain"), said(got, "html")
        assert "Ada Lövelace" in text
        assert "Ada Lövelace" in html
        assert str(one.number) in text
        assert "49" in text
        Checked(html)
        assert got["List-Unsubscribe"] is None, "what concerns an unpaid invoice cannot be unsubscribed"


def test_links_are_followed_to_the_document(sink: Sink, settings: Any) -> None:
    settings.BILLING_PAYMENT_URL = "https://app.example.com/pay?a={account_id}&i={invoice_id}"
    clock = clocked()
    account, one = debtor(clock)
    days_later(clock, 3)
    created, reminder = read(sink)
    document = next(link for link in Checked(said(created, "html")).links if link.startswith(settings.BILLING_URL))
    assert document in said(created, "plain")
    got = Client().get(document.removeprefix(settings.BILLING_URL))
    assert got.status_code == 200
    assert str(one.number) in got.content.decode()
    assert Checked(said(reminder, "html")).links == [f"https://app.example.com/pay?a={account.pk}&i={one.pk}"]


def test_a_receipt_and_a_failure_with_its_reason() -> None:
    clock = clocked()
    account = payer(test_clock_id=clock.pk, timezone="America/Los_Angeles")
    known_method(account)
    invoice(4900, account=account, at=clock.frozen_time)
    payment = Payment.objects.get(account=account)
    payment.failure_code, payment.next_retry_at = "insufficient_funds", datetime(2026, 3, 4, 18, tzinfo=UTC)
    ended(payment, PaymentFailed, clock.frozen_time)
    failed = Message.objects.get(account=account, kind="payment_failed")
    assert failed.subject == "Your payment of $49.00 did not go through"
    assert "there was not enough money" in failed.text
    assert "We will try again on March 4, 2026" in failed.text
    payment.pk, payment.failure_code, payment.next_retry_at = uuid7(), "odd_code", None
    ended(payment, PaymentFailed, clock.frozen_time)
    last = Message.objects.filter(account=account, kind="payment_failed").latest("id")
    assert "The bank did not say why" in last.text
    assert "We will not try again by ourselves" in last.text
    ended(payment, PaymentSucceeded, clock.frozen_time)
    ended(payment, PaymentSucceeded, clock.frozen_time)
    receipt = Message.objects.get(account=account, kind="receipt")
    assert receipt.subject == "Thank you for your payment of $49.00"


@pytest.mark.fr("FR-096")
def test_a_credit_that_is_applied_is_told_once_for_an_invoice() -> None:
    clock = clocked()
    account = payer(test_clock_id=clock.pk)
    for amount in (300, 400):
        grant(account_id=account.pk, amount=amount, currency="USD", reason="Sorry", at=clock.frozen_time, actor=ACTOR)
    invoice(4900, account=account, at=clock.frozen_time)
    told()
    message = Message.objects.get(account=account, kind="credit_applied")
    assert message.subject == "A credit of $7.00 was used for invoice INV-2026-000001"
    assert "$42.00 is still open." in message.text


def test_a_credit_note_comes_with_its_document(sink: Sink) -> None:
    clock = clocked()
    account, one = debtor(clock)
    credit_note(invoice_id=one.pk, amount=900, reason="Less used", at=clock.frozen_time, actor=ACTOR)
    told()
    mail = read(sink)[-1]
    assert mail["Subject"] == "Credit note CN-2026-000001 from Your company"
    assert "we have credited $9.00 of your invoice INV-2026-000001" in said(mail, "plain")
    assert [part.get_content_type() for part in mail.iter_attachments()] == ["application/pdf"]
    assert kinds(account)[-1] == "credit_note"


def test_a_trial_is_spoken_of_three_days_before_its_end() -> None:
    clock = clocked()
    account = payer(test_clock_id=clock.pk, timezone="Pacific/Auckland")
    at, scope, plan = clock.frozen_time, Scope(clock.pk), make_plan(name="Team")
    made = make_subscription(account=account, plan=plan, at=at, trial_days=14)
    short = make_subscription(account=account, at=at, trial_days=3)
    ended_ = make_subscription(account=account, at=at, trial_days=14)
    cancel(subscription_id=ended_.pk, at_period_end=True, at=at, actor=ACTOR)
    assert made.trial_end is not None
    for _ in range(2):
        subscriptions.run_notices(made.trial_end - timedelta(days=3), scope)
        told()
    message = Message.objects.get(account=account, kind="trial_ending")
    assert message.cause_id == made.pk != short.pk
    assert message.subject == f"Your trial of Team ends on {made.trial_end_date:%B %-d, %Y}"
    assert "please add a payment method" in message.text


def test_a_card_is_spoken_of_in_the_month_in_which_it_expires() -> None:
    clock = clocked()
    account = payer(test_clock_id=clock.pk)
    may = datetime(2026, 5, 1, tzinfo=UTC)
    known_method(account, card_exp_month=5, card_exp_year=2026, tell_expiry_at=may)
    known_method(account, card_exp_month=3, card_exp_year=2026, tell_expiry_at=may)
    for _ in range(2):
        payments.run_expiring(may, Scope(clock.pk))
        told()
    message = Message.objects.get(account=account, kind="card_expiring")
    assert message.subject == "Your card Visa …4242 expires soon"
    assert "expires at the end of 05/2026" in message.text


def test_a_reminder_by_hand_is_a_message_too() -> None:
    clock = clocked()
    account, _ = debtor(clock, card=True)
    days_later(clock, 1)
    remind_many(account_ids=[account.pk], actor=ACTOR)
    told()
    assert kinds(account)[-1] == "payment_reminder"


def test_nobody_is_reminded_before_the_morning_but_clocks_do_not_wait() -> None:
    before, account = clock.wall(), payer(timezone="Pacific/Auckland")
    one = invoice(4900, account=account)
    with unit_of_work(ACTOR):
        announce([Occasion(kind=Kind.REMINDER, account_id=account.pk, cause_id=uuid7(), invoice_id=one.pk)])
    message = Message.objects.get(kind="payment_reminder")
    assert message.next_call_at is not None
    local = message.next_call_at.astimezone(ZoneInfo("Pacific/Auckland"))
    assert local.hour >= 9
    assert message.next_call_at >= before


def test_any_number_takes_the_same_queries() -> None:
    one = invoice(4900)

    def queries(number: int) -> int:
        wishes = [
            Occasion(kind=Kind.REMINDER, account_id=one.account_id, cause_id=uuid7(), invoice_id=one.pk)
            for _ in range(number)
        ]
        with CaptureQueriesContext(connection) as captured, unit_of_work(ACTOR):
            announce(wishes)
        return len(captured)

    assert queries(1) == queries(30)


# Who gets none


def unsubscribable(account: Any) -> Message:
    with unit_of_work(ACTOR):
        announce([Occasion(kind=Kind.WELCOME_BACK, account_id=account.pk, cause_id=uuid7())])
    return Message.objects.filter(kind="welcome_back").latest("id")


def test_one_click_unsubscribes_from_what_one_may_do_without(sink: Sink, settings: Any) -> None:
    clock = clocked()
    account, _ = debtor(clock, email="Ada@Example.com")
    unsubscribable(account)
    mail = read(sink)[-1]
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = mail["List-Unsubscribe"].strip(" <>")
    assert link in said(mail, "plain")
    assert link in Checked(said(mail, "html")).links
    path, browser = link.removeprefix(settings.BILLING_URL), Client(enforce_csrf_checks=True)
    page = browser.get(path)
    assert (page.status_code, b"<form" in page.content) == (200, True)
    assert not Suppression.objects.exists(), "who only looks has done nothing"
    for _ in range(2):
        assert browser.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert Suppression.objects.get().address == "ada@example.com"
    later = unsubscribable(account)
    days_later(clock, 3)
    mails = read(sink)
    later.refresh_from_db()
    assert (later.status, later.last_error) == ("SKIPPED", "The address gets none of these: unsubscribed.")
    assert mails[-1]["Subject"].startswith("A friendly reminder"), "what is needed still comes"
    assert browser.get("/mail/none/unsubscribe").status_code == 404


@pytest.mark.parametrize(
    ("answer", "status", "silent"),
    [
        ("550 5.1.1 no such mailbox", "BOUNCED", True), ("550 relaying denied", "PENDING", False),
        ("450 4.2.0 greylisted", "PENDING", False), ("550 5.7.1 blocked by policy", "PENDING", False),
    ],
)  # fmt: skip
def test_what_is_refused_for_good_is_not_asked_again(sink: Sink, answer: str, status: str, silent: bool) -> None:
    account = payer(email="gone@example.com")
    message = unsubscribable(account)
    sink.refuse = answer
    send.sweep(seconds=10, actor=ACTOR)
    message.refresh_from_db()
    assert (message.status, Suppression.objects.exists()) == (status, silent)
    if silent:
        second = unsubscribable(account)
        sink.refuse = ""
        assert read(sink) == []
        second.refresh_from_db()
        assert (second.status, second.last_error) == ("SKIPPED", "The address gets nothing: bounced.")


def test_only_what_one_may_do_without_has_an_unsubscribe_header() -> None:
    account = payer()
    one = invoice(4900, account=account)
    with unit_of_work(ACTOR):
        announce([Occasion(kind=kind, account_id=account.pk, cause_id=uuid7(), invoice_id=one.pk)
                  for kind in Kind if kind is not Kind.CREDIT_NOTE])  # fmt: skip
    for message in Message.objects.filter(account=account).exclude(kind="invoice_created"):
        headers = mail(message, known_of([message])).extra_headers
        assert ("List-Unsubscribe" in headers) == (message.kind in OPTIONAL), message.kind


def ended(payment: Payment, event: Any, at: datetime) -> None:
    shown = payment_objects([payment])[0]
    with unit_of_work(ACTOR):
        publish([event(object=shown, object_id=payment.pk, account_id=payment.account_id, effective_at=at)])
    told()
