"""Migrated once, the tables are kept empty for every later beginning."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from billing_project.services.folder import Folder
from billing_project.services.fresh import KEPT, administering, databases, kept_name, prepare_and_keep, start_afresh
from billing_project.services.processes import CHECKOUT, Stack
from tests.services.conftest import Services


@dataclass(frozen=True)
class QuickStack(Stack):
    """Its migrations take no minute: one table of ours beside the one that Django keeps."""

    prepared: list[str] = field(default_factory=list)

    def prepare(self, show: Callable[[str], None]) -> None:
        show("migrating")
        self.prepared.append("once more")
        self.run("CREATE TABLE IF NOT EXISTS django_migrations (name text)")
        self.run("CREATE TABLE IF NOT EXISTS customer (name text)")

    def run(self, statement: str) -> None:
        with psycopg.connect(self.env["DATABASE_OWNER_URL"], autocommit=True) as owner:
            owner.execute(statement.encode())

    def customers(self) -> int:
        with psycopg.connect(self.env["DATABASE_OWNER_URL"]) as owner:
            row = owner.execute("SELECT count(*) FROM customer").fetchone()
        assert row is not None
        return int(row[0])

    def kept(self) -> list[str]:
        with administering(self.env["DATABASE_OWNER_URL"]) as owner:
            return [name for name in databases(owner) if name.startswith(KEPT)]


@pytest.fixture
def stack(services: Services) -> QuickStack:
    started = services.run("run", "--no-fsync")
    assert started.returncode == 0, started.stderr
    user, env = services.attach()
    user.communicate()
    return QuickStack(Folder(services.data), 0, env)


def quiet(text: str) -> None:
    assert text


def test_set_up_leaves_the_copy_that_every_demo_begins_with(stack: QuickStack) -> None:
    prepare_and_keep(stack, quiet)
    assert stack.kept() == [kept_name(CHECKOUT)]
    for _ in range(2):
        stack.run("INSERT INTO customer VALUES ('Ada')")
        start_afresh(stack, quiet)
        assert stack.customers() == 0
    assert stack.prepared == ["once more"]


def test_without_a_copy_it_migrates_and_keeps_one_in_place_of_older_ones(stack: QuickStack) -> None:
    prepare_and_keep(stack, quiet)
    stack.run("INSERT INTO customer VALUES ('Ada')")
    with administering(stack.env["DATABASE_OWNER_URL"]) as owner:
        owner.execute(f"ALTER DATABASE {kept_name(CHECKOUT)} RENAME TO {KEPT}of_older_code".encode())
    start_afresh(stack, quiet)
    assert (stack.customers(), len(stack.prepared)) == (0, 2)
    assert stack.kept() == [kept_name(CHECKOUT)]
    with psycopg.connect(stack.env["DATABASE_OWNER_URL"]) as owner:
        extensions = {row[0] for row in owner.execute("SELECT extname FROM pg_extension").fetchall()}
    assert {"btree_gist", "pg_trgm"} <= extensions


def test_a_database_that_has_rows_is_brought_up_to_date_and_never_kept(stack: QuickStack) -> None:
    stack.prepare(quiet)
    stack.run("INSERT INTO customer VALUES ('Ada')")
    prepare_and_keep(stack, quiet)
    assert (stack.customers(), stack.kept()) == (1, [])


def test_documents_of_the_last_demo_go(stack: QuickStack) -> None:
    shown = stack.folder.root / "demo" / "INV-1.pdf"
    shown.parent.mkdir()
    shown.write_bytes(b"%PDF")
    start_afresh(stack, quiet)
    assert not shown.exists()


def test_a_database_of_ones_own_is_not_emptied(services: Services) -> None:
    services.env["DATABASE_URL"] = "postgresql://me@127.0.0.1:1/mine"
    refused = services.run("fresh")
    assert refused.returncode == 2
    assert "database_is_yours" in refused.stderr
    assert "hint: run the demo without DATABASE_URL" in refused.stderr


def test_the_copys_name_follows_migrations_and_libraries(tmp_path: Path) -> None:
    migration = tmp_path / "apps" / "plans" / "migrations" / "0001_initial.py"
    libraries = tmp_path / "requirements" / "base.txt"
    for file in (migration, libraries):
        file.parent.mkdir(parents=True)
        file.write_text("1")
    names = {kept_name(tmp_path)}
    migration.write_text("2")
    names.add(kept_name(tmp_path))
    libraries.write_text("2")
    names.add(kept_name(tmp_path))
    migration.rename(migration.with_name("0002_named.py"))
    names.add(kept_name(tmp_path))
    assert len(names) == 4
