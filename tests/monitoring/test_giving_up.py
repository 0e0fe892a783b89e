"""A worker whose broker hung must not live on without taking anything: it ends, and is started anew."""

import logging
from collections.abc import Iterator

import pytest
from celery.platforms import EX_FAILURE
from celery.worker import state

from apps.monitoring import workers


@pytest.fixture
def listening() -> Iterator[logging.Logger]:
    logger = logging.getLogger("celery.worker.request")
    before, stop = list(logger.filters), state.should_stop
    workers.give_up_when_unacknowledged()
    yield logger
    logger.filters[:] = before
    state.should_stop = stop


def test_a_task_that_cannot_be_given_back_ends_the_worker(listening: logging.Logger) -> None:
    listening.critical("Couldn't ack %r, reason:%r", "tag", TimeoutError())
    assert state.should_stop == EX_FAILURE


def test_what_else_goes_wrong_with_a_task_does_not(listening: logging.Logger) -> None:
    listening.error("Task %s raised unexpected: %r", "t", ValueError())
    assert not state.should_stop
