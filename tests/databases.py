"""Databases for tests: migrated once into a template, cloned in 0.1 s for each worker and for each test that commits.

`billing_template_<hash>`: the hash covers what makes the tables. A change makes a new one, old ones are dropped.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parents[1]


def with_name(url: str, name: str) -> str:
    """The same server and role, another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def owner_url() -> str:
    return os.environ.get("DATABASE_OWNER_URL") or os.environ["DATABASE_URL"]


def template() -> str:
    """The name of the migrated template, made now if it is not there."""
    with _lock("template"):
        whole = f"billing_template_{_digest(_files())}"
        names = _databases()
        if whole not in names:
            build(whole, ["prepare"])
            for name in names:
                if name.startswith("billing_template_") and not name.endswith("_new"):
                    _drop_if_idle(name)
    return whole


def clone(name: str) -> None:
    """A fresh database of that name, as the template is."""
    source = template()
    drop(name)
    with _lock("clone"), _admin() as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(source)
            )
        )


def drop(name: str) -> None:
    """Drop a database, ending whoever still holds it: each role may end its own sessions only."""
    for url in (os.environ["DATABASE_URL"], owner_url()):
        with psycopg.connect(with_name(url, "postgres"), autocommit=True, connect_timeout=5) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND usename = current_user",
                [name],
            )
    # Not WITH (FORCE): that would end an autovacuum worker too, which only a superuser may; a plain DROP waits for it.
    for _ in range(50):
        with _admin() as connection:
            try:
                connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
                return
            except psycopg.errors.ObjectInUse:
                time.sleep(0.1)
    raise RuntimeError(f"somebody holds on to the database {name}")


def build(name: str, *commands: list[str]) -> None:
    """Migrate into a database under a passing name, renamed when whole: a kill leaves nothing half made."""
    passing = f"{name}_new"
    drop(passing)
    with _admin() as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template1").format(sql.Identifier(passing)))
    environment = {
        **os.environ,
        "DATABASE_URL": with_name(os.environ["DATABASE_URL"], passing),
        "DATABASE_OWNER_URL": with_name(owner_url(), passing),
    }
    for command in commands:
        done = subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), *command],
            env=environment, cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"manage.py {' '.join(command)} failed:\n{done.stdout[-3000:]}\n{done.stderr[-6000:]}")
    with _admin() as connection:
        connection.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(passing), sql.Identifier(name))
        )


def _drop_if_idle(name: str) -> None:
    with _admin() as connection:
        try:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
        except psycopg.errors.ObjectInUse:
            return


def _databases() -> set[str]:
    with _admin() as connection:
        return {row[0] for row in connection.execute("SELECT datname FROM pg_database").fetchall()}


@contextmanager
def _admin() -> Iterator[psycopg.Connection]:
    with psycopg.connect(with_name(owner_url(), "postgres"), autocommit=True, connect_timeout=5) as connection:
        yield connection


@contextmanager
def _lock(name: str) -> Iterator[None]:
    folder = Path(os.environ["DATA"])
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _files() -> list[Path]:
    """What the tables depend on: the pinned versions, and what of ours makes them."""
    return [
        ROOT / "requirements" / "base.txt",
        *sorted(ROOT.glob("apps/*/migrations/*.py")),
        ROOT / "apps" / "kernel" / "operations.py",
        *sorted(ROOT.glob("apps/*/operations.py")),
        *sorted(ROOT.glob("apps/*/management/commands/grant.py")),
        *sorted(ROOT.glob("apps/*/management/commands/prepare.py")),
    ]


def _digest(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:12]
