"""Where the buttons of mails lead, and the one that asks for the customer's word."""

from datetime import UTC, datetime
from typing import Any

import pytest

from apps.invoices.links import account_link, invoice_link
from apps.kernel.clock import wall
from apps.kernel.ids import uuid7
from apps.notifications.actions.mail import known_of, why_not
from apps.notifications.actions.write import Occasion, compose
from apps.notifications.links import links
from apps.notifications.models import Message
from apps.notifications.rules import Kind
from apps.payments.events import PaymentRequiresAction
from apps.payments.models import Payment
from tests.factories.dunning import clocked, days_later, debtor
from tests.factories.invoices import invoice, payer
from tests.factories.payments import known_method
from tests.notifications.sink import Sink
from tests.notifications.test_kinds import Checked, ended, read, said

pytestmark = pytest.mark.django_db


@pytest.mark.fr("FR-065")
@pytest.mark.fr("SC-027")
def test_a_button_leads_to_the_page_where_one_pays(sink: Sink, settings: Any) -> None:
    """Of an invoice, and of the account where there is none."""
    clock = clocked()
    account, one = debtor(clock)
    days_later(clock, 3)
    page = invoice_link(one.pk, at=wall())
    assert Checked(said(read(sink)[1], "html")).links == [page]
    told = Occasion(kind=Kind.CARD_EXPIRING, account_id=account.pk, cause_id=uuid7(), more={"card": "4242"})
    [message] = compose([told])
    assert links(message) == {"method": account_link(account.pk, at=wall())}


def confirming(payment: Payment) -> Message:
    """The message of a payment that waits for its customer's word."""
    Payment.objects.filter(pk=payment.pk).update(
        action_url="https://bank.example", action_until=datetime(2026, 3, 2, 4, tzinfo=UTC)
    )
    payment.refresh_from_db()
    ended(payment, PaymentRequiresAction, payment.created_at)
    return Message.objects.get(kind="payment_confirmation", cause_id=payment.pk)


@pytest.mark.fr("FR-065")
@pytest.mark.parametrize(
    ("locale", "subject", "until"),
    [
        ("en_US", "Please confirm your payment of $49.00", "time until March 1, 2026"),
        ("de_DE", "Bitte bestätigen Sie Ihre Zahlung über 49,00 $", "geht bis zum 1. März 2026"),
        ("fr_FR", "Merci de confirmer votre paiement de 49,00 $US", "jusqu\u2019au 1 mars 2026"),
    ],
)
def test_a_bank_that_wants_its_customer(locale: str, subject: str, until: str) -> None:
    clock = clocked()
    account = payer(test_clock_id=clock.pk, timezone="America/Los_Angeles", locale=locale)
    known_method(account)
    invoice(4900, account=account, at=clock.frozen_time)
    payment = Payment.objects.get(account=account)
    message = confirming(payment)
    assert message.subject == subject
    assert until in message.text
    assert why_not(message, known_of([message])) == ""
    Payment.objects.filter(pk=payment.pk).update(status="FAILED", action_until=None, next_call_at=None)
    assert why_not(message, known_of([message])) == "The payment has ended by now."
