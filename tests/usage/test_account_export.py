"""The usage of an account's export: all of it, in an order that one index has, whoever else has used what."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.registry import SECTIONS
from apps.kernel.ids import uuid7
from apps.usage import account_export
from apps.usage.models import UsageEvent
from tests.factories.usage import AT, CALLS, opened, used

pytestmark = [pytest.mark.django_db, pytest.mark.fr("FR-015")]

TWO = {"api_calls": CALLS["api_calls"], "bytes": CALLS["api_calls"]}


@pytest.fixture
def subscriptions(monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    """Those of the one account: three, of which the last has used nothing. Somebody else's has used the same."""
    made = sorted(opened(metrics=TWO).subscription_id for _ in range(3))
    other = opened(metrics=TWO).subscription_id
    for subscription_id in (*made[:2], other):
        for metric in ("bytes", "api_calls"):
            used(subscription_id, 1, 2, 3, metric=metric)
            used(subscription_id, 4, metric=metric, timestamp=AT - timedelta(days=2))
    monkeypatch.setattr(account_export, "subscriptions_of", lambda account_id: made)
    return made


@pytest.mark.parametrize("size", [1, 2, 3, 4, 8, 9, 100])
def test_each_event_comes_once_in_order(subscriptions: list[UUID], size: int) -> None:
    """Also where many are of the same instant, and wherever a piece ends."""
    found = [row.pk for piece in SECTIONS["usage"].read(uuid7(), size) for row in piece]
    rows = UsageEvent.objects.filter(subscription_id__in=subscriptions)
    assert found == list(rows.order_by("subscription_id", "metric", "timestamp", "pk").values_list("pk", flat=True))
    assert len(found) == len(set(found)) == 16


def test_what_is_used_meanwhile_neither_repeats_nor_hides(subscriptions: list[UUID]) -> None:
    before = set(UsageEvent.objects.filter(subscription_id__in=subscriptions).values_list("pk", flat=True))
    parts = SECTIONS["usage"].read(uuid7(), 3)
    read = [row.pk for row in next(parts)]
    used(subscriptions[0], 5, timestamp=AT - timedelta(days=3))
    used(subscriptions[1], 6, timestamp=AT - timedelta(days=3))
    read += [row.pk for piece in parts for row in piece]
    assert set(read) >= before
    assert len(read) == len(set(read)) == 17


def test_a_subscription_that_has_used_nothing_costs_nothing(subscriptions: list[UUID]) -> None:
    with CaptureQueriesContext(connection) as asked:
        list(SECTIONS["usage"].read(uuid7(), 100))
    # Who has used anything; a piece of each that has.
    assert len(asked) == 1 + 2
