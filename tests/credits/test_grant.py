"""Goodwill: given, announced and in the books."""

from datetime import timedelta
from uuid import uuid4

import pytest

from apps.credits.objects import credit_objects
from apps.credits.queries import balances
from apps.events.models import Event
from apps.kernel.errors import DomainError
from apps.kernel.money import MAX_AMOUNT
from apps.ledger.models import Entry, Posting
from apps.rest.objects import builtins
from tests.factories.credits import credit
from tests.factories.invoices import ACTOR, AT, payer

pytestmark = pytest.mark.django_db


@pytest.mark.fr("FR-092")
def test_a_credit_is_announced_and_in_the_books():
    account = payer(timezone="Pacific/Auckland")
    one = credit(account, 2500, expires_at=AT + timedelta(days=30), metadata={"ticket": 7})
    [event] = Event.objects.filter(event_type="credit.created")
    assert event.data["object"] == builtins(credit_objects([one])[0])
    assert (event.data["object"]["remaining"], event.data["object"]["metadata"]) == (2500, {"ticket": 7})
    assert (one.actor, one.source, one.source_id) == (str(ACTOR), "goodwill", None)
    assert dict(Posting.objects.values_list("ledger_account", "amount")) == {
        "goodwill_expense": 2500, "customer_credit": -2500,
    }  # fmt: skip
    assert str(Entry.objects.get().on) == "2026-04-02"
    assert balances([account.pk]) == {account.pk: 2500}


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"amount": 0}, "credit_not_positive"),
        ({"amount": -1}, "credit_not_positive"),
        ({"amount": MAX_AMOUNT + 1}, "amount_too_large"),
        ({"currency": "EUR"}, "currency_mismatch"),
        ({"expires_at": AT}, "expires_in_past"),
    ],
)
def test_refused(fields, code):
    with pytest.raises(DomainError) as refusal:
        credit(payer(), **fields)
    assert (refusal.value.code, bool(refusal.value.hint)) == (code, True)


def test_an_unknown_account():
    account = payer()
    account.pk = uuid4()
    with pytest.raises(DomainError) as refusal:
        credit(account)
    assert refusal.value.code == "account_unknown"
