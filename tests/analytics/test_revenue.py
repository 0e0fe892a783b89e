"""Revenue by the books: figures by hand, and that they tie to invoices and ledger."""

from dataclasses import astuple, replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db.models import Sum

from apps.analytics.export import objects_csv
from apps.analytics.objects_reports import RevenueObject, revenue_object
from apps.analytics.periods import Interval, Period
from apps.analytics.revenue import Revenue, revenue
from apps.clocks.actions import create
from apps.clocks.models import TestClock
from apps.credits.actions.expire import expire
from apps.credits.models import Grant
from apps.invoices.actions.credit_note import credit_note
from apps.invoices.actions.give_back import (
    record_chargeback,
    record_failed_refund,
    record_refund,
    reverse_chargeback,
)
from apps.invoices.actions.settle import record_payment
from apps.invoices.actions.void import void
from apps.invoices.actions.write_off import reverse_write_off, write_off
from apps.invoices.models import Invoice
from apps.invoices.queries import balances
from apps.invoices.rules import LineKind
from apps.kernel.ids import uuid7
from apps.kernel.transactions import unit_of_work
from apps.ledger import rules as ledger
from apps.ledger.actions import post
from apps.ledger.models import Posting
from apps.ledger.rules import LedgerAccount
from tests.factories.credits import credit
from tests.factories.invoices import ACTOR, draft, invoice, issued, line, payer
from tests.factories.tax import registered

pytestmark = [pytest.mark.django_db, pytest.mark.fr("FR-119")]

SPRING = Period(date(2026, 3, 1), date(2026, 5, 31), Interval.MONTH, datetime(2026, 6, 1, tzinfo=UTC))
DAYS = replace(SPRING, interval=Interval.DAY)
NONE = (0,) * 10


def at(day: int, month: int = 4, hour: int = 12) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def pay(one: Invoice, amount: int, when: datetime, into: LedgerAccount = LedgerAccount.GATEWAY_CLEARING) -> None:
    record_payment(invoice_id=one.pk, payment_id=uuid7(), amount=amount, paid_at=when, actor=ACTOR, into=into)


def recognised(one: Invoice, amount: int, on: date) -> None:
    """Days of service rendered."""
    entry = ledger.recognition(
        amount=amount, currency=one.currency, source_type="invoice", source_id=one.pk, account_id=one.account_id, on=on
    )
    with unit_of_work(ACTOR):
        post([entry], at=at(1, 5))


def german(*amounts: int, when: datetime, **fields: Any) -> Invoice:
    account = payer(country="DE", currency="EUR", timezone="Europe/Berlin", **fields)
    lines = [
        line(amount, kind=kind) for amount, kind in zip(amounts, (LineKind.RECURRING, LineKind.USAGE), strict=False)
    ]
    return issued([draft(account, *lines)], at=when)[0]


def figures(period: Period, currency: str = "EUR") -> dict[str, tuple[int, ...]]:
    """Step -> all that is not 0 of it."""
    found = {each.step: astuple(each)[2:] for each in revenue(period) if each.currency == currency}
    return {step: sums for step, sums in found.items() if any(sums)}


def tie(period: Period) -> None:
    """The last step ends where invoices and ledger end, and the days of a period are its months."""
    months, days = (revenue(replace(period, interval=interval)) for interval in (Interval.MONTH, Interval.DAY))
    for currency in {each.currency for each in months}:
        ours = {"currency": currency, "account__test_clock_id": period.clock_id}
        owed = balances(Invoice.objects.filter(status="OPEN", **ours).values_list("pk", flat=True))
        accounts = Invoice.objects.filter(**ours).values("account_id")
        books = Posting.objects.filter(entry__account_id__in=accounts, currency=currency)
        deferred = books.filter(ledger_account="deferred_revenue").aggregate(sum=Sum("amount"))["sum"] or 0
        last = next(each for each in months if each.currency == currency)
        assert (last.receivable, last.deferred) == (sum(each.balance for each in owed.values()), -deferred)
        assert whole(months, currency) == whole(days, currency)
        cash = books.filter(ledger_account__in=["bank", "gateway_clearing"]).aggregate(sum=Sum("amount"))["sum"] or 0
        *_, collected, refunded, charged_back, _ = whole(months, currency)[0]
        assert collected - refunded - charged_back == cash


