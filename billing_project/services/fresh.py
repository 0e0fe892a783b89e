"""An empty, migrated database in place of the one there is: copied from one kept for each state of the migrations.

Migrating from nothing costs most of a minute of CPU, so whoever does it first, set-up or the demo, leaves a copy.
"""

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from billing_project.services.postgresql import DATABASE, EXTENSIONS
from billing_project.services.processes import CHECKOUT, Stack

KEPT = "billing_blank_"


def start_afresh(stack: Stack, show: Callable[[str], None]) -> None:
    """Empty tables and an empty sandbox. Whatever serves on the folder has been stopped; needs our own PostgreSQL."""
    shutil.rmtree(stack.folder.root / "demo", ignore_errors=True)
    url, kept = stack.env["DATABASE_OWNER_URL"], kept_name(CHECKOUT)
    with administering(url) as owner:
        if kept in databases(owner):
            copy(owner, source=kept, target=DATABASE)
            return
        # template1 carries the grants, but not the extensions: both are trusted, so their owner may make them.
        copy(owner, source="template1", target=DATABASE)
    with psycopg.connect(url, autocommit=True) as inside:
        for extension in EXTENSIONS:
            inside.execute(sql.SQL("CREATE EXTENSION {}").format(sql.Identifier(extension)))
    prepare_and_keep(stack, show)


def prepare_and_keep(stack: Stack, show: Callable[[str], None]) -> None:
    """Bring the tables up to date; those made just now, of nothing, are kept as a copy while they are empty."""
    url = stack.env["DATABASE_OWNER_URL"]
    was_bare = is_bare(url)
    stack.prepare(show)
    if was_bare:
        with administering(url) as owner:
            for old in (name for name in databases(owner) if name.startswith(KEPT)):
                owner.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(old)))
            copy(owner, source=DATABASE, target=kept_name(CHECKOUT))


def is_bare(url: str) -> bool:
    """Whether nothing was ever migrated there."""
    with psycopg.connect(url) as inside:
        return inside.execute("SELECT to_regclass('public.django_migrations')").fetchone() == (None,)


def administering(url: str) -> psycopg.Connection:
    """The owner, connected to no database that is copied."""
    return psycopg.connect(urlunsplit(urlsplit(url)._replace(path="/postgres")), autocommit=True)


def databases(owner: psycopg.Connection) -> list[str]:
    return [row[0] for row in owner.execute("SELECT datname FROM pg_database").fetchall()]


def copy(owner: psycopg.Connection, *, source: str, target: str) -> None:
    """`target` as `source` is; whatever was in it is gone."""
    owner.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(target)))
    owner.execute(
        sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
            sql.Identifier(target), sql.Identifier(source)
        )
    )


def kept_name(checkout: Path) -> str:
    """Says what its tables were made by: the pinned libraries and our migrations."""
    found = hashlib.sha256()
    for file in (*sorted(checkout.glob("apps/*/migrations/*.py")), *sorted(checkout.glob("apps/*/operations.py")),
                 checkout / "requirements" / "base.txt"):  # fmt: skip
        found.update(str(file.relative_to(checkout)).encode() + b"\0" + file.read_bytes() + b"\0")
    return f"{KEPT}{found.hexdigest()[:12]}"
