"""The figures of an invoice."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.invoices.rules import (
    DEFERRED,
    TRANSITIONS,
    UNTAXED,
    DraftInvoice,
    DraftLine,
    Kind,
    LineKind,
    Status,
    balanced,
    due_date,
    number_of,
    one_off_amount,
    series_of,
    sums,
    taxable,
)
from apps.kernel.errors import Invalid
from apps.tax.rules import AppliedRate, Behavior, LineTax, Quote, compute

percents = st.decimals(min_value=0, max_value=100, places=2, allow_nan=False)
drafts = st.lists(
    st.builds(
        DraftLine,
        kind=st.sampled_from([kind for kind in LineKind if kind is not LineKind.CREDIT_TO_BALANCE]),
        description=st.just("a line"),
        amount=st.integers(0, 10**9),
        discount_amount=st.integers(0, 10**6),
        tax_behavior=st.sampled_from([behavior.value for behavior in Behavior]),
    ).filter(lambda line: line.discount_amount <= line.amount),
    max_size=10,
)


def draft(*lines: DraftLine) -> DraftInvoice:
    return DraftInvoice(account_id=uuid4(), kind=Kind.SUBSCRIPTION, currency="EUR", lines=lines)


@given(drafts, percents)
def test_every_invoice_adds_up(lines, percent):
    document = draft(*lines)
    quote = compute(taxable(document), [AppliedRate("DE", "VAT", percent)] * len(lines))
    found = sums(document, quote)
    assert found.subtotal == sum(line.amount for line in found.lines)
    assert found.discount == sum(line.discount_amount for line in found.lines)
    assert found.tax == sum(line.tax_amount for line in found.lines) == sum(group.amount for group in found.groups)
    assert found.total == found.subtotal - found.discount + found.tax
    assert found.subtotal - found.discount == found.deferred + found.earned + found.credit
    gross = [line.amount - line.discount_amount for line in lines]
    for line, figures, asked in zip(lines, found.lines, gross, strict=True):
        net = figures.amount - figures.discount_amount
        assert (net + figures.tax_amount if line.tax_behavior == Behavior.INCLUSIVE else net) == asked


def test_what_is_earned_by_days_is_deferred():
    document = draft(*(DraftLine(kind=kind, description="", amount=100) for kind in LineKind))
    found = sums(document, compute(taxable(document), [AppliedRate("DE", "VAT", Decimal(0))] * len(LineKind)))
    assert (found.deferred, found.credit) == (100 * len(DEFERRED), 100)
    assert found.earned == 100 * (len(LineKind) - len(DEFERRED) - 1)


@given(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=6), percents)
def test_below_zero_is_balanced_by_one_line(amounts, percent):
    document = draft(*(DraftLine(kind=LineKind.USAGE, description="", amount=amount) for amount in amounts))
    quote = compute(taxable(document), [AppliedRate("DE", "VAT", percent)] * len(amounts))
    whole, taxed = balanced(document, quote)
    found = sums(whole, taxed)
    net = sum(amounts) + quote.tax
    assert (found.total, found.credit, found.tax) == (max(net, 0), max(-net, 0), quote.tax)
    assert len(whole.lines) == len(amounts) + (net < 0)


def test_the_line_to_the_balance_is_one_piece_of_what_is_left_and_untaxed():
    document = draft(DraftLine(kind=LineKind.PRORATION_CREDIT, description="", amount=-100))
    whole, taxed = balanced(document, compute(taxable(document), [AppliedRate("DE", "VAT", Decimal(19))]))
    left = whole.lines[-1]
    assert (left.amount, left.quantity, left.unit_amount, left.discount_amount) == (119, 1, 119, 0)
    assert left.carried == UNTAXED == AppliedRate("", "", Decimal(0), "untaxed")
    assert taxed.lines[-1] == LineTax(119, 0, UNTAXED)


def test_only_what_is_left_after_discount_is_deferred():
    document = draft(DraftLine(kind=LineKind.RECURRING, description="", amount=100, discount_amount=30))
    found = sums(document, compute(taxable(document), [AppliedRate("DE", "VAT", Decimal(0))]))
    assert (found.deferred, found.earned) == (70, 0)


def test_a_quote_of_other_lines_is_refused():
    line, rate = DraftLine(kind=LineKind.USAGE, description="", amount=100), AppliedRate("DE", "VAT", Decimal(0))
    quote = compute(taxable(draft(line, line)), [rate, rate])
    for document, other in ((draft(line), quote), (draft(line, line), Quote(quote.lines[:1], quote.groups))):
        with pytest.raises(ValueError, match="zip"):
            sums(document, other)


def test_a_sale_is_rounded_once():
    assert one_off_amount(Decimal("2.5"), Decimal("33.33")) == 83
    assert one_off_amount(Decimal(3), Decimal("0.5")) == 2


def test_below_zero_is_refused():
    document = draft(DraftLine(kind=LineKind.PRORATION_CREDIT, description="", amount=-1))
    with pytest.raises(Invalid, match="below zero") as refusal:
        sums(document, compute(taxable(document), [AppliedRate("DE", "VAT", Decimal(0))]))
    assert refusal.value.code == "total_negative"


@pytest.mark.fr("FR-043")
def test_states():
    assert set(TRANSITIONS) == set(Status)
    assert TRANSITIONS[Status.VOID] == ()
    assert all(Status.DRAFT not in following for following in TRANSITIONS.values())


def test_numbers_are_of_a_year():
    series = series_of("INV", date(2026, 12, 31))
    assert [number_of(series, 1), number_of(series, 1234567)] == ["INV-2026-000001", "INV-2026-1234567"]


@pytest.mark.fr("FR-053")
def test_due_dates_cross_months():
    assert due_date(date(2026, 1, 31), 30) == date(2026, 3, 2)