def whole(rows: list[Revenue], currency: str) -> tuple[list[int], int, int]:
    mine = [each for each in rows if each.currency == currency]
    sums = [sum(column) for column in zip(*(astuple(each)[2:-2] for each in mine), strict=True)]
    return sums, mine[0].deferred, mine[0].receivable


def test_an_invoice_and_what_becomes_of_it() -> None:
    registered("DE")
    one = german(10_000, 2_000, when=at(1))
    pay(one, 14_280, at(3), LedgerAccount.BANK)
    recognised(one, 333, date(2026, 4, 1))
    recognised(one, 333, date(2026, 5, 1))
    record_refund(invoice_id=one.pk, refund_id=uuid7(), amount=1_428, reason="half a day", at=at(2, 5), actor=ACTOR)
    assert figures(SPRING) == {
        "2026-04": (12_000, 2_280, 0, 0, 14_280, 0, 0, 2_333, 9_667, 0),
        # The credit note takes 1,000 of what is deferred and 200 of what was earned.
        "2026-05": (0, 0, 1_428, 0, 0, 1_428, 0, 333 - 200, 9_667 - 333 - 1_000, 0),
    }
    assert {step: sums for step, sums in figures(DAYS).items() if any(sums[:8])} == {
        "2026-04-01": (12_000, 2_280, 0, 0, 0, 0, 0, 2_333, 9_667, 14_280),
        "2026-04-03": (0, 0, 0, 0, 14_280, 0, 0, 0, 9_667, 0),
        "2026-05-01": (0, 0, 0, 0, 0, 0, 0, 333, 9_334, 0),
        "2026-05-02": (0, 0, 1_428, 0, 0, 1_428, 0, -200, 8_334, 0),
    }
    tie(SPRING)


def test_what_takes_back_counts_when_it_does() -> None:
    registered("DE")
    first, second, third = (german(10_000, when=at(30, 3)) for _ in range(3))
    credit_note(invoice_id=first.pk, amount=1_190, reason="a day", at=at(2), actor=ACTOR)
    write_off(invoice_id=first.pk, reason="bankrupt", at=at(3), actor=ACTOR)
    with unit_of_work(ACTOR):
        void([second.pk], reason="wrong", at=at(4), actor=ACTOR)
    reverse_write_off(invoice_id=first.pk, at=at(1, 5), actor=ACTOR)
    assert figures(SPRING) == {
        "2026-03": (30_000, 5_700, 0, 0, 0, 0, 0, 0, 30_000, 35_700),
        "2026-04": (-10_000, -1_900, 1_190, 10_710, 0, 0, 0, 0, 19_000, 11_900),
        "2026-05": (0, 0, 0, -10_710, 0, 0, 0, 0, 19_000, 22_610),
    }
    assert third.status == "OPEN"
    tie(SPRING)


def test_money_that_a_bank_takes_and_gives_back() -> None:
    registered("DE")
    one = german(10_000, when=at(1))
    pay(one, 12_000, at(2))  # 100 too much: credit
    taken = {"invoice_id": one.pk, "chargeback_id": uuid7(), "amount": 11_900, "actor": ACTOR}
    record_chargeback(at=at(3), **taken)
    pay(one, 5_000, at(4), LedgerAccount.BANK)
    reverse_chargeback(at=at(5, 5), **taken)  # 6,900 are owed still: 5,000 are credit
    refund = {"invoice_id": one.pk, "refund_id": uuid7(), "amount": 1_190, "actor": ACTOR}
    record_refund(reason="a day", at=at(6, 5), **refund)
    assert figures(SPRING) == {
        "2026-04": (10_000, 1_900, 0, 0, 17_000, 0, 11_900, 0, 10_000, 6_900),
        "2026-05": (0, 0, 1_190, 0, 0, 1_190, -11_900, 0, 9_000, 0),
    }
    record_failed_refund(at=at(7, 5), **refund)
    assert figures(SPRING)["2026-05"] == (0, 0, 1_190, 0, 0, 0, -11_900, 0, 9_000, 0)
    tie(SPRING)


def test_credit_moves_what_is_owed_alone() -> None:
    account = payer()
    given = credit(account, 1_500, at=at(1), expires_at=at(1, 5))
    invoice(1_000, account=account, at=at(2))
    expire(list(Grant.objects.filter(pk=given.pk).values_list("pk", flat=True)), at=at(2, 5), actor=ACTOR)
    assert figures(SPRING, "USD") == {
        "2026-04": (1_000, 0, 0, 0, 0, 0, 0, 0, 1_000, 0),
        "2026-05": (0, 0, 0, 0, 0, 0, 0, 0, 1_000, 0),
    }
    tie(SPRING)


