"""Each gauge that is registered can be read from a real database and a real broker."""

import pytest
import redis
from django.conf import settings

from apps.kernel.schedule import Scope
from apps.monitoring import collectors, readings
from apps.subscriptions.actions.run import run_due
from apps.subscriptions.models import BillingRun
from billing_project import celery
from tests.factories.subscriptions import ACTOR
from tests.subscriptions.lives import MAY, many


def test_the_queues_are_those_that_are_declared() -> None:
    assert readings.QUEUES == celery.QUEUES


@pytest.mark.django_db
def test_every_gauge_of_an_empty_company_is_zero() -> None:
    for reading in collectors.registered():
        if reading.name != "celery_queue_depth":
            # No run, no progress and no success: absent.
            absent = reading.name.startswith("billing_run") and reading.name != "billing_run_active"
            found = list(reading.load())
            assert bool(found) is not absent, reading.name
            assert {value for _, value in found} <= {0}, reading.name


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
