"""Caps that refuse: exact within a batch, within a second across batches."""

from datetime import timedelta
from decimal import Decimal

import pytest

from apps.kernel import clock
from apps.usage.actions import caps
from apps.usage.actions.record import record
from apps.usage.actions.windows import Closing, turn_windows
from tests.factories.usage import AT, event, meter, opened, window

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def now(monkeypatch):
    """Monotonic seconds that stand still unless moved."""
    seconds = [1000]
    monkeypatch.setattr(clock, "monotonic", lambda: seconds[0])
    monkeypatch.setattr(caps, "_running", {})
    return seconds


def capped(aggregation="sum", cap="10", **fields):
    return opened(metrics={"api_calls": [meter(aggregation, cap=Decimal(cap), **fields)]})


def refused(one, *quantities, **fields):
    """Which places are refused for the cap."""
    receipt = record([event(one.subscription_id, quantity=quantity, **fields) for quantity in quantities], at=AT)
    assert {error.code for error in receipt.refused.values()} <= {"cap_reached"}
    return sorted(receipt.refused)


@pytest.mark.fr("FR-080")
def test_exact_within_a_batch_and_from_batch_to_batch(now):
    one = capped()
    assert refused(one, "6", "5", "4", "0.5") == [1, 3]
    assert refused(one, "0", "1") == [1]
    now[0] += 2
    assert refused(one, "0", "1") == [1]


def test_what_others_have_recorded_is_seen_after_a_second(now):
    one = capped()
    assert refused(one, "1") == []
    record([event(one.subscription_id, quantity=9)], at=AT, correcting=True)
    assert refused(one, "9") == []
    now[0] += 1
    assert refused(one, "0.1") == [0]


@pytest.mark.parametrize(
    ("aggregation", "cap", "unique_by"), [("unique_count", "2", None), ("unique_count", "2", "user")]
)
def test_unique_counts_know_what_was_there(now, aggregation, cap, unique_by):
    one = capped(aggregation, cap, unique_by=unique_by)

    def send(*names):
        return record(
            [event(one.subscription_id, quantity=name, properties={"user": f"u{name}"}) for name in names], at=AT
        ).refused

    assert list(send(1, 2, 1, 3)) == [3]
    now[0] += 2
    assert list(send(3, 2, 4, 1)) == [0, 2]


def test_filters_repetitions_and_periods():
    one = capped("count", "2", filter={"region": ["eu"]})
    sent = [event(one.subscription_id, properties={"region": region}) for region in ("eu", "us", "eu", "us", "eu")]
    receipt = record([*sent, sent[0], sent[2]], at=AT)
    assert (sorted(receipt.refused), sorted(receipt.repeated)) == ([4], [5, 6])
    assert sorted(record(sent, at=AT).repeated) == [0, 1, 2, 3]
    turn_windows(
        [Closing(one.subscription_id, AT + timedelta(seconds=1), AT + timedelta(days=7))],
        [window(subscription_id=one.subscription_id, starts_at=AT + timedelta(seconds=1), metrics=one.metrics)],
    )
    receipt = record(
        [event(one.subscription_id, timestamp=AT + timedelta(seconds=2), properties={"region": "eu"})], at=AT
    )
    assert not receipt.refused


def test_the_memory_of_totals_is_bounded(monkeypatch):
    monkeypatch.setattr(caps, "MOST", 3)
    for _ in range(6):
        assert refused(capped(), "1") == []
    assert len(caps._running) <= 4
