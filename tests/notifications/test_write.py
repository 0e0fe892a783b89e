"""Messages come with invoices, once each, in bulk."""

from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.events.models import Event
from apps.events.relay import drain
from apps.events.rules import Lane
from apps.kernel.errors import Conflict, NotFound
from apps.notifications import markup
from apps.notifications.actions.write import send_again
from apps.notifications.models import Message
from apps.notifications.subscribers import announce_invoices
from apps.notifications.words import shipped
from billing_project.celery import TIMETABLE
from tests.factories.invoices import ACTOR, draft, invoice, issued, line, payer
from tests.factories.payments import known_method

pytestmark = pytest.mark.django_db


def created() -> list[Event]:
    return list(Event.objects.filter(event_type="invoice.created").order_by("id"))


@pytest.mark.fr("FR-047")
def test_an_invoice_that_is_made_goes_to_its_customer() -> None:
    one = invoice(account=payer(email="ada@example.com", name="Ada"))
    assert drain(Lane.API) > 0
    message = Message.objects.get()
    assert (message.invoice_id, message.to, message.status) == (one.pk, "ada@example.com", "PENDING")
    assert message.subject == "Invoice INV-2026-000001 from Your company"
    assert "Please pay $49.00 by May 1, 2026." in message.text
    assert message.next_call_at is not None


def test_told_twice_written_once() -> None:
    invoice()
    announce_invoices(created())
    announce_invoices(created())
    assert Message.objects.count() == 1


def test_german_card_and_nothing_to_pay() -> None:
    account = payer(locale="de_DE", currency="EUR", country="DE")
    known_method(account)
    issued([draft(account), draft(payer(), line(0))])
    announce_invoices(created())
    texts = list(Message.objects.order_by("id").values_list("text", flat=True))
    assert "Wir ziehen 49,00\u00a0€ über Ihr hinterlegtes Zahlungsmittel ein" in texts[0]
    assert "There is nothing to pay." in texts[1]


def test_a_batch_takes_as_many_queries_as_one() -> None:
    def queries(number: int) -> int:
        made = {one.pk for one in issued([draft(payer()) for _ in range(number)])}
        events = [event for event in created() if event.object_id in made]
        with CaptureQueriesContext(connection) as captured:
            announce_invoices(events)
        return len(captured)

    assert queries(1) == queries(40)


@pytest.mark.parametrize("name", ["Eve\r\nBcc: victim@example.com", "Eve\u2028\nSubject: x", "A" * 500, "{seller} %s"])
def test_names_stay_in_their_line(name: str) -> None:
    facts = {"customer": name, "seller": name, "number": "INV-1", "total": "1"}
    subject, text = (write(said, facts) for write, said in
                     zip((markup.subject, markup.filled), shipped("invoice_created", "en"), strict=True))  # fmt: skip
    assert subject.isprintable()
    assert len(subject) <= 200
    assert "\nBcc:" not in text
    assert "\nSubject:" not in text


def test_again() -> None:
    one = invoice()
    first, second = send_again(invoice_id=one.pk, actor=ACTOR), send_again(invoice_id=one.pk, actor=ACTOR)
    assert first.pk != second.pk
    assert Message.objects.filter(kind="invoice_copy", invoice=one).count() == 2
    with pytest.raises(NotFound):
        send_again(invoice_id=UUID(int=1), actor=ACTOR)


def test_a_draft_is_not_sent() -> None:
    one = invoice()
    draft_ = type(one).objects.create(
        account_id=one.account_id, kind="one_off", currency="USD", subtotal=0, total=0, bill_to={}
    )
    with pytest.raises(Conflict, match="DRAFT"):
        send_again(invoice_id=draft_.pk, actor=ACTOR)


def test_beat_rings() -> None:
    assert TIMETABLE["notifications.sweep"] <= 5
