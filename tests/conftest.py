"""Databases for tests, cloned from a migrated template. The services were started by tests/environment.py."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connections
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from apps.kernel.memory import settle
from tests import databases

# How long an example takes depends on what else the machine does; speed is what benchmarks measure.
settings.register_profile("ours", deadline=None)
settings.load_profile("ours")

TOGETHER = ("tests/browser/", "tests/scenarios/", "tests/invoices/test_einvoice.py")
"""What shares a browser, a platform or a Java machine, which take half a minute to start: one process runs it all."""


class Together(LoadScopeScheduling):
    """Each test to whoever is free, and all of a line of TOGETHER to the same process.

    pytest-xdist 3.8 has groups too (`xdist_group`), but writes them into an attribute that pytest 9.2 reads no more.
    """

    def _split_scope(self, nodeid: str) -> str:
        return next((place for place in TOGETHER if nodeid.startswith(place)), nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together:
    """Whatever `--dist` says."""
    return Together(config, log)


def pytest_collection_finish() -> None:
    """Thousands of tests are loaded: they need not be looked through for garbage while they run."""
    settle()


@pytest.fixture(autouse=True)
def _content_types_unknown() -> None:
    """Each test starts without what the process keeps of content types: what a page costs depends on no test before."""
    ContentType.objects.clear_cache()


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: pytest.FixtureRequest, worker_id: str) -> Iterator[None]:
    """This worker's own clone of the template, instead of Django's test database (whose role could alter tables)."""
    name = f"billing_test_{os.getpid()}_{worker_id}"
    databases.clone(name)
    with django_db_blocker.unblock():
        _point_to(name)
    yield
    with django_db_blocker.unblock():
        connections.close_all()
    databases.drop(name)


@pytest.fixture
def committed_db(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """A database of this test's own, in which commits are real; yields its application URL.

    For threads, subprocesses, kills and anything on_commit. Give subprocesses DATABASE_URL=<the url>.
    """
    name = f"billing_commit_{os.getpid()}_{abs(hash(request.node.nodeid)) % 10**8}"
    with committing(name, django_db_blocker) as url:
        yield url
    databases.drop(name)


@contextmanager
def committing(name: str, blocker: Any) -> Iterator[str]:
    """A fresh database of that name for this process, whoever was connected to the one before; its application URL."""
    before = connections["default"].settings_dict["NAME"]
    databases.clone(name)
    with blocker.unblock():
        _point_to(name)
        yield databases.with_name(os.environ["DATABASE_URL"], name)
        connections.close_all()
        _point_to(before)


def _point_to(name: str) -> None:
    connections.close_all()
    connections["default"].settings_dict["NAME"] = name
    connections.settings["default"]["NAME"] = name
