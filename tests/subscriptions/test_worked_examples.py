"""The worked examples of the billing rules, each with its rule in short, through the actions that customers reach."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from apps.accounts.actions import update as update_account
from apps.credits.queries import balances as credit_of
from apps.invoices.actions.credit_note import credit_note
from apps.invoices.actions.one_off import Sale, one_off
from apps.invoices.actions.settle import record_payment
from apps.invoices.models import CreditNote, Invoice, Line
from apps.invoices.queries import balances
from apps.kernel.ids import uuid7
from apps.kernel.periods import local_date
from apps.ledger.models import Posting
from apps.ledger.rules import LedgerAccount
from apps.monitoring.invariants import broken
from apps.subscriptions.actions.change import change
from apps.subscriptions.actions.pause import pause
from apps.subscriptions.actions.renew import renew
from apps.subscriptions.actions.resume import wake
from apps.subscriptions.models import Subscription
from tests.explain.holding import unexplained
from tests.factories.accounts import make_account
from tests.factories.coupons import make_coupon
from tests.factories.plans import make_plan
from tests.factories.subscriptions import ACTOR, make_subscription
from tests.factories.tax import registered
from tests.subscriptions.test_change import noon

pytestmark = [pytest.mark.django_db, pytest.mark.fr("FR-026", "FR-041", "SC-009")]


class Life:
    """A customer, in Germany where there is tax, and what becomes of the subscription."""

    def __init__(self, *, taxed: bool = False, currency: str = "") -> None:
        for country in ("DE", "FR") if taxed else ():
            registered(country)
        known = {"currency": currency or ("EUR" if taxed else "USD"), "country": "DE" if taxed else "US"}
        self.account = make_account(**known, at=noon("2025-01-01"))

    def begins(self, price: int, day: str, interval: str = "month", **fields: Any) -> "Life":
        self.made = make_subscription(account=self.account, plan=self._plan(price, interval), at=noon(day), **fields)
        return self

    def to(self, day: str, price: int | None = None, *, interval: str = "month", quantity: int | None = None) -> "Life":
        plan = self._plan(price, interval) if price else None
        known: dict[str, Any] = {"subscription_id": self.made.pk, "at": noon(day), "actor": ACTOR}
        change(plan_id=plan.pk if plan else None, quantity=quantity, **known)
        return self

    def renews(self, *days: str) -> "Life":
        for day in days:
            assert renew([self.made.pk], at=noon(day), actor=ACTOR).periods == 1
        return self

    def pays(self, day: str) -> "Life":
        for row in Invoice.objects.filter(account=self.account, status="OPEN"):
            left = balances([row.pk])[row.pk].balance
            known: dict[str, Any] = {"paid_at": noon(day), "actor": ACTOR, "into": LedgerAccount.BANK}
            record_payment(invoice_id=row.pk, payment_id=uuid7(), amount=left, **known)
        return self

    def moves(self, country: str, day: str) -> "Life":
        known: dict[str, Any] = {"expected_version": None, "at": noon(day), "actor": ACTOR}
        update_account(account_id=self.account.pk, changes={"country": country}, **known)
        return self

    def buys(self, *amounts: int, behavior: str = "exclusive") -> "Life":
        sales = [Sale(description="x", unit_amount=Decimal(each), tax_behavior=behavior) for each in amounts]
        one_off(account_id=self.account.pk, sales=sales, at=noon("2026-04-01"), actor=ACTOR)
        return self

    def standing(self) -> list[Invoice]:
        return list(Invoice.objects.filter(account=self.account).exclude(status="VOID").order_by("number"))

    def amounts(self) -> list[int]:
        return list(Line.objects.filter(invoice__in=self.standing()).order_by("invoice__number", "position")
                    .values_list("amount", flat=True))  # fmt: skip

    def _plan(self, price: int, interval: str) -> Any:
        return make_plan(prices={self.account.currency: price}, interval=interval, at=noon("2025-01-01"))


@dataclass
class Example:
    """A rule, a life, and its figures: the amount of each line, total and tax of the last invoice, credit left."""

    rule: str
    life: Callable[[], Life]
    amounts: Sequence[int]
    total: int
    tax: int = 0
    credit: int = 0
    owed: int | None = None
    """What is left to pay of the first invoice."""


EXAMPLES = [
    Example("4900 -> 9900 on 15 Apr, period 1 Apr - 1 May: 16/30 days: -2613, +5280, due 2667",
            lambda: Life().begins(4900, "2026-04-01").to("2026-04-15", 9900), [4900, -2613, 5280], 2667),
    Example("2999 -> 7999 on 10 Mar, period 28 Feb - 31 Mar (anchor 31): 21/31: -2032, +5419",
            lambda: Life().begins(2999, "2026-01-31").renews("2026-02-28").to("2026-03-10", 7999),
            [2999, 2999, -2032, 5419], 3387),
    Example("annual 99900 from 10 Jan, paid -> monthly 9900 on 20 Jun: -55835, +9900; due 0, credit 45935",
            lambda: Life().begins(99900, "2026-01-10", "year").pays("2026-01-10").to("2026-06-20", 9900),
            [99900, -55835, 9900, 45935], 0, credit=45935),
    Example("99900 unpaid, 45935 left -> balance 53965, credit 0",
            lambda: Life().begins(99900, "2026-01-10", "year").to("2026-06-20", 9900),
            [99900, -55835, 9900, 45935], 0, owed=53965),
    Example("the same at 19 % tax: -55835 +9900 +54663 (credit to balance, untaxed) = 8728, tax -8728, total 0",
            lambda: Life(taxed=True).begins(99900, "2026-01-10", "year").pays("2026-01-10").to("2026-06-20", 9900),
            [99900, -55835, 9900, 54663], 0, tax=-8728, credit=54663),
    Example("5 -> 8 seats at 1000 on 11 Feb 2028, period 1 Feb - 1 Mar: 19/29: -3276, +5241",
            lambda: Life().begins(1000, "2028-02-01", quantity=5).to("2028-02-11", quantity=8),
            [5000, -3276, 5241], 1965),
    Example("2000 -> 5000 on 10 Jul -> 3000 on 20 Jul: 22/31: -1419, +3548; then 12/31: -1935, +1161",
            lambda: Life().begins(2000, "2026-07-01").pays("2026-07-01").to("2026-07-10", 5000).pays("2026-07-10")
            .to("2026-07-20", 3000), [2000, -1419, 3548, -1935, 1161, 774], 0, credit=774),
    Example("JPY 1980 -> 4980, 17/30 days: -1122, +2822",
            lambda: Life(currency="JPY").begins(1980, "2026-04-01").to("2026-04-14", 4980),
            [1980, -1122, 2822], 1700),
    Example("4900 -> 9900 (2667 paid) -> 3000, both on 15 Apr: -5280 +1600 = -3680",
            lambda: Life().begins(4900, "2026-04-01").pays("2026-04-01").to("2026-04-15", 9900).pays("2026-04-15")
            .to("2026-04-15", 3000), [4900, -2613, 5280, -5280, 1600, 3680], 0, credit=3680),
    Example("billed in DE at 19 %, moved to FR 20 %, 4900 -> 9900 on 15 Apr: -2613 -496 +5280 +1056 = 3227",
            lambda: Life(taxed=True).begins(4900, "2026-04-01").moves("FR", "2026-04-10").to("2026-04-15", 9900),
            [4900, -2613, 5280], 3227, tax=1056 - 496),
    Example("3000 from 12 Sep, anchored on the 1st: 19/30 -> 1900",
            lambda: Life().begins(3000, "2026-09-12", billing_anchor_date=date(2026, 9, 1)), [1900], 1900),
    Example("3000, start 15 Jan, bill_from 1 Mar: 14/28 -> 1500",
            lambda: Life().begins(3000, "2026-03-01", start_date=date(2026, 1, 15), bill_from=date(2026, 3, 1)),
            [1500], 1500),
    Example("4900 at 50 % once -> 9900 on 15 Apr: -1307 (line -2613, its discount -1306) +5280 = 3973",
            lambda: Life().begins(4900, "2026-04-01", coupon=make_coupon(percent_off=Decimal(50)).code)
            .to("2026-04-15", 9900), [4900, -2613, 5280], 3973),
    Example("what a `once` amount cannot use stays (5000 on 3000 leaves 2000)",
            lambda: Life().begins(3000, "2026-04-01", coupon=make_coupon(amount_off=5000, currency="USD").code)
            .renews("2026-05-01"), [3000, 3000], 1000, owed=0),
    Example("three lines 333, 333, 334 at 19 %: 190",
            lambda: Life(taxed=True).buys(333, 333, 334), [333, 333, 334], 1190, tax=190),
    Example("333 + 333 + 334 gross at 19 %: tax 160, nets 280, 280, 280",
            lambda: Life(taxed=True).buys(333, 333, 334, behavior="inclusive"), [280, 280, 280], 1000, tax=160),
]  # fmt: skip


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.rule)
def test_money(example: Example) -> None:
    life = example.life()
    first, last = life.standing()[0], life.standing()[-1]
    assert life.amounts() == list(example.amounts)
    assert (last.total, last.tax) == (example.total, example.tax)
    assert credit_of([life.account.pk]).get(life.account.pk, 0) == example.credit
    if example.owed is not None:
        assert balances([first.pk])[first.pk].balance == example.owed
    assert (broken(), unexplained()) == ([], [])


def test_net_below_zero_in_the_books() -> None:
    """Net below zero: debit deferred 45935, tax payable 8728; credit customer credit 54663."""
    life = Life(taxed=True).begins(99900, "2026-01-10", "year").pays("2026-01-10").to("2026-06-20", 9900)
    posted = Posting.objects.filter(entry__source_id=life.standing()[-1].pk)
    found = {row.ledger_account: row.amount for row in posted}
    assert found == {"deferred_revenue": 45935, "tax_payable": 8728, "customer_credit": -54663}


def test_partial_credits_of_a_line_have_all_of_its_tax() -> None:
    """1000 + 190 credited 333, 333, 334 -> 63, 64, 63."""
    life = Life(taxed=True).buys(1000)
    line = Line.objects.get()
    for net in (333, 333, 334):
        credit_note(
            invoice_id=life.standing()[0].pk, lines={line.pk: net}, reason="x", at=noon("2026-04-02"), actor=ACTOR
        )
    assert list(CreditNote.objects.order_by("number").values_list("tax", flat=True)) == [63, 64, 63]


def test_a_note_of_a_gross_amount() -> None:
    """11900 (10000 + 1900), 2380 of it: note 2000 + 380."""
    life = Life(taxed=True).buys(10000)
    known: dict[str, Any] = {"reason": "x", "at": noon("2026-04-02"), "actor": ACTOR}
    note = credit_note(invoice_id=life.standing()[0].pk, amount=2380, **known)
    assert (note.subtotal, note.tax) == (2000, 380)


@pytest.mark.parametrize(
    ("begins", "interval", "count", "ends"),
    [
        ("2026-01-31", "month", 1, ["2026-02-28", "2026-03-31", "2026-04-30"]),
        ("2028-01-31", "month", 1, ["2028-02-29", "2028-03-31"]),
        ("2024-02-29", "year", 1, ["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]),
        ("2025-11-30", "month", 3, ["2026-02-28", "2026-05-30"]),
    ],
)
def test_boundaries_are_counted_from_the_anchor(begins: str, interval: str, count: int, ends: list[str]) -> None:
    """31 Jan -> 28 Feb (29 in leap years) -> 31 Mar -> 30 Apr; annual from 29 Feb; quarterly from 30 Nov."""
    sold = make_plan(interval=interval, interval_count=count, at=noon(begins))
    made = make_subscription(account=make_account(at=noon(begins)), plan=sold, at=noon(begins))
    found = [made.current_period_end]
    for day in ends[:-1]:
        renew([made.pk], at=noon(day), actor=ACTOR)
        made.refresh_from_db()
        found.append(made.current_period_end)
    assert [str(local_date(each, made.account.timezone)) for each in found] == ends


def test_a_pause_of_ninety_days() -> None:
    """Paused 1 Jan 2026: still paused 1 Apr (90 days), CANCELLED 2 Apr."""
    made = make_subscription(at=noon("2025-12-15"))
    pause(subscription_id=made.pk, at=noon("2026-01-01"), actor=ACTOR)
    for day, status in (("2026-04-01", "PAUSED"), ("2026-04-02", "CANCELLED")):
        wake(subscription_id=made.pk, at=noon(day), actor=ACTOR)
        assert Subscription.objects.get().status == status
