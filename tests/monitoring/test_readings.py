"""Each gauge that is registered can be read from a real database and a real broker."""

import pytest
import redis
from django.conf import settings

from apps.monitoring import collectors, readings
from billing_project import celery


def test_the_queues_are_those_that_are_declared() -> None:
    assert readings.QUEUES == celery.QUEUES


@pytest.mark.django_db
def test_every_gauge_of_an_empty_company_is_zero() -> None:
    for reading in collectors.registered():
        if reading.name != "celery_queue_depth":
            assert list(reading.load()) == [([], 0)], reading.name


def test_queue_depth_is_what_waits_in_the_broker() -> None:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        before = {labels[0]: value for labels, value in readings.queue_depth()}
        assert before.keys() == set(celery.QUEUES)
        client.rpush("usage", "x")
        try:
            assert {labels[0]: value for labels, value in readings.queue_depth()}["usage"] == before["usage"] + 1
        finally:
            client.lrem("usage", 1, "x")
