"""What PostgreSQL refuses of usage, whoever asks."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from apps.usage.models import MeterWindow, UsageEvent
from tests.factories.usage import START, opened, used

pytestmark = pytest.mark.django_db


def refused(statement, parameters=(), match=""):
    with pytest.raises(IntegrityError, match=match), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def test_rows_are_final():
    used(opened().subscription_id, 1)
    for statement in (
        "UPDATE usage_event SET quantity = 2",
        "DELETE FROM usage_event",
        "UPDATE usage_key SET digest = gen_random_uuid()",
        "DELETE FROM usage_key",
        "DELETE FROM usage_generation",
    ):
        refused(statement, match="final")
    assert UsageEvent.objects.count() == 1


def test_windows_of_a_subscription_never_overlap():
    one = opened()
    row = (
        "INSERT INTO usage_meterwindow (id, created_at, subscription_id, account_id, timezone, starts_at, ends_at,"
        " accept_until, metrics) VALUES (gen_random_uuid(), now(), %s, gen_random_uuid(), 'UTC', %s, %s, %s, '{}')"
    )
    end, later = START + timedelta(days=1), START + timedelta(days=3)
    refused(row, [one.subscription_id, later, None, None], "usage_windows_never_overlap")
    refused(row, [one.account_id, START, START, later], "usage_window_ends")
    refused(row, [one.account_id, START, end, None], "usage_window_ends")
    refused(row, [one.account_id, START, later, end], "usage_window_ends")
    assert MeterWindow.objects.count() == 1


def test_a_quantity_beyond_64_bits_is_no_quantity():
    refused(
        "INSERT INTO usage_event (id, subscription_id, metric, quantity, timestamp, received_at, idempotency_key)"
        " VALUES (gen_random_uuid(), gen_random_uuid(), 'm', 9223372036854775808, now(), now(), 'k')",
        match="quantity",
    )
