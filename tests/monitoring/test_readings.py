"""Each gauge that is registered can be read from a real database and a real broker."""

from datetime import timedelta

import pytest
import redis
from django.conf import settings

from apps.kernel import clock
from apps.kernel.schedule import Scope
from apps.monitoring import collectors, readings
from apps.subscriptions.actions.run import run_due
from apps.subscriptions.models import BillingRun, Subscription
from billing_project import celery
from tests.factories.subscriptions import ACTOR
from tests.subscriptions.lives import MAY, many

OF_THE_BROKER = {"celery_queue_depth", "redis_cache_hits_total", "redis_cache_misses_total"}
ABSENT = {
    "billing_run_progress_ratio", "billing_run_last_success_timestamp_seconds", "mrr_dollars",
    "revenue_per_customer_dollars", "synthetic_probe_success", "synthetic_probe_timestamp_seconds",
    "backup_last_success_timestamp_seconds", "infrastructure_cost_dollars",
}  # fmt: skip
"""What has no value in an empty company: no run, no revenue, no probe, no backup, no bill."""


def test_the_queues_are_those_that_are_declared() -> None:
    assert readings.QUEUES == celery.QUEUES


@pytest.mark.django_db
def test_every_gauge_of_an_empty_company_is_zero() -> None:
    for reading in collectors.registered():
        if reading.name not in OF_THE_BROKER:
            found = list(reading.load())
            assert bool(found) is (reading.name not in ABSENT), reading.name
            whole = 1 if reading.name == "slo_error_budget_remaining_ratio" else 0
            assert {value for _, value in found} <= {whole}, reading.name


@pytest.mark.django_db
def test_a_run_is_seen_while_it_runs_and_when_it_has_finished() -> None:
    many(4)
    left = BillingRun.objects.create(at=MAY, due=8, done=2, failed=1)
    assert list(readings.billing_run_active()) == [([], 1.0)]
    assert list(readings.billing_run_progress()) == [([], 3 / 8)]
    assert list(readings.billing_run_last_success()) == []
    run_due(at=MAY, scope=Scope(), actor=ACTOR)
    left.refresh_from_db()
    assert left.finished_at is not None
    assert (list(readings.billing_run_active()), list(readings.billing_run_progress())) == ([([], 0.0)], [])
    assert list(readings.billing_run_last_success()) == [([], left.finished_at.timestamp())]


def test_queue_depth_is_what_waits_in_the_broker() -> None:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        before = {labels[0]: value for labels, value in readings.queue_depth()}
        assert before.keys() == set(celery.QUEUES)
        client.rpush("usage", "x")
        try:
            assert {labels[0]: value for labels, value in readings.queue_depth()}["usage"] == before["usage"] + 1
        finally:
            client.lrem("usage", 1, "x")


@pytest.mark.django_db
def test_a_run_that_waits_for_a_person_is_not_slow() -> None:
    BillingRun.objects.create(at=MAY, due=8, done=2, failed=1, status="PAUSED")
    assert list(readings.billing_run_active()) == [([], 0.0)]


@pytest.mark.django_db
def test_the_longest_due_subscription_says_how_late_billing_is() -> None:
    many(1)
    Subscription.objects.update(next_billing_at=clock.wall() - timedelta(hours=3))
    ((_, age),) = readings.billing_oldest_due_age()
    assert age == pytest.approx(3 * 3600, abs=600)


def test_what_redis_found_and_did_not_find_is_counted() -> None:
    (_, hits), (_, misses) = *readings.cache_hits(), *readings.cache_misses()
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.get("nobody:has:this:key")
    (_, later) = next(iter(readings.cache_misses()))
    assert later > misses
    assert hits >= 0
