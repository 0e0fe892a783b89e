"""What usage comes to: against a naive oracle, whatever the order, the batches and the repetitions."""

from datetime import timedelta
from fractions import Fraction
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.usage.actions.record import record
from apps.usage.queries.totals import Asked, totals
from apps.usage.rules.meters import Aggregation, Meter
from tests.factories.usage import AT, START, event, meter, opened, used
from tests.usage import oracle

pytestmark = pytest.mark.django_db
END = START + timedelta(days=30)

METERS = [
    Meter("api_calls", aggregation, filter, groups, unique_by)
    for aggregation in Aggregation
    for filter in ({}, {"region": ["eu", "us"]}, {"region": "eu", "tier": [1, True]})
    for groups in ((), ("region",), ("region", "tier"))
    for unique_by in ((None, "user") if aggregation is Aggregation.UNIQUE_COUNT else (None,))
]
SENT = st.lists(
    st.tuples(
        st.integers(0, 6).map(lambda hours: AT - timedelta(hours=hours)),
        st.sampled_from(["0", "1", "1.5", "2.000000000001", "9223372036854775807", "3"]),
        st.fixed_dictionaries(
            {},
            optional={
                "region": st.sampled_from(["eu", "us", "asia", None]),
                "tier": st.sampled_from([1, 2, True, "1"]),
                "user": st.sampled_from(["ada", "bob", 7]),
            },
        ),
    ),
    max_size=25,
)


def asked(subscription_id, meters=METERS, since=START, until=END):
    return [Asked(subscription_id, each, since, until) for each in meters]


@pytest.mark.fr("FR-074", "FR-077")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sent=SENT, data=st.data())
def test_as_the_oracle_has_it_in_any_order_batches_and_repetitions(sent, data):
    one = opened(metrics={"api_calls": (meter(),)})
    keyed = [
        (stamp, f"{one.subscription_id}/{n}", quantity, properties)
        for n, (stamp, quantity, properties) in enumerate(sent)
    ]
    repeated = data.draw(st.lists(st.sampled_from(keyed), max_size=8)) if keyed else []
    order = data.draw(st.permutations(keyed + repeated))
    size = data.draw(st.integers(1, 40))
    for start in range(0, len(order), size):
        batch = [
            event(one.subscription_id, timestamp=stamp, idempotency_key=key, quantity=quantity, properties=properties)
            for stamp, key, quantity, properties in order[start : start + size]
        ]
        assert not record(batch, at=AT).refused
    found = totals(asked(one.subscription_id)).totals
    for each, own in zip(METERS, found, strict=True):
        shown = {tuple(total.group.values()): (Fraction(total.quantity), total.events) for total in own}
        assert shown == oracle.total(each, keyed), each


def test_many_subscriptions_and_meters_are_one_query():
    subscriptions = [opened().subscription_id for _ in range(5)]
    for n, each in enumerate(subscriptions):
        used(each, *range(1, n + 2))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        found = totals([request for each in subscriptions for request in asked(each)])
    assert len(queries) == 1
    sums = [own[0].quantity for own in found.totals[:: len(METERS)]]
    assert sums == [1, 3, 6, 10, 15]
    assert totals([]).totals == []


def test_nothing_comes_to_nothing_and_bounds_are_half_open():
    one = opened()
    used(one.subscription_id, 5, timestamp=START)
    used(one.subscription_id, 7, timestamp=START + timedelta(days=1))
    both = asked(one.subscription_id, [Meter("api_calls", Aggregation.SUM)], START, START + timedelta(days=1))
    assert [total.quantity for total in totals(both).totals[0]] == [5]
    assert totals(asked(uuid4(), METERS)).totals == [[] for _ in METERS]


def test_the_values_of_a_sum():
    one = opened()
    used(one.subscription_id, "1.50", "1.5", 3, 3, 3)
    (own,) = totals([Asked(one.subscription_id, Meter("api_calls", Aggregation.SUM), START, END, values=True)]).totals
    assert [(total.quantity, total.events, total.values) for total in own] == [(12, 5, {Fraction(3, 2): 2, 3: 3})]


def test_of_one_timestamp_the_key_that_sorts_last_is_the_last():
    one = opened()
    for keys in (["b", "a", "Z"], ["ä"]):
        record(
            [
                event(one.subscription_id, quantity=ord(key), idempotency_key=f"{one.subscription_id}{key}")
                for key in keys
            ],
            at=AT,
        )
    (own,) = totals(asked(one.subscription_id, [Meter("api_calls", Aggregation.LAST)])).totals
    assert own[0].quantity == ord("ä")


def test_sums_beyond_the_digits_of_a_decimal_are_exact():
    one = opened()
    used(one.subscription_id, *["9223372036854775806.999999999999"] * 3)
    plain, values = totals(
        [
            Asked(one.subscription_id, Meter("api_calls", Aggregation.SUM), START, END, values=values)
            for values in (False, True)
        ]
    ).totals
    assert str(plain[0].quantity) == str(values[0].quantity) == "27670116110564327420.999999999997"
