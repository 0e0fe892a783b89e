"""Events recorded: taken, repeated or refused, each on its own."""

from uuid import uuid4

import pytest

from apps.usage.actions.record import record
from apps.usage.models import UsageEvent
from tests.factories.usage import AT, event, opened

pytestmark = pytest.mark.django_db


def codes(receipt):
    return {index: error.code for index, error in receipt.refused.items()}


@pytest.mark.fr("FR-072", "FR-073")
def test_taken_repeated_and_refused_in_one_batch():
    one = opened(external_key="contract-7")
    first = event(
        one.subscription_id, quantity="1.50", properties={"region": "eu", "emoji": "\U0001f600", "t": "a\\b\n"}
    )
    other = event(None, subscription_external_key="contract-7", quantity=2)
    receipt = record([first, other, first, event(uuid4()), event(one.subscription_id, metric="seats")], at=AT)
    assert sorted(receipt.stored) == [0, 1]
    assert list(receipt.repeated) == [2]
    assert codes(receipt) == {3: "subscription_unknown", 4: "metric_unknown"}
    assert "api_calls" in receipt.refused[4].hint
    row = UsageEvent.objects.get(pk=receipt.stored[0])
    assert (row.quantity, row.properties, row.timestamp, row.received_at) == (1.5, first.properties, AT, AT)
    assert row.idempotency_key == first.idempotency_key
    again = record([first, event(one.subscription_id)], at=AT)
    assert (list(again.stored), list(again.repeated)) == ([1], [0])
    assert UsageEvent.objects.count() == 3
