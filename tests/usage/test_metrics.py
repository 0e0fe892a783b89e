"""Events counted by what became of them."""

import pytest

from apps.usage.actions.record import record
from apps.usage.metrics import usage_events_ingested
from tests.factories.usage import AT, event, opened


def counted():
    return {
        result: usage_events_ingested.labels(result=result)._value.get()
        for result in ("accepted", "duplicate", "rejected")
    }


@pytest.mark.django_db
def test_counted_on_commit(django_capture_on_commit_callbacks):
    one, before = opened(), counted()
    sent = event(one.subscription_id)
    with django_capture_on_commit_callbacks(execute=True):
        record([sent, sent, event(one.subscription_id), event(one.subscription_id, metric="x")], at=AT)
    after = counted()
    assert {name: after[name] - before[name] for name in after} == {"accepted": 2, "duplicate": 1, "rejected": 1}