def test_days_that_an_invoice_credits() -> None:
    """Less than zero is credit of the customer: the books owe nothing, and what was invoiced is less."""
    registered("DE")
    one = german(-10_000, when=at(1))
    assert (one.total, figures(SPRING)["2026-04"]) == (0, (-10_000, -1_900, 0, 0, 0, 0, 0, 0, -10_000, 0))
    tie(SPRING)


def test_months_are_those_of_each_account_and_currencies_apart() -> None:
    east, west = (payer(currency="JPY", timezone=zone) for zone in ("Pacific/Auckland", "America/New_York"))
    late, early = at(31, 3, hour=11), at(1, hour=3)  # the first of April there; the last of March there
    ours = [invoice(980, account=east, at=late), invoice(70, account=west, at=early)]
    invoice(500, at=early)
    assert figures(SPRING, "JPY") == {
        "2026-03": (70, 0, 0, 0, 0, 0, 0, 0, 70, 70),
        "2026-04": (980, 0, 0, 0, 0, 0, 0, 0, 1_050, 1_050),
        "2026-05": (0, 0, 0, 0, 0, 0, 0, 0, 1_050, 1_050),
    }
    pay(ours[0], 980, at(29, 4, hour=23))  # the 30th there
    days = figures(replace(DAYS, first=date(2026, 4, 29), last=date(2026, 4, 30)), "JPY")
    assert [sums[4] for sums in days.values()] == [980, 0], "the newest first, with what was there before"
    assert [sums[-2:] for sums in days.values()] == [(1_050, 70), (1_050, 1_050)]
    assert [(each.step, each.currency) for each in revenue(SPRING)] == [
        ("2026-05", "JPY"), ("2026-05", "USD"), ("2026-04", "JPY"), ("2026-04", "USD"), ("2026-03", "JPY"),
        ("2026-03", "USD"),
    ]  # fmt: skip
    assert {each.currency for each in revenue(replace(SPRING, currency="JPY"))} == {"JPY"}
    tie(SPRING)


def test_test_clocks_are_worlds_of_their_own() -> None:
    lives = [create(name=name, frozen_time=at(1), actor=ACTOR) for name in ("one", "two")]
    for amount, life in ((1, None), (20, lives[0]), (300, lives[1])):
        invoice(amount, account=payer(test_clock_id=life and life.pk), at=at(1))
    for amount, life in ((1, None), (20, lives[0]), (300, lives[1])):
        period = replace(SPRING, clock_id=life and life.pk)
        assert figures(period, "USD")["2026-04"] == (amount, *NONE[1:8], amount, amount)
        tie(period)
    assert TestClock.objects.count() == 2


def test_nothing_in_the_books_is_nothing(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        assert revenue(SPRING) == []


def test_balances_are_of_all_that_was_before(django_assert_num_queries: Any) -> None:
    invoice(4_900, at=at(1, 1))
    with django_assert_num_queries(1):
        assert figures(replace(SPRING, last=date(2026, 3, 31)), "USD") == {"2026-03": (*NONE[:8], 4_900, 4_900)}
    assert revenue(replace(SPRING, first=date(2025, 1, 1), last=date(2025, 12, 31))) == [], "nor of what came later"


def test_the_object_and_the_file() -> None:
    pay(invoice(4_900, at=at(1)), 900, at(2))
    [newest, april, _] = revenue(SPRING)
    assert revenue_object(april) == RevenueObject(
        period="2026-04", currency="USD", invoiced=4_900, tax=0, credit_notes=0, written_off=0, collected=900,
        refunded=0, charged_back=0, recognised=0, deferred=4_900, receivable=4_000,
    )  # fmt: skip
    file = objects_csv(RevenueObject, map(revenue_object, [newest, april]))
    heading, *lines = b"".join(file).decode().splitlines()
    assert heading == ",".join(RevenueObject.__struct_fields__)
    assert lines == ["2026-05,USD,0,0,0,0,0,0,0,0,4900,4000", "2026-04,USD,4900,0,0,0,900,0,0,0,4900,4000"]
