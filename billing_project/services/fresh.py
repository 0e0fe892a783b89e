"""An empty, migrated database in place of the one there is: copied from one kept for each state of the migrations."""

import hashlib
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from billing_project.services.folder import Folder
from billing_project.services.postgresql import DATABASE
from billing_project.services.processes import CHECKOUT, Stack

KEPT = "billing_blank_"


def start_afresh(folder: Folder, env: Mapping[str, str], show: Callable[[str], None]) -> None:
    """Empty tables and an empty sandbox. Whatever serves on the folder has been stopped; needs our own PostgreSQL."""
    url = env["DATABASE_OWNER_URL"]
    kept = f"{KEPT}{digest(CHECKOUT)}"
    shutil.rmtree(folder.root / "demo", ignore_errors=True)
    with psycopg.connect(urlunsplit(urlsplit(url)._replace(path="/postgres")), autocommit=True) as owner:
        names = {row[0] for row in owner.execute("SELECT datname FROM pg_database").fetchall()}
        if kept in names:
            copy(owner, source=kept, target=DATABASE)
            return
        for old in (name for name in names if name.startswith(KEPT)):
            owner.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(old)))
        # template1 carries the grants, but not the extensions: both are trusted, so their owner may make them.
        copy(owner, source="template1", target=DATABASE)
        with psycopg.connect(url, autocommit=True) as inside:
            for extension in ("btree_gist", "pg_trgm"):
                inside.execute(sql.SQL("CREATE EXTENSION {}").format(sql.Identifier(extension)))
        Stack(folder, 0, env).prepare(show)
        copy(owner, source=DATABASE, target=kept)


def copy(owner: psycopg.Connection, *, source: str, target: str) -> None:
    """`target` as `source` is; whatever was in it is gone."""
    owner.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(target)))
    owner.execute(
        sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
            sql.Identifier(target), sql.Identifier(source)
        )
    )


def digest(checkout: Path) -> str:
    """What the tables depend on."""
    found = hashlib.sha256()
    for file in (*sorted(checkout.glob("apps/*/migrations/*.py")), *sorted(checkout.glob("apps/*/operations.py")),
                 checkout / "requirements" / "base.txt"):  # fmt: skip
        found.update(file.read_bytes())
    return found.hexdigest()[:12]
