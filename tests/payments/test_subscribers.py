"""Invoices that are made open their payments in the same transaction, at a fixed cost."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.invoices.rules import Open
from apps.payments.models import Payment
from apps.payments.subscribers import open_for_invoices
from tests.factories.invoices import draft, issued, line, payer
from tests.factories.payments import known_method

pytestmark = pytest.mark.django_db


@pytest.mark.fr("FR-057")
def test_one_payment_for_each_invoice_that_owes() -> None:
    with_card, without = payer(), payer()
    method = known_method(with_card)
    paid, _, owed = issued([draft(with_card, line(0)), draft(without), draft(with_card, line(700))])
    [payment] = Payment.objects.all()
    assert (payment.invoice_id, payment.amount, payment.currency, payment.status) == (owed.pk, 700, "USD", "PENDING")
    assert (payment.payment_method_id, payment.method, payment.attempt) == (method.pk, "card", 1)
    assert paid.status == "PAID"


def test_the_cost_is_the_same_for_one_and_for_five_hundred() -> None:
    account = payer()
    invoices = issued([draft(account) for _ in range(501)])
    known_method(account)
    owed = [Open(account.pk, each.pk, each.total, each.currency) for each in invoices]
    assert len(owed) == 501

    def queries(issued: list[Open]) -> int:
        with CaptureQueriesContext(connection) as captured:
            open_for_invoices(issued)
        return len([each for each in captured if "SAVEPOINT" not in each["sql"]])

    assert queries(owed[:1]) == queries(owed[1:]) == 3
    assert Payment.objects.count() == 501
