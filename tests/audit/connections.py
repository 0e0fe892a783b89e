"""Connections beside Django's: the owner's and the application's, to the database that the test is in."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.db import connection

from tests import databases


@contextmanager
def as_owner() -> Iterator[psycopg.Connection]:
    """The owner of the tables; rolled back at the end."""
    with _connected(databases.owner_url()) as owner:
        yield owner


@contextmanager
def as_application() -> Iterator[psycopg.Connection]:
    """The application's role, without Django; rolled back at the end."""
    with _connected(os.environ["DATABASE_URL"]) as application:
        yield application


@contextmanager
def _connected(url: str) -> Iterator[psycopg.Connection]:
    name = connection.settings_dict["NAME"]
    other = psycopg.connect(databases.with_name(url, str(name)))
    try:
        yield other
        other.rollback()
    finally:
        other.close()
