"""Events recorded: taken, repeated or refused, each on its own."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.clocks.actions import create as create_clock
from apps.usage.actions.record import record
from apps.usage.actions.storing import FEW
from apps.usage.actions.windows import Closing, close_windows
from apps.usage.models import UsageEvent
from apps.usage.rules import refusals
from tests.factories.accounts import ACTOR
from tests.factories.usage import AT, START, event, meter, opened

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
MOMENT = timedelta(microseconds=1)


def codes(receipt):
    return {index: error.code for index, error in receipt.refused.items()}


def code(*events, at=AT):
    """The one refusal of these events, if there is any."""
    return next(iter(codes(record(events, at=at)).values()), None)


@pytest.mark.fr("FR-072", "FR-073")
def test_taken_repeated_and_refused_in_one_batch():
    one = opened(external_key="contract-7")
    properties = {"region": "eu", "emoji": "\U0001f600", "text": 'a\\b\n\t"', "n": Decimal("1.10")}
    first = event(one.subscription_id, quantity="1.50", properties=properties)
    other = event(None, subscription_external_key="contract-7", quantity=2)
    receipt = record([first, other, first, event(uuid4()), event(one.subscription_id, metric="seats")], at=AT)
    assert sorted(receipt.stored) == [0, 1]
    assert list(receipt.repeated) == [2]
    assert codes(receipt) == {3: "subscription_unknown", 4: "metric_unknown"}
    assert "api_calls" in receipt.refused[4].hint
    row = UsageEvent.objects.get(pk=receipt.stored[0])
    assert (row.quantity, row.timestamp, row.received_at) == (Decimal("1.5"), AT, AT)
    assert {**row.properties, "n": "1.10"} == {**properties, "n": "1.10"}
    assert row.idempotency_key == first.idempotency_key
    again = record([first, event(one.subscription_id)], at=AT)
    assert (list(again.stored), list(again.repeated)) == ([1], [0])
    assert UsageEvent.objects.count() == 3


@pytest.mark.parametrize("others", [0, FEW])
@pytest.mark.parametrize("key", ["a\tb", "a\nb\r", "\\N", "\\.", "\\", "emoji \U0001f600", "'; --", "\x85\u2028", "%s"])
def test_whatever_a_key_is_it_is_kept_as_it_is(key, others):
    one = opened()
    more = [event(one.subscription_id) for _ in range(others)]
    receipt = record([event(one.subscription_id, idempotency_key=key, properties={key: key}), *more], at=AT)
    row = UsageEvent.objects.get(pk=receipt.stored[0])
    assert (row.idempotency_key, row.properties) == (key, {key: key})
    assert list(record([event(one.subscription_id, idempotency_key=key)], at=AT).repeated) == [0]


@pytest.mark.fr("FR-073")
def test_a_repeated_key_is_success_whatever_else_has_changed():
    one, other = opened(), opened()
    sent = event(one.subscription_id)
    record([sent], at=AT)
    key = sent.idempotency_key
    again = [
        event(other.subscription_id, idempotency_key=key, quantity=9),
        event(uuid4(), idempotency_key=key),
        event(one.subscription_id, idempotency_key=key, timestamp=AT + 30 * DAY),
        event(one.subscription_id, idempotency_key=key, quantity="-1"),
        event(one.subscription_id, idempotency_key=key, quantity="x"),
        event(one.subscription_id, idempotency_key=key, metric=None),
    ]
    close_windows([Closing(one.subscription_id, AT - DAY, AT)])
    receipt = record([*again, event(one.subscription_id)], at=AT)
    assert sorted(receipt.repeated) == [0, 1, 2, 3, 4, 5]
    assert codes(receipt) == {6: "subscription_not_metered"}
    assert UsageEvent.objects.count() == 1


def test_of_one_key_in_a_batch_the_first_that_is_taken_counts():
    one = opened()
    key = "k"
    receipt = record(
        [
            event(one.subscription_id, idempotency_key=key, timestamp=AT + DAY),
            event(one.subscription_id, idempotency_key=key, quantity=3),
            event(one.subscription_id, idempotency_key=key, quantity=4),
        ],
        at=AT,
    )
    assert (list(receipt.stored), sorted(receipt.repeated), receipt.refused) == ([1], [0, 2], {})
    assert UsageEvent.objects.get().quantity == 3


@pytest.mark.fr("FR-078", "FR-079")
def test_windows_and_their_bounds():
    one, end = opened(), START + 10 * DAY
    close_windows([Closing(one.subscription_id, end, end + 7 * DAY)])
    sent = {"before": START - MOMENT, "first": START, "last": end - MOMENT, "end": end}
    events = [event(one.subscription_id, timestamp=stamp) for stamp in sent.values()]
    assert codes(record(events, at=end + 7 * DAY - MOMENT)) == {
        0: "subscription_not_metered", 3: "subscription_not_metered",
    }  # fmt: skip
    late = record([event(one.subscription_id, timestamp=end - MOMENT)], at=end + 7 * DAY)
    assert codes(late) == {0: "event_too_late"}
    assert "2026-04-18T00:00:00+00:00" in late.refused[0].detail


@pytest.mark.fr("FR-077")
def test_time_and_quantity_and_metric():
    one = opened(
        metrics={"api_calls": [meter()], "credits": [meter(negative=True)], "both": [meter(), meter(negative=True)]}
    )
    own = one.subscription_id
    assert code(event(own, timestamp=AT + timedelta(minutes=5))) is None
    assert code(event(own, timestamp=AT + timedelta(minutes=5) + MOMENT)) == "timestamp_in_future"
    assert code(event(own, quantity="-0.1")) == "quantity_negative"
    assert code(event(own, quantity="-0")) is None
    assert code(event(own, quantity=0)) is None
    assert code(event(own, metric="credits", quantity=-5)) is None
    assert code(event(own, metric="both", quantity=-5)) == "quantity_negative"
    assert code(event(own, metric="API_CALLS")) == "metric_unknown"
    assert code(event(subscription_id="not-an-id")) == code(event(subscription_id="x" * 36)) == "subscription_unknown"
    assert code(event(subscription_id=str(own).upper())) is None
    assert code(event(subscription_id=own.hex)) == "subscription_unknown"
    assert code(event(None, subscription_external_key="nobody's")) == "subscription_unknown"
    assert code(event(own, timestamp=AT.replace(year=1))) == "subscription_not_metered"
    assert code(refusals.malformed("x")) == "event_malformed"


@pytest.mark.fr("B-01")
def test_an_account_on_a_test_clock_lives_at_its_time():
    there = AT.replace(year=2031)
    clock = create_clock(frozen_time=there, name="later", actor=ACTOR)
    one = opened(clock_id=clock.pk, starts_at=there - DAY)
    assert code(event(one.subscription_id, timestamp=there)) is None
    assert UsageEvent.objects.get().received_at == there
    assert code(event(one.subscription_id, timestamp=there + DAY)) == "timestamp_in_future"
    assert code(event(one.subscription_id, timestamp=AT)) == "subscription_not_metered"


def test_a_batch_costs_a_fixed_number_of_queries():
    ones = [opened(external_key=f"key-{n}") for n in range(30)]
    with CaptureQueriesContext(connection) as queries:
        record([event(one.subscription_id) for one in ones[:FEW]], at=AT)
    # The windows, and one statement that writes.
    assert len(queries) == 2, [query["sql"][:100] for query in queries]
    plain = [event(one.subscription_id) for one in ones]
    with CaptureQueriesContext(connection) as queries:
        record(plain, at=AT)
    # The windows; a savepoint (a transaction elsewhere) around the keys and the COPY.
    assert len(queries) == 5, [query["sql"][:100] for query in queries]
    mixed = [*plain, *(event(None, subscription_external_key=one.external_key) for one in ones), event(uuid4())]
    with CaptureQueriesContext(connection) as queries:
        record(mixed * 2, at=AT)
    # Which names are unknown, which keys of refused events are known.
    assert len(queries) == 7, [query["sql"][:100] for query in queries]


def test_an_external_key_that_looks_like_an_id_is_no_id():
    one = opened()
    other = opened(external_key=str(one.subscription_id))
    own = str(one.subscription_id)
    receipt = record([event(own), event(None, subscription_external_key=own)], at=AT)
    rows = [UsageEvent.objects.get(pk=receipt.stored[index]).subscription_id for index in (0, 1)]
    assert rows == [one.subscription_id, other.subscription_id]
    third = str(opened().subscription_id)
    assert code(event(third), event(None, subscription_external_key=third)) == "subscription_unknown"


def test_nothing_is_nothing():
    receipt = record([], at=AT)
    assert (receipt.stored, receipt.repeated, receipt.refused) == ({}, {}, {})
