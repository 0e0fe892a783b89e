"""The arithmetic of tax."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.kernel.money import rounded
from apps.tax.rules import STANDARD, AppliedRate, Behavior, LineTax, Reason, TaxableLine, compute, exact_tax, net_of

DE = AppliedRate("DE", "VAT", Decimal(19))
FR = AppliedRate("FR", "VAT", Decimal(20))
EXEMPT = AppliedRate("DE", "", Decimal(0), STANDARD, Reason.EXEMPT)

amounts = st.integers(min_value=-(10**12), max_value=10**12)
percents = st.decimals(min_value=0, max_value=100, places=4, allow_nan=False)
rates = st.builds(
    AppliedRate,
    jurisdiction=st.sampled_from(["DE", "FR"]),
    name=st.just("VAT"),
    rate=st.one_of(percents, st.just(Decimal(19))),
)
lines = st.builds(TaxableLine, amount=amounts, behavior=st.sampled_from([b.value for b in Behavior]))


def taxes(amounts: list[int], behavior: str = Behavior.EXCLUSIVE, rate: AppliedRate = DE):
    return compute([TaxableLine(amount, behavior=behavior) for amount in amounts], [rate] * len(amounts))


@pytest.mark.fr("FR-101")
def test_tax_is_rounded_once_a_group_and_shared():
    quote = taxes([333, 333, 334])
    assert quote.tax == 190
    assert [line.tax for line in quote.lines] == [63, 63, 64]
    assert [line.net for line in quote.lines] == [333, 333, 334]
    [group] = quote.groups
    assert (group.jurisdiction, group.name, group.rate, group.taxable_amount, group.amount, group.reason) == (
        "DE", "VAT", Decimal(19), 1000, 190, "",
    )  # fmt: skip


def test_a_tax_of_nothing_in_all_goes_to_the_earlier_of_two_equal_remainders():
    one_percent = AppliedRate("DE", "VAT", Decimal(1))
    assert [line.tax for line in taxes([50, -50], rate=one_percent).lines] == [1, -1]


@given(
    st.lists(st.integers(-100, 100), min_size=1, max_size=6),
    st.sampled_from([Decimal(1), Decimal(19), Decimal("7.25")]),
)
def test_opposite_lines_have_the_opposite_tax(amounts, percent):
    rate = AppliedRate("DE", "VAT", percent)
    there, back = taxes(amounts, rate=rate), taxes([-amount for amount in amounts], rate=rate)
    assert [line.tax for line in back.lines] == [-line.tax for line in there.lines]


def test_inclusive_prices_keep_their_gross():
    quote = taxes([333, 333, 334], Behavior.INCLUSIVE)
    assert quote.tax == 160
    assert [line.net for line in quote.lines] == [280, 280, 280]
    assert quote.groups[0].taxable_amount == 840


def test_a_discount_on_an_inclusive_price_is_net_too():
    assert net_of(1190, Decimal(19)) == 1000
    assert net_of(-1190, Decimal(19)) == -1000


@pytest.mark.fr("FR-099")
@pytest.mark.parametrize("reason", [Reason.EXEMPT, Reason.REVERSE_CHARGE, Reason.NOT_REGISTERED])
@pytest.mark.parametrize("behavior", list(Behavior))
def test_untaxed_lines_keep_their_price_and_say_why(reason, behavior):
    quote = taxes([4900], behavior, AppliedRate("DE", "", Decimal(0), STANDARD, reason))
    assert quote.lines == (LineTax(4900, 0, AppliedRate("DE", "", Decimal(0), STANDARD, reason)),)
    assert [(group.taxable_amount, group.amount, group.reason) for group in quote.groups] == [(4900, 0, reason)]


def test_a_reversed_line_carries_its_own_rate():
    quote = compute([TaxableLine(-2613, carried=DE), TaxableLine(5280)], [FR, FR])
    assert [(group.jurisdiction, group.amount) for group in quote.groups] == [("DE", -496), ("FR", 1056)]
    assert sum(line.net + line.tax for line in quote.lines) == 3227


def test_lines_of_one_rate_but_another_category_are_another_group():
    quote = compute([TaxableLine(100), TaxableLine(100)], [DE, AppliedRate("DE", "VAT", Decimal(19), "books")])
    assert [group.category for group in quote.groups] == [STANDARD, "books"]


def test_one_rate_a_line():
    with pytest.raises(ValueError, match="zip"):
        compute([TaxableLine(100)], [])


@pytest.mark.parametrize("rate", ["-1", "100.1"])
def test_a_rate_is_a_percentage(rate):
    with pytest.raises(ValueError, match="0 to 100"):
        AppliedRate("DE", "VAT", Decimal(rate))


def test_a_reason_means_no_tax():
    with pytest.raises(ValueError, match="rate 0"):
        AppliedRate("DE", "VAT", Decimal(19), STANDARD, Reason.EXEMPT)


@given(st.lists(st.tuples(lines, rates), max_size=12))
def test_parts_sum_to_the_whole(members):
    quote = compute([line for line, _ in members], [rate for _, rate in members])
    assert sum(line.tax for line in quote.lines) == quote.tax
    assert sum(line.net for line in quote.lines) == sum(group.taxable_amount for group in quote.groups)
    for (line, rate), result in zip(members, quote.lines, strict=True):
        assert abs(result.tax - exact_tax(line, rate.rate)) < 1
        if line.behavior == Behavior.INCLUSIVE:
            assert result.net + result.tax == line.amount
        else:
            assert result.net == line.amount


@given(st.lists(amounts, min_size=1, max_size=12), percents)
def test_a_group_of_exclusive_lines_is_taxed_on_its_sum(values, percent):
    quote = taxes(values, rate=AppliedRate("DE", "VAT", percent))
    assert quote.tax == rounded(sum(values) * Fraction(percent) / 100)


@given(st.lists(amounts, min_size=1, max_size=12), percents, st.sampled_from(list(Behavior)))
def test_a_credit_of_everything_is_exactly_the_opposite(values, percent, behavior):
    rate = AppliedRate("DE", "VAT", percent)
    charged, credited = taxes(values, behavior, rate), taxes([-value for value in values], behavior, rate)
    assert [(-line.net, -line.tax) for line in credited.lines] == [(line.net, line.tax) for line in charged.lines]
