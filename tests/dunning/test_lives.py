"""Customers who do not pay, over moved months: a worker moves the clock, our own apps hear, and the books tie out."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from apps.accounts.models import Account
from apps.clocks.models import TestClock
from apps.dunning.access import access
from apps.dunning.actions.hold import hold, release
from apps.dunning.models import History
from apps.invoices.actions.write_off import reverse_write_off, write_off
from apps.invoices.models import Invoice
from apps.kernel.errors import Conflict
from apps.kernel.periods import local_date, midnight
from apps.monitoring.invariants import broken
from apps.notifications.models import Message
from apps.payments.models import Payment
from apps.subscriptions.models import Subscription
from tests.clocks.lives import move, new_clock, stands
from tests.factories.accounts import make_account
from tests.factories.dunning import ACTOR, announced, happened, pay, state, told
from tests.factories.plans import make_plan
from tests.factories.subscriptions import make_subscription

pytestmark = pytest.mark.django_db
ZONES = ["Pacific/Auckland", "America/Los_Angeles"]
START = datetime(2026, 2, 20, 20, tzinfo=UTC)
"""Already the 21st in Auckland, and across both zones' changes of the clocks in March and April."""


def subscriber(clock: TestClock, timezone: str, **fields: Any) -> tuple[Account, Invoice]:
    """A monthly subscription, due at once, of somebody without a payment method."""
    account = make_account(
        at=clock.frozen_time, test_clock_id=clock.pk, timezone=timezone, net_terms_days=0, currency="USD", **fields
    )
    make_subscription(account=account, plan=make_plan(), at=clock.frozen_time)
    told()
    return account, Invoice.objects.get(account=account)


def to(clock: TestClock, day: date, timezone: str, *, second: int = 0) -> None:
    """To the local midnight with which `day` begins there."""
    move(clock, midnight(day, timezone) + timedelta(seconds=second))


def mails(account: Account) -> list[str]:
    rows = Message.objects.filter(account=account).exclude(kind="invoice_created").order_by("id")
    return list(rows.values_list("kind", flat=True))


@pytest.mark.fr("FR-082", "FR-084", "FR-091")
@pytest.mark.parametrize("timezone", ZONES)
def test_no_payment_method_when_the_invoice_falls_due(timezone: str) -> None:
    """Invoice made, payment skipped, "add a payment method" sent, and seven days' grace."""
    clock = new_clock(START)
    account, one = subscriber(clock, timezone)
    due = local_date(START, timezone)
    assert (one.status, one.due_date, Payment.objects.filter(account=account).count()) == ("OPEN", due, 0)
    move(clock, START + timedelta(minutes=1))
    assert mails(account) == ["payment_method_needed"]
    to(clock, due + timedelta(days=7), timezone, second=-1)
    assert (state(account), mails(account)) == (("CURRENT", ""), ["payment_method_needed", "payment_reminder"])
    to(clock, due + timedelta(days=7), timezone)
    assert state(account) == ("WARNING", "overdue")
    assert access(account.pk).allowed
    assert broken() == []


@pytest.mark.fr("FR-085", "FR-087")
@pytest.mark.parametrize("timezone", ZONES)
def test_payment_arrives_while_blocked(timezone: str) -> None:
    clock = new_clock(START)
    account, one = subscriber(clock, timezone)
    due = local_date(START, timezone)
    to(clock, due + timedelta(days=14), timezone, second=-1)
    assert access(account.pk).allowed
    to(clock, due + timedelta(days=14), timezone)
    assert not access(account.pk).allowed
    with pytest.raises(Conflict, match="blocked"):
        make_subscription(account=account, plan=make_plan(), at=stands(clock).frozen_time)
    move(clock, midnight(due + timedelta(days=20), timezone) + timedelta(hours=15))
    pay(one, stands(clock).frozen_time)
    assert access(account.pk).allowed, "in the same moment"
    told()
    assert mails(account)[-1] == "welcome_back"
    assert announced(account) == ["account.overdue", "account.blocked", "account.restored"]
    make_subscription(account=account, plan=make_plan(), at=stands(clock).frozen_time)
    assert broken() == []


def test_renewals_go_on_while_blocked_and_each_debt_is_settled_in_turn() -> None:
    clock = new_clock(START)
    account, first = subscriber(clock, "UTC")
    move(clock, START + timedelta(days=45))
    later = Invoice.objects.filter(account=account).exclude(pk=first.pk)
    assert (later.count(), state(account)) == (1, ("BLOCKED", "overdue"))
    assert Subscription.objects.get(account=account).status == "ACTIVE"
    pay(first, stands(clock).frozen_time)
    assert state(account) == ("BLOCKED", "overdue"), "the second is 17 days late"
    pay(later.get(), stands(clock).frozen_time)
    assert state(account) == ("CURRENT", "")
    assert broken() == []


@pytest.mark.fr("FR-088", "FR-089")
@pytest.mark.parametrize("timezone", ZONES)
def test_a_customer_disputes_and_days_do_not_count(timezone: str) -> None:
    clock = new_clock(START)
    account, one = subscriber(clock, timezone)
    due = local_date(START, timezone)
    to(clock, due + timedelta(days=4), timezone, second=3600)
    hold(account_id=account.pk, reason="Disputes the seats", actor=ACTOR)
    to(clock, due + timedelta(days=24), timezone, second=3600)
    assert (state(account), mails(account)) == (("CURRENT", ""), ["payment_method_needed", "payment_reminder"])
    release(account_id=account.pk, note="Settled", actor=ACTOR)
    told()
    to(clock, due + timedelta(days=27), timezone, second=-1)
    assert state(account) == ("CURRENT", "")
    to(clock, due + timedelta(days=27), timezone)
    assert state(account) == ("WARNING", "overdue")
    to(clock, due + timedelta(days=34), timezone)
    assert state(account) == ("BLOCKED", "overdue")
    assert [row.actor for row in History.objects.filter(account=account, kind__in=["hold", "release"])] == [
        str(ACTOR)
    ] * 2
    pay(one, stands(clock).frozen_time)
    assert ("state", "CURRENT", "welcome_back") in happened(account)[-2:]
    assert broken() == []


def test_what_is_owed_again_counts_from_its_due_date() -> None:
    """No event tells of it: a test clock, where nothing is looked for each day, shows that it is noted at once."""
    clock = new_clock(START)
    account, one = subscriber(clock, "Pacific/Auckland")
    write_off(invoice_id=one.pk, reason="Given up", at=stands(clock).frozen_time, actor=ACTOR)
    move(clock, START + timedelta(days=9))
    assert state(account) == ("CURRENT", "")
    reverse_write_off(invoice_id=one.pk, at=stands(clock).frozen_time, actor=ACTOR)
    move(clock, START + timedelta(days=9, minutes=1))
    assert state(account) == ("WARNING", "overdue")
    pay(one, stands(clock).frozen_time)
    assert state(account) == ("CURRENT", "")
    assert broken() == []


@pytest.mark.long
def test_day_by_day_or_in_one_leap_is_the_same_life() -> None:
    def life(days: list[int]) -> Any:
        clock = new_clock(START)
        found = [subscriber(clock, timezone)[0] for timezone in (*ZONES, "UTC")]
        for day in days:
            move(clock, START + timedelta(days=day))
        rows = History.objects.filter(account__in=found).order_by("account__timezone", "id")
        return list(rows.values_list("account__timezone", "kind", "status_after", "days", "at", "message"))

    leap = life([35])
    assert leap == life(list(range(1, 36)))
    assert len(leap) >= 3 * 4
