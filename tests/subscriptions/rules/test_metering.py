"""What a period's usage comes to: runs of charges over changes of plan, minimums by days, what was billed before."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID, uuid4

import pytest

from apps.kernel.errors import Invalid
from apps.kernel.periods import Period
from apps.plans.rules import Charge, charge, checked
from apps.plans.rules.rating import Kind, Usage
from apps.subscriptions.rules.metering import (
    Billed,
    Run,
    Segment,
    days_between,
    discount_back,
    due,
    missing_to_commitment,
    not_billed_yet,
    runs,
)

APRIL = Period(date(2026, 4, 1), date(2026, 5, 1))
ONE, TWO, THREE = (uuid4() for _ in range(3))


def priced(unit_price: str = "10", **given: Any) -> Charge:
    """A charge per unit that the catalogue would take; `minimum` and `maximum` are of its price."""
    price = {name: given.pop(name) for name in ("minimum", "maximum") if name in given}
    document = {
        "key": "api", "metric": "calls", "model": "per_unit",
        "prices": {"USD": {"tiers": [{"unit_price": unit_price}], **price}}, **given,
    }  # fmt: skip
    found, wrong = checked({"prices": {"USD": 0}, "interval": "month", "charges": [document]})
    assert wrong == []
    return charge(found["charges"][0])


def day(number: int) -> datetime:
    return datetime(2026, 4, number, tzinfo=UTC)


def segment(version_id: UUID, first: int, last: int) -> Segment:
    """Days [first, last) of April."""
    return Segment(version_id, days_between(date(2026, 4, first), date(2026, 4, last)), day(first), day(last))


def of(*parts: tuple[Segment, Charge]) -> Run:
    return Run(parts)


def used(quantity: int) -> list[Usage]:
    return [Usage(Decimal(quantity), quantity)]


def keys(found: list[Run]) -> list[tuple[str, list[tuple[int, int]]]]:
    return [(run.charge.key, [(each.begins.day, each.ends.day) for each, _ in run.parts]) for run in found]


def test_a_segment_has_its_share_of_the_full_period() -> None:
    assert segment(ONE, 1, 11).share(APRIL) == Fraction(1, 3)
    assert segment(ONE, 5, 5).days is None
    assert segment(ONE, 5, 5).share(APRIL) == 0


def test_a_run_is_known_by_its_first_part_and_costs_what_its_last_says() -> None:
    first, last = priced(key="old"), priced(key="new")
    run = of((segment(ONE, 1, 11), first), (segment(TWO, 11, 21), first), (segment(THREE, 21, 30), last))
    assert (run.key, run.charge) == (("old", day(1)), last)
    assert (run.begins, run.ends) == (day(1), day(30))


def test_minimum_and_maximum_are_those_of_each_part_for_its_days() -> None:
    run = of(
        (segment(ONE, 1, 11), priced(minimum=300, maximum=3000)),
        (segment(TWO, 11, 21), priced(minimum=600, maximum=9000)),
    )
    assert run.minimum("USD", APRIL) == 100 + 200
    assert run.maximum("USD", APRIL) == 1000 + 3000
    open_ended = of((segment(ONE, 1, 11), priced(maximum=3000)), (segment(TWO, 11, 21), priced()))
    assert open_ended.maximum("USD", APRIL) is None
    assert open_ended.minimum("USD", APRIL) == 0


def test_what_counts_alike_at_equal_prices_goes_on_as_one_run() -> None:
    charges: Mapping[UUID, list[Charge]] = {ONE: [priced(minimum=5)], TWO: [priced(key="renamed", minimum=7)]}
    found = runs([segment(ONE, 1, 11), segment(TWO, 11, 21)], charges, "USD")
    assert keys(found) == [("renamed", [(1, 11), (11, 21)])]
    assert found[0].parts[0][1].key == "api"


def test_each_charge_goes_on_in_its_own_run() -> None:
    both = [priced(), priced(key="traffic", metric="bytes")]
    found = runs([segment(ONE, 1, 11), segment(TWO, 11, 21)], {ONE: both, TWO: both[::-1]}, "USD")
    assert keys(found) == [("api", [(1, 11), (11, 21)]), ("traffic", [(1, 11), (11, 21)])]
    assert [{charge.key for _, charge in run.parts} for run in found] == [{"api"}, {"traffic"}]


@pytest.mark.parametrize(
    "other",
    [
        {"unit_price": "11"}, {"metric": "bytes"}, {"aggregation": "max"}, {"filter": {"region": ["eu"]}},
        {"group_by": ["region"]}, {"model": "graduated"},
    ],
)  # fmt: skip
def test_what_is_counted_or_priced_otherwise_starts_anew(other: dict[str, Any]) -> None:
    charges = {ONE: [priced()], TWO: [priced(**other)]}
    found = runs([segment(ONE, 1, 11), segment(TWO, 11, 21)], charges, "USD")
    assert keys(found) == [("api", [(1, 11)]), ("api", [(11, 21)])]


def test_what_comes_back_after_others_starts_anew() -> None:
    charges = {ONE: [priced()], TWO: [priced("11")], THREE: []}
    for between in (TWO, THREE):
        found = runs([segment(ONE, 1, 11), segment(between, 11, 21), segment(ONE, 21, 30)], charges, "USD")
        assert [each for each in keys(found) if each[1][0][0] in (1, 21)] == [("api", [(1, 11)]), ("api", [(21, 30)])]


def test_filters_in_another_order_are_the_same() -> None:
    charges = {
        ONE: [priced(filter={"region": ["eu", "us"], "model": ["large"]})],
        TWO: [priced(filter={"model": ["large"], "region": ["eu", "us"]})],
    }
    assert len(runs([segment(ONE, 1, 11), segment(TWO, 11, 21)], charges, "USD")) == 1


def test_two_charges_of_one_version_never_share_a_run() -> None:
    twice = [priced(), priced(key="again")]
    found = runs([segment(ONE, 1, 11), segment(TWO, 11, 21)], {ONE: twice, TWO: twice}, "USD")
    assert sum(len(run.parts) for run in found) == 4
    for run in found:
        assert len({each.begins for each, _ in run.parts}) == len(run.parts)


def test_a_version_without_charges_has_no_run() -> None:
    assert runs([segment(ONE, 1, 11)], {}, "USD") == []


def test_due_is_what_it_has_come_to_less_what_was_billed() -> None:
    run = of((segment(ONE, 1, 30), priced()))
    fresh = due(run, used(50), "USD", APRIL, Billed())
    assert (fresh.usage, fresh.minimum, fresh.total) == (500, 0, 500)
    assert [part.amount for part in fresh.parts] == [500]
    more = due(run, used(50), "USD", APRIL, Billed(usage=200))
    assert (more.usage, more.minimum, more.total) == (300, 0, 500)
    assert [(part.kind, part.amount) for part in more.parts] == [(Kind.TIER, 500), (Kind.BILLED_BEFORE, -200)]
    assert more.parts[-1].quantity == 1
    assert more.parts[-1].above == 0
    less = due(run, used(10), "USD", APRIL, Billed(usage=200))
    assert (less.usage, sum(part.amount for part in less.parts)) == (-100, -100)


def test_a_minimum_is_due_for_its_days_and_goes_back_when_usage_reaches_it() -> None:
    run = of((segment(ONE, 1, 16), priced(minimum=3000)))
    short = due(run, used(50), "USD", APRIL, Billed())
    assert (short.usage, short.minimum, short.total) == (500, 1000, 1500)
    reached = due(run, used(140), "USD", APRIL, Billed(usage=500, minimum=1000))
    assert (reached.usage, reached.minimum, reached.total) == (900, -900, 1500)
    beyond = due(run, used(200), "USD", APRIL, Billed(usage=500, minimum=1000))
    assert (beyond.usage, beyond.minimum, beyond.total) == (1500, -1000, 2000)


def test_a_maximum_cuts_for_its_days_and_a_trial_has_neither() -> None:
    run = of((segment(ONE, 1, 16), priced(minimum=3000, maximum=4000)))
    assert due(run, used(900), "USD", APRIL, Billed()).usage == 2000
    trial = due(run, used(900), "USD", None, Billed())
    assert (trial.usage, trial.minimum) == (9000, 0)
    assert due(run, used(0), "USD", None, Billed()).minimum == 0


def test_what_is_too_much_is_refused_with_its_minimum() -> None:
    run = of((segment(ONE, 1, 30), priced(str(10**6))))
    with pytest.raises(Invalid, match="usage line"):
        due(run, used(10**9 + 1), "USD", APRIL, Billed())


def test_a_commitment_misses_what_was_not_billed() -> None:
    parts = [(3000, segment(ONE, 1, 11)), (6000, segment(TWO, 11, 21))]  # 1000 and 2000 for their days
    assert missing_to_commitment(parts, APRIL, billed=0, before=0) == 3000
    assert missing_to_commitment(parts, APRIL, billed=2999, before=0) == 1
    assert missing_to_commitment(parts, APRIL, billed=5000, before=0) == 0
    assert missing_to_commitment(parts, APRIL, billed=1000, before=1500) == 500
    assert missing_to_commitment(parts, APRIL, billed=3500, before=400) == -400


def test_the_share_of_the_discount_goes_back_with_a_credit() -> None:
    assert discount_back(500, off=100, charged=1000) == 50
    assert discount_back(1, off=1, charged=2) == 1  # half away from zero
    assert discount_back(500, off=0, charged=1000) == 0
    assert discount_back(500, off=100, charged=0) == 0


def test_what_is_not_billed_yet_is_the_greater_of_usage_and_minimum() -> None:
    assert not_billed_yet(500, 300, 200) == 300
    assert not_billed_yet(300, 500, 200) == 300


def test_no_days_between_a_day_and_itself() -> None:
    assert days_between(date(2026, 4, 1), date(2026, 4, 1)) is None
    assert days_between(date(2026, 4, 2), date(2026, 4, 1)) is None
    assert days_between(date(2026, 4, 1), date(2026, 4, 2)) == Period(date(2026, 4, 1), date(2026, 4, 2))
