"""Credit that nobody used in time, at the instant at which its time was up."""

from datetime import timedelta

import pytest

from apps.clocks.models import TestClock
from apps.credits import due
from apps.credits.actions.expire import expire
from apps.credits.models import Use
from apps.credits.queries import balances
from apps.kernel.schedule import Scope
from apps.ledger.models import Entry, Posting
from apps.monitoring.invariants import broken
from tests.factories.credits import credit
from tests.factories.invoices import ACTOR, AT, invoice, payer

pytestmark = pytest.mark.django_db
END = AT + timedelta(days=10)
LATE = AT + timedelta(days=40)


@pytest.mark.fr("FR-094")
def test_what_remains_expires_once_at_its_instant():
    account = payer(timezone="Pacific/Auckland")
    one = credit(account, 1000, expires_at=END)
    credit(account, 50)
    invoice(300, account=account)
    assert due.earliest(END - timedelta(seconds=1), Scope()) is None
    assert due.earliest(LATE, Scope()) == END
    assert [due.run(LATE, Scope()), due.run(LATE, Scope())] == [1, 0]
    assert due.earliest(LATE, Scope()) is None
    row = Use.objects.get(kind="expiry")
    assert (row.grant_id, row.amount, row.at) == (one.pk, 700, END)
    entry = Entry.objects.get(kind="expiry")
    assert (entry.effective_at, str(entry.on)) == (END, "2026-04-12")
    assert dict(Posting.objects.filter(entry=entry).values_list("ledger_account", "amount")) == {
        "customer_credit": 700, "breakage_revenue": -700,
    }  # fmt: skip
    assert balances([account.pk]) == {account.pk: 50}
    assert broken() == []


def test_a_credit_used_up_expires_without_a_trace():
    account = payer()
    credit(account, 100, expires_at=END)
    invoice(100, account=account)
    assert due.run(LATE, Scope()) == 1
    assert not Entry.objects.filter(kind="expiry").exists()


def test_an_expired_credit_pays_nothing_even_before_it_is_swept():
    account = payer()
    credit(account, 100, expires_at=END)
    assert invoice(100, account=account, at=END).status == "OPEN"


def test_each_clock_expires_its_own():
    clock = TestClock.objects.create(name="t", frozen_time=AT)
    credit(payer(test_clock_id=clock.pk), 100, expires_at=END)
    assert (due.run(LATE, Scope()), due.pending(Scope())) == (0, 0)
    assert due.run(LATE, Scope(clock.pk)) == 1


def test_another_run_was_faster():
    one = credit(payer(), 100, expires_at=END)
    assert [expire([one.pk], at=LATE, actor=ACTOR) for _ in "ab"] == [1, 0]
    assert expire([one.pk], at=AT, actor=ACTOR) == 0
